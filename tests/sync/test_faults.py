"""An appliance that loses answers, lies, or is down: exactly one effect, or an honest failure."""

import pytest

from kace_bridge.errors import KaceBridgeError, LoginRefused, RetryLater, UnexpectedReply
from kace_bridge.sync.report import SyncReport
from tests.support.desk import TICKETS, Desk

WAITING = 4
"""Minutes that are longer than the settle window and a request together."""


def done_once(desk: Desk, ticket: int) -> bool:
    """One owner change, one mark, one receipt."""
    receipts = [subject for _, subject in desk.mails if f"[TICK:{ticket}]" in subject]
    return (desk.owner_changes(ticket), len(desk.marks(ticket)), len(receipts)) == (1, 1, 1)


def until_idle(desk: Desk, runs: int = 6) -> list[SyncReport]:
    """Syncs a settle window apart, until one has nothing left to wait for."""
    reports = []
    for _ in range(runs):
        desk.later(minutes=WAITING)
        reports.append(desk.sync())
        if not (reports[-1].waiting or reports[-1].applied or reports[-1].unknown):
            return reports
    raise AssertionError("the desk does not come to rest")


@pytest.mark.catalogue("A33")
@pytest.mark.parametrize(
    "lost",
    [
        pytest.param({"drop_after": True}, id="the connection breaks after it was applied"),
        pytest.param({"truncate": 5}, id="the answer is cut short"),
        pytest.param({"delay_s": 3600}, id="the answer does not come in time"),
    ],
)
def test_an_applied_write_whose_answer_is_lost_is_found_by_its_mark(desk: Desk, lost):
    """Unknown at first; the next sync looks, finds the mark, and repeats nothing."""
    ticket = desk.submit()
    desk.fail(**lost)
    report = desk.sync()
    assert (report.unknown, report.applied, desk.owner(ticket)) == (1, 0, "adiaz")
    desk.later(seconds=5)
    report = desk.sync()
    assert (report.applied, report.waiting, desk.puts) == (1, 0, [])
    assert done_once(desk, ticket)
    until_idle(desk)
    assert done_once(desk, ticket)


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param({"drop_before": True}, id="the connection breaks before anything happened"),
        pytest.param({"status": 500}, id="an error without effect"),
        pytest.param({"html": True}, id="a proxy's page with status 200"),
        pytest.param({"status": 502, "html": True}, id="a proxy's page with status 502"),
    ],
)
def test_a_write_that_did_not_happen_waits_out_the_window(desk: Desk, lost):
    """Nothing is sent again until it is sure that nothing can still come; then exactly once."""
    ticket = desk.submit()
    desk.fail(**lost)
    assert desk.sync().unknown == 1
    for _ in range(3):
        desk.later(minutes=1)
        report = desk.sync()
        assert (report.waiting, desk.puts) == (1, [])
        assert report.waiting_until is not None
    desk.later(minutes=1)
    desk.sync()
    assert desk.puts == [ticket]
    until_idle(desk)
    assert done_once(desk, ticket)


@pytest.mark.catalogue("A05")
def test_an_error_after_the_effect_is_no_failure(desk: Desk):
    """A 500 that was applied all the same is found by its mark, like any lost answer."""
    ticket = desk.submit()
    desk.answer_untruly(f"PUT {TICKETS}/{ticket}", 500)
    assert desk.sync().unknown == 1
    until_idle(desk)
    assert done_once(desk, ticket)


@pytest.mark.catalogue("A34")
def test_a_write_that_lands_late_lands_once(desk: Desk):
    """Accepted, answer lost, applied only later: waiting, then found; never doubled."""
    ticket = desk.submit()
    desk.fail(apply_late_s=3600)
    assert desk.sync().unknown == 1
    assert desk.owner(ticket) is None
    assert desk.sync().waiting == 1
    land_late_writes(desk)
    report = desk.sync()
    assert (report.applied, desk.puts) == (1, [])
    until_idle(desk)
    assert done_once(desk, ticket)


def test_the_message_of_a_lost_write_waits_for_the_truth(desk: Desk):
    """A nudge that tells of an escalation goes out once the escalation is proved, and once."""
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=24)
    desk.fail(drop_before=True)
    desk.sync()
    assert not any("calated" in subject for _, subject in desk.mails)
    until_idle(desk)
    assert desk.owner(ticket) in {"dlee", "epark"}
    assert sum("calated" in subject for _, subject in desk.mails) == 1


def test_a_ticket_the_appliance_cannot_save_for_hours_is_saved_after_them(desk: Desk):
    """Tries come at growing distances, and the first that works is the only one that counts."""
    ticket = desk.submit()
    desk.fail(status=500, times=None)
    tries = 0
    for _ in range(12):
        desk.sync()
        tries += len(desk.puts)
        desk.later(minutes=15)
    assert 3 <= tries <= 7
    desk.app.faults.clear()
    for _ in range(5):
        desk.later(minutes=15)
        desk.sync()
    assert done_once(desk, ticket)


def test_a_write_that_never_happens_is_given_up_in_the_end(desk: Desk):
    """After twelve tries, which take most of a day: it is said, and not sent for ever."""
    ticket = desk.submit()
    desk.fail(status=500, times=None)
    reports = []
    for _ in range(20):
        reports.append(desk.sync())
        desk.later(minutes=65)
    assert sum(report.failed for report in reports) == 1
    assert desk.owner(ticket) is None
    assert (desk.sync().applied, desk.puts) == (0, [])


@pytest.mark.catalogue("A35")
def test_a_success_that_changes_nothing_is_a_failure_and_no_loop(desk: Desk):
    """The appliance says yes and ignores the owner: told once, never put again."""
    ticket = desk.submit()
    desk.fail(ignore_fields=["owner"])
    report = desk.sync()
    assert (report.failed, report.exit_code) == (1, 1)
    assert "owner did not change" in report.reasons[ticket]
    for _ in range(3):
        desk.later(minutes=WAITING)
        assert desk.sync().exit_code == 0
        assert desk.puts == []


@pytest.mark.catalogue("A01")
@pytest.mark.parametrize("place", range(5))
def test_a_session_that_ends_is_begun_again(desk: Desk, place: int):
    """A 401 at any request costs one login; nothing is lost or doubled, no ticket is blamed."""
    tickets = [desk.submit() for _ in range(2)]
    desk.fail("", "/api/*", after=place, expire_session=True)
    report = desk.sync()
    assert (report.applied, report.failed) == (2, 0)
    assert all(done_once(desk, ticket) for ticket in tickets)


@pytest.mark.catalogue("A03")
def test_an_account_that_is_refused_stops_the_run(desk: Desk):
    """One attempt, exit code 77, nothing lost: the next run does the work."""
    ticket = desk.submit()
    password, desk.environ["KACE_PASSWORD"] = desk.environ["KACE_PASSWORD"], "wrong"
    with pytest.raises(LoginRefused) as refused:
        desk.sync()
    assert refused.value.exit_code == 77
    assert sum("security/login" in name for name in desk.requests) == 1
    desk.environ["KACE_PASSWORD"] = password
    desk.sync()
    assert done_once(desk, ticket)


@pytest.mark.parametrize(
    "down",
    [
        pytest.param({"status": 503}, id="503"),
        pytest.param({"status": 429, "headers": {"Retry-After": "900"}}, id="429, come back later"),
        pytest.param({"drop_before": True}, id="no answer"),
        pytest.param({"html": True}, id="a proxy's page"),
        pytest.param({"truncate": 20}, id="a cut list"),
    ],
)
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_appliance_that_is_down_loses_nothing(desk: Desk, down, after: int):
    """Whichever list fails, the run ends with 75; the next one does what is left, once."""
    desk.config["appliance"]["page_size"] = 2
    tickets = [desk.submit() for _ in range(4)]
    desk.fail("GET", TICKETS, after=after, times=None, **down)
    with pytest.raises((RetryLater, UnexpectedReply)) as stopped:
        desk.sync()
    assert stopped.value.exit_code == 75
    desk.app.faults.clear()
    desk.later(minutes=15)
    until_idle(desk)
    assert all(done_once(desk, ticket) for ticket in tickets)


def test_a_throttled_write_is_tried_by_the_next_run(desk: Desk):
    """429 to a write: surely not applied, so the run ends with 75 and the next one goes on."""
    tickets = [desk.submit() for _ in range(3)]
    desk.fail(after=1, status=429)
    with pytest.raises(RetryLater):
        desk.sync()
    desk.later(minutes=1)
    desk.sync()
    assert desk.puts == tickets[1:]
    assert all(done_once(desk, ticket) for ticket in tickets)


def test_writes_of_a_run_that_broke_off_are_settled_by_the_next(desk: Desk):
    """Three written, none read back: the next run finds the marks and writes only the rest."""
    tickets = [desk.submit() for _ in range(4)]
    desk.fail("PUT", f"{TICKETS}/{tickets[3]}", status=429)
    with pytest.raises(RetryLater):
        desk.sync()
    desk.later(seconds=10)
    report = desk.sync()
    assert desk.puts == [tickets[3]]
    assert report.applied == 4
    assert all(done_once(desk, ticket) for ticket in tickets)


@pytest.mark.catalogue("A02")
@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_a_refused_write_is_a_failure_with_the_appliances_words(desk: Desk, status: int):
    """The one ticket fails, with the reason; the others go on; it is not put again."""
    refused, kept = desk.submit(), desk.submit()
    desk.fail(path=f"{TICKETS}/{refused}", status=status)
    report = desk.sync()
    assert (report.failed, report.applied) == (1, 1)
    assert f"Scripted fault {status}" in report.reasons[refused]
    assert done_once(desk, kept)
    desk.later(minutes=1)
    desk.sync()
    assert desk.puts == []


def test_one_ticket_in_doubt_does_not_stop_the_others(desk: Desk):
    """While one waits, new tickets are routed and nothing more is sent for that one."""
    doubtful = desk.submit()
    desk.fail(drop_before=True)
    desk.sync()
    desk.later(minutes=1)
    desk.edit("jdoe", doubtful, "vpn too", status=2)
    other = desk.submit()
    desk.sync()
    assert desk.puts == [other]
    assert done_once(desk, other)


def test_a_ticket_deleted_while_in_doubt_is_gone(desk: Desk):
    """After the window there is nothing to look at: failed as gone."""
    ticket = desk.submit()
    desk.fail(drop_before=True)
    desk.sync()
    desk.delete(ticket)
    desk.later(minutes=WAITING)
    assert desk.sync().failed == 1
    assert desk.puts == []


@pytest.mark.catalogue("A37")
def test_a_person_who_acts_while_a_write_is_in_doubt_is_not_overruled(desk: Desk):
    """The lost write never happened and somebody took the ticket: it stays theirs."""
    ticket = desk.submit()
    desk.fail(drop_before=True)
    desk.sync()
    desk.later(minutes=1)
    desk.edit("cwong", ticket, "mine", owner="cwong")
    until_idle(desk)
    assert desk.owner(ticket) == "cwong"
    assert desk.marks(ticket) == []


@pytest.mark.catalogue("A08")
def test_a_list_that_comes_back_empty_is_not_believed(desk: Desk):
    """Tickets planned a moment ago that all seem gone: the run stops, nothing is given up."""
    tickets = [desk.submit() for _ in range(8)]
    desk.fail("GET", TICKETS, after=1, times=None, body={"Count": 0, "Tickets": []})
    with pytest.raises(KaceBridgeError) as stopped:
        desk.sync()
    assert stopped.value.exit_code == 75
    desk.app.faults.clear()
    until_idle(desk)
    assert all(done_once(desk, ticket) for ticket in tickets)


@pytest.mark.parametrize(
    "fault",
    [{"drop_after": True}, {"drop_before": True}, {"status": 500}, {"truncate": 3}, {"html": True}],
    ids=str,
)
@pytest.mark.parametrize("place", [0, 3])
def test_any_fault_at_any_write_ends_with_exactly_one_effect(desk: Desk, fault, place: int):
    """Four tickets, one fault: after the window each has one owner change, mark and receipt."""
    tickets = [desk.submit() for _ in range(4)]
    desk.fail(after=place, **fault)
    desk.sync()
    until_idle(desk)
    assert all(done_once(desk, ticket) for ticket in tickets)


def land_late_writes(desk: Desk) -> None:
    """Let the appliance do now what it has accepted."""
    desk.app._late = [type(late)(0.0, late.apply) for late in desk.app._late]


def test_a_message_waits_for_every_part_of_its_decision(desk: Desk):
    """One part found done, the other in doubt: the message goes out once that is settled."""
    desk.config["classify"] = [
        {"id": "rush", "event": "created",
         "then": {"set": {"priority": "High"}, "comment": {"text": "In a hurry"},
                  "notify": {"to": ["gcho"], "template": "nudge"}}},
    ]  # fmt: skip
    desk.config["route"] = []
    ticket = desk.submit()
    desk.before(f"GET {TICKETS}", 2, lambda: desk.edit("cwong", ticket, priority=2))
    desk.fail(drop_before=True)
    assert desk.sync().unknown == 1
    assert not any("reminder" in subject for _, subject in desk.mails)
    until_idle(desk)
    assert sum("reminder" in subject for _, subject in desk.mails) == 1


@pytest.mark.catalogue("A36")
def test_a_write_carried_out_in_part_is_completed_and_not_repeated(desk: Desk):
    """The owner was set, the comment and the answer were lost: only the comment is sent again."""
    desk.config["classify"].append(
        {"id": "hello", "event": "created", "then": {"comment": {"text": "Hello", "public": True}}}
    )
    ticket = desk.submit()
    desk.fail(drop_before=True)
    desk.sync()
    desk.edit("epark", ticket, owner="adiaz")  # what is left of our write: one of its fields
    until_idle(desk)
    said = [row.get("comment") or "" for row in desk.ticket(ticket)["changes"]]
    assert sum("Hello" in text for text in said) == 1
    assert (desk.owner(ticket), desk.owner_changes(ticket)) == ("adiaz", 1)


@pytest.mark.catalogue("A36")
def test_a_success_that_lost_the_comment_is_looked_at_and_completed(desk: Desk):
    """The answer was yes and the owner is set, but no comment came: it is sent again, alone."""
    desk.config["classify"].append(
        {"id": "hello", "event": "created", "then": {"comment": {"text": "Hello", "public": True}}}
    )
    ticket = desk.submit()
    desk.lose_comment()
    assert desk.sync().unknown == 1
    until_idle(desk)
    said = [row.get("comment") or "" for row in desk.ticket(ticket)["changes"]]
    assert sum("Hello" in text for text in said) == 1
    assert (desk.owner(ticket), desk.owner_changes(ticket)) == ("adiaz", 1)
