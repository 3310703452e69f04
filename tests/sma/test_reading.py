"""Reading the desk: tickets, histories, queues."""

import base64
from datetime import UTC, datetime

import pytest

from kace_bridge.errors import NotFound, Refused, UnexpectedReply
from kace_bridge.sandbox.faults import read_faults
from kace_bridge.sma import clause
from tests.sma.data import QUEUE, SECOND, ticket
from tests.support.desk import TICKETS


@pytest.mark.catalogue("A30")
def test_the_generation_is_found_by_asking(sma, kind):
    """No setting says which header family the appliance speaks."""
    assert sma.generation == kind[0]


def test_tickets_read_whole_with_names_and_people(sma):
    """One shaped row holds all that rules look at."""
    found = sma.tickets.get(41)
    assert found.title == "VPN drops"
    assert found.summary == "Every hour"
    assert found.status.name == "Opened"
    assert found.state == "opened"
    assert found.value("priority") == "High"
    assert found.value("category") == "Network"
    assert found.owner.email == "adiaz@example.org"
    assert found.submitter.user_name == "jdoe"
    assert found.value("queue") == "The K1000 Service Desk"
    assert found.created == datetime(2026, 3, 2, 14, 41, tzinfo=UTC)


@pytest.mark.parametrize("settings", [{}, {"unknown_ticket": "empty"}], ids=["404", "empty list"])
def test_an_unknown_ticket_is_not_found(sma):
    """A 404 and an empty list mean the same."""
    with pytest.raises(NotFound, match="no ticket 999, or hidden from 'admin'"):
        sma.tickets.get(999)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        pytest.param({}, [41, 42, 43, 44], id="every queue"),
        pytest.param({"queue": QUEUE}, [41, 42, 43], id="one queue"),
        pytest.param({"queue": [QUEUE, SECOND]}, [41, 42, 43, 44], id="two queues"),
        pytest.param(
            {"where": clause("status.state", "neq", "closed")}, [41, 43, 44], id="not closed"
        ),
        pytest.param(
            {"modified_since": datetime(2026, 3, 2, 15, 43, tzinfo=UTC)}, [41, 43, 44], id="instant"
        ),
        pytest.param({"modified_since": "2026-03-02 10:44:00"}, [41, 44], id="appliance date"),
        pytest.param({"where": clause("owner.user_name", "eq", "bkim")}, [42], id="by owner"),
        pytest.param({"where": clause("id", "gt", 9999)}, [], id="nothing"),
    ],
)
def test_lists_hold_what_was_asked_for_by_rising_id(sma, question, ids):
    """Queues, dates and filters together; ids rise."""
    assert [found.id for found in sma.tickets.list(**question)] == ids


@pytest.mark.parametrize("settings", [{}, {"page_limit": 3}], ids=["plain", "capped at three"])
def test_pages_give_every_ticket_once_whatever_their_size(sma, app):
    """Small pages, large pages and an appliance with a cap of its own agree."""
    app.load({"tickets": [ticket(number) for number in range(100, 130)]})
    for size in (1, 7, 34, 500):
        pages = list(sma.tickets.pages(queues=[QUEUE, SECOND], page_size=size))
        ids = [found.id for page in pages for found in page.tickets]
        assert ids == [41, 42, 43, 44, *range(100, 130)]
        assert [page.complete for page in pages][-1]
        assert sum(page.complete for page in pages) == 1


def test_a_page_can_be_resumed_after(sma):
    """after_id continues where last_id ended."""
    first = next(sma.tickets.pages(queues=[QUEUE], page_size=2))
    rest = list(sma.tickets.pages(queues=[QUEUE], after_id=first.last_id))
    assert [found.id for found in first.tickets] == [41, 42]
    assert [found.id for page in rest for found in page.tickets] == [43]


@pytest.mark.unless("page_limit")
def test_histories_come_inline_with_their_authors(sma, app):
    """Inline rows carry only user ids: the people are looked up once, together."""
    (page,) = sma.tickets.pages(queues=[QUEUE])
    created, commented = page.changes[41]
    assert created.author.user_name == "jdoe"
    assert commented.author.full_name == "Ana Diaz"
    assert commented.comment == "Looking & waiting"
    assert commented.owners_only
    assert "changes" not in page.tickets[0].record
    lookups = [entry for entry in app.requests if entry.path == "/api/users/users"]
    assert len(lookups) == 1
    list(sma.tickets.pages(queues=[QUEUE]))
    assert len([entry for entry in app.requests if entry.path == "/api/users/users"]) == 1


@pytest.mark.unless("page_limit")
def test_pages_without_histories_say_so(sma):
    """None, not an empty map: the caller has to ask for them."""
    (page,) = sma.tickets.pages(queues=[QUEUE], with_changes=False)
    assert page.changes is None
    assert page.server_time is not None


def test_a_history_is_read_after_the_last_known_row(sma):
    """Oldest first, with authors; rows up to `after` are left out."""
    created, commented = sma.tickets.history(41)
    assert (created.author.user_name, commented.author.user_name) == ("jdoe", "adiaz")
    assert sma.tickets.history(41, after=created.id) == (commented,)
    assert sma.tickets.history(41, after=commented.id) == ()
    with pytest.raises(NotFound):
        sma.tickets.history(999)


@pytest.mark.unless("page_limit")
def test_many_tickets_are_read_in_few_requests(sma, app):
    """450 to a request; those that do not exist are simply missing."""
    app.load({"tickets": [ticket(number) for number in range(1000, 1950)]})
    sma.login()
    sma.users.authors([10, 12])
    before = sma.requests_made
    tickets, changes = sma.tickets.get_many([*range(1000, 1950), 77777])
    assert sorted(tickets) == list(range(1000, 1950))
    assert changes.keys() == tickets.keys()
    assert sma.requests_made - before == 3
    assert sma.tickets.get_many([]) == ({}, {})
    assert sma.tickets.get_many([41], with_changes=False)[1] is None


@pytest.mark.unless("page_limit")
def test_fewer_numbers_go_into_a_request_a_server_finds_too_long(sma, app):
    """414: half as many from then on; nothing is left out, and one alone is refused as it is."""
    app.load({"tickets": [ticket(number) for number in range(1000, 1040)]})
    fault = {"match": {"method": "GET", "path": TICKETS}, "times": 2, "do": {"status": 414}}
    app.faults.extend(read_faults([fault]))
    tickets, _ = sma.tickets.get_many(range(1000, 1040))
    assert sorted(tickets) == list(range(1000, 1040))
    asked = [entry for entry in app.requests if entry.path == TICKETS]
    assert len(asked) == 2 + 4
    app.faults.extend(read_faults([fault]))
    with pytest.raises(Refused):
        sma.tickets.get_many([41])


def test_lists_can_carry_the_raw_history(sma):
    """with_changes leaves the rows in the record."""
    found = next(sma.tickets.list(queue=QUEUE, with_changes=True))
    assert len(found.record["changes"]) == 2


@pytest.mark.parametrize("question", [{"queues": []}, {"modified_since": "yesterday"}])
def test_a_question_that_makes_no_sense_is_refused(sma, question):
    """An empty list of queues must not mean every queue."""
    with pytest.raises(ValueError, match=r"no queue|not an appliance date"):
        next(sma.tickets.pages(**question))


def test_queues_are_listed_found_and_described(sma):
    """Names in any case; fields from either route agree on the title."""
    assert [queue.name for queue in sma.queues.list()] == ["The K1000 Service Desk", "Facilities"]
    assert sma.queues.list()[0].fields == ()
    assert sma.queues.find("facilities").id == SECOND
    assert sma.queues.get(SECOND).name == "Facilities"
    for fields in (sma.queues.list(with_fields=True)[0].fields, sma.queues.fields(QUEUE)):
        title = next(field for field in fields if field.key == "title")
        assert (title.label, title.required) == ("Title", "all")
    with pytest.raises(NotFound, match="no queue is named 'Faculty'; queues: 'The K1000"):
        sma.queues.find("Faculty")
    with pytest.raises(NotFound):
        sma.queues.get(99)


def test_a_custom_field_is_found_by_its_label(sma, app):
    """The key it has in tickets; a label that stands twice has to be told apart by the key."""
    shown = {"visible": "uservisible"}
    labels = {1: "Case", 2: "Twice", 3: "Twice"}
    fields = {f"custom_{n}": {**shown, "label": label} for n, label in labels.items()}
    app.load({"queues": [{"id": QUEUE, "fields": fields}]})
    assert sma.queues.field(QUEUE, "case").key == "custom_1"
    assert sma.queues.field(QUEUE, "CUSTOM_3").key == "custom_3"
    with pytest.raises(NotFound, match="several fields are labelled 'twice'"):
        sma.queues.field(QUEUE, "twice")
    with pytest.raises(NotFound, match="'Case'"):
        sma.queues.field(QUEUE, "Cas")


def test_a_template_holds_the_defaults_of_a_queue(sma):
    """A blank ticket, usable as a start."""
    assert sma.tickets.template(QUEUE)


def test_attachments_are_listed_and_read(sma, app):
    """Their numbers come from the history; the bytes are capped."""
    content = b"\x00\x01 not text"
    encoded = base64.b64encode(content).decode()
    change = {
        "timestamp": "2026-03-02 09:50:00",
        "user": "jdoe",
        "attachments": [{"file_name": "trace.bin", "content_base64": encoded}],
    }
    app.load({"tickets": [ticket(50, changes=[change])]})
    (file,) = sma.tickets.attachments(50)
    assert (file.file_name, file.size) == ("trace.bin", len(content))
    assert sma.tickets.attachment(50, file.change_id, file.id) == content
    assert sma.tickets.attachments(43) == ()
    with pytest.raises(UnexpectedReply, match="larger than"):
        sma.tickets.attachment(50, file.change_id, file.id, cap=3)
    with pytest.raises(NotFound):
        sma.tickets.attachment(50, file.change_id, 9999)
