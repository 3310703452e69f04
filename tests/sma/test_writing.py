"""Writing tickets."""

from datetime import UTC, datetime

import pytest

from kace_bridge.errors import NotFound, Refused, UnexpectedReply
from kace_bridge.sandbox.faults import read_faults
from tests.sma.data import QUEUE, SECOND


def writes(app) -> list[str]:
    return [entry.method for entry in app.requests if "/api/service_desk/tickets" in entry.path
            and entry.method != "GET"]  # fmt: skip


@pytest.mark.unless("update_verbs")
def test_fields_and_comment_travel_in_one_request(sma, app):
    """One request, one history row."""
    high = sma.names.resolve(QUEUE, "priority", "High")
    owner = sma.names.resolve(QUEUE, "owner", "BKIM")
    sma.tickets.update(
        43, {"priority": high, "owner": owner}, comment="Over to you", owners_only=True
    )
    after = sma.tickets.get(43)
    assert (after.value("priority"), after.value("owner")) == ("High", "bkim")
    entry = sma.tickets.history(43)[-1]
    assert (entry.comment, entry.owners_only) == ("Over to you", True)
    assert entry.author.user_name == "admin"
    assert writes(app) == ["PUT"]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a < b & c > d",
        "<script>alert(1)</script> [kb:7f3a9c21]",
        "two\nlines",
        "ünïcode ✓",
        "&amp; &lt;b&gt;",
    ],
)
def test_a_comment_reads_back_as_it_was_written(sma, text):
    """Markup in a comment is text, there and back."""
    sma.tickets.comment(43, text)
    entry = sma.tickets.history(43)[-1]
    assert entry.comment == text
    assert not entry.owners_only


def test_unassigning_clears_the_owner(sma):
    """Owner 0 is nobody."""
    sma.tickets.update(41, {"owner": 0})
    assert sma.tickets.get(41).owner is None


def test_closing_and_reopening_are_status_changes(sma):
    """Resolution and comment go with the status."""
    sma.tickets.close(43, sma.names.resolve(QUEUE, "status", "Closed"), "Fixed <b>it</b>", "Bye")
    closed = sma.tickets.get(43)
    assert (closed.state, closed.resolution) == ("closed", "Fixed <b>it</b>")
    assert sma.tickets.history(43)[-1].comment == "Bye"
    sma.tickets.reopen(43, sma.names.resolve(QUEUE, "status", "Opened"), "Back")
    assert sma.tickets.get(43).state == "opened"


def test_moving_needs_the_ids_of_the_other_queue(sma):
    """Names resolve per queue; ids of the old queue are refused by the appliance."""
    values = {
        name: sma.names.resolve(SECOND, name, sma.tickets.get(44).value(name))
        for name in ("status", "priority", "category", "impact")
    }
    sma.tickets.move(43, SECOND, values)
    assert sma.tickets.get(43).queue_id == SECOND
    with pytest.raises(Refused):
        sma.tickets.update(43, {"status": sma.names.resolve(QUEUE, "status", "Closed")})


def test_a_reference_makes_one_ticket_however_often_it_is_said(sma):
    """The same reference finds the first ticket."""
    values = {"hd_queue_id": QUEUE, "title": "EDR alert", "submitter": 12}
    first = sma.tickets.create(values, reference=("custom_1", "case-991"))
    assert sma.tickets.create(values, reference=("custom_1", "case-991")) == first
    assert sma.tickets.create(values, reference=("custom_1", "case-992")) != first
    assert sma.tickets.get(first).text("custom_1") == "case-991"


@pytest.mark.parametrize("settings", [{"custom_fields_in_lists": False}])
def test_a_reference_is_found_where_lists_hide_custom_fields(sma):
    """As 10.0 did: the ticket itself is looked at."""
    values = {"hd_queue_id": QUEUE, "title": "EDR alert"}
    first = sma.tickets.create(values, reference=("custom_1", "case-991"))
    assert sma.tickets.create(values, reference=("custom_1", "case-991")) == first


@pytest.mark.parametrize(
    "values", [{"title": "x"}, {"hd_queue_id": 1}, {"hd_queue_id": 1, "title": " "}]
)
def test_a_ticket_the_appliance_would_misread_is_not_sent(sma, app, values):
    """No queue, no title: the appliance would call it Untitled."""
    with pytest.raises(ValueError, match="a new ticket needs"):
        sma.tickets.create(values)
    assert writes(app) == []


def test_instants_are_written_as_appliance_dates(sma):
    """An aware datetime becomes local; a naive one is refused."""
    due = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
    sma.tickets.update(43, {"due_date": due, "is_manual_due_date": 1})
    assert sma.tickets.get(43).due_date == due
    with pytest.raises(ValueError, match="without a zone"):
        sma.tickets.update(43, {"due_date": datetime(2026, 3, 9)})  # noqa: DTZ001
    with pytest.raises(ValueError, match="nothing to update"):
        sma.tickets.update(43)


@pytest.mark.parametrize("settings", [{"update_verbs": "POST"}, {"update_verbs": "PUT"}])
def test_the_verb_the_appliance_takes_is_found(sma, app):
    """PUT first; POST after a 405, and from then on."""
    sma.tickets.update(43, {"title": "one"})
    sma.tickets.update(43, {"title": "two"})
    assert sma.tickets.get(43).title == "two"
    expected = ["PUT", "POST", "POST"] if app.settings.update_verbs == "POST" else ["PUT", "PUT"]
    assert writes(app) == expected


def test_writing_to_a_ticket_that_is_gone_is_not_found(sma):
    """404 is an answer, not an unknown outcome."""
    with pytest.raises(NotFound):
        sma.tickets.update(999, {"title": "x"})


@pytest.mark.unless("errors_in_200")
def test_an_account_that_may_only_read_is_refused(make, app):
    """The message says what right is missing."""
    app.load({"users": [{"id": 30, "user_name": "eye", "role": "readonly", "password": "look"}]})
    with make(username="eye", password="look") as sma:
        assert sma.users.me().helpdesk == "READ"
        with pytest.raises(Refused, match=r"refused \(403\).*may write in the service desk"):
            sma.tickets.update(43, {"title": "x"})


def test_approvals_and_work_use_their_own_routes(sma):
    """The approver approves, rejects and clears; work is logged."""
    sma.tickets.update(43, {"approver": 10})
    for verb, state in (
        ("approve", "approved"),
        ("reject", "rejected"),
        ("clear_approval", "none"),
    ):
        getattr(sma.tickets, verb)(43, "so be it")
        assert sma.tickets.get(43).record["approval_info"]["approve_state"] == state
    sma.tickets.add_work(43, "Looked into it")


@pytest.mark.unless("update_verbs")
def test_an_owners_only_note_is_read_back_on_demand(sma, app):
    """It is one comment, and it is hidden."""
    sma.tickets.comment(43, "Badge 7 &  <b>door</b>\nis stolen", owners_only=True, verify=True)
    assert [row.owners_only for row in sma.tickets.history(43) if row.comment] == [True]
    assert writes(app) == ["PUT"]


@pytest.mark.parametrize("settings", [{"owners_only_stored": False}])
def test_a_note_that_came_back_public_is_said(sma):
    """The caller must know at once that the submitter can read it."""
    with pytest.raises(UnexpectedReply, match="43 was stored as a public comment"):
        sma.tickets.comment(43, "Badge 7 is stolen", owners_only=True, verify=True)
    sma.tickets.comment(43, "Badge 8 is stolen", owners_only=True)


@pytest.mark.unless("update_verbs")
def test_a_note_that_does_not_come_back_is_said(sma, app):
    """Success of a write that changed nothing is not believed."""
    app.faults.extend(
        read_faults([{"match": {"method": "PUT"}, "do": {"ignore_fields": ["change"]}}])
    )
    with pytest.raises(UnexpectedReply, match="did not come back"):
        sma.tickets.comment(43, "Badge 7 is stolen", owners_only=True, verify=True)


@pytest.mark.unless("modified_moves_on_comment")
def test_the_ticket_changed_last_is_found(sma):
    """Of all queues; the age of it tells whether the zone is right."""
    assert sma.tickets.newest().id == 41
    sma.tickets.comment(44, "Now it is this one")
    assert sma.tickets.newest().id == 44
