"""What engineers ask for at a terminal: done once, on record, in their name."""

from collections.abc import Callable
from typing import Any

import pytest

from kace_bridge.errors import RetryLater, UsageError
from kace_bridge.sync.verbs import tickets as verbs
from kace_bridge.sync.verbs.wish import CommandResult
from tests.support.desk import Desk

Verb = Callable[..., list[CommandResult]]


def run(desk: Desk, verb: Verb, *ids: int, person: str = "bkim", **given: Any) -> CommandResult:
    """One command on tickets; the result for the first."""
    desk.app.requests.clear()
    with desk.bridge() as bridge:
        return verb(bridge, ids, person=person, **given)[0]


def said(desk: Desk, ticket: int) -> tuple[str, int]:
    """The latest comment, and whether it is for owners only."""
    row = [row for row in desk.ticket(ticket)["changes"] if row.get("comment")][-1]
    return str(row["comment"]), int(row.get("owners_only") or 0)


@pytest.fixture
def ticket(desk: Desk) -> int:
    """A ticket a sync has routed to adiaz."""
    number = desk.submit()
    desk.sync()
    desk.later(minutes=10)
    return number


def test_assign_gives_a_ticket_to_a_person(desk: Desk, ticket: int):
    """One write, with who and why for owners only, and a link to the page."""
    result = run(desk, verbs.assign, ticket, to="CWong", reason="knows mice")
    assert (result.state, desk.owner(ticket), desk.puts) == ("applied", "cwong", [ticket])
    comment, hidden = said(desk, ticket)
    assert "Assigned to Cwong by bkim: knows mice" in comment
    assert hidden == 1
    assert result.page == f"https://kace.example.org/adminui/ticket.php?ID={ticket}"


def test_take_makes_it_mine_once(desk: Desk, ticket: int):
    """The second time there is nothing to do, and nothing is written."""
    assert run(desk, verbs.take, ticket).after == {"owner": "bkim"}
    again = run(desk, verbs.take, ticket)
    assert (again.state, again.reason, desk.puts) == ("nothing", "you have it already", [])


def test_take_wants_a_user_of_the_appliance(desk: Desk, ticket: int):
    """The name of a machine account is no owner."""
    with pytest.raises(UsageError, match="'root' is no user of the appliance: add --as"):
        run(desk, verbs.take, ticket, person="root")


def test_ask_is_a_public_comment_and_a_waiting_status(desk: Desk, ticket: int):
    """The submitter reads the question with the engineer's name."""
    result = run(desk, verbs.ask, ticket, text="Which room is it?")
    assert result.after == {"status": "Need More Info"}
    assert desk.ticket(ticket)["status"] == "Need More Info"
    comment, hidden = said(desk, ticket)
    assert comment.startswith("Which room is it?\n-- Bkim")
    assert hidden == 0


def test_a_public_comment_is_a_first_answer(desk: Desk, ticket: int):
    """The bridge's account wrote it, an engineer said it: the respond clock stops."""
    run(desk, verbs.note, ticket, text="I bring you a new one.", public=True)
    for _ in range(4):
        desk.later(hours=8)
        desk.sync()
    assert [to for to, _ in desk.mails] == ["jdoe@example.org"]


def test_a_first_answer_counts_with_a_reply_in_between(desk: Desk, ticket: int):
    """The next sync finds both rows, and still knows whose words they were."""
    desk.edit("jdoe", ticket, "any news?")
    run(desk, verbs.note, ticket, text="I bring you a new one.", public=True)
    for _ in range(4):
        desk.later(hours=8)
        desk.sync()
    assert [to for to, _ in desk.mails] == ["jdoe@example.org"]


def test_a_note_for_colleagues_is_no_answer(desk: Desk, ticket: int):
    """Owners-only, and the clock goes on."""
    run(desk, verbs.note, ticket, text="any mice left?")
    comment, hidden = said(desk, ticket)
    assert "Note by bkim: any mice left?" in comment
    assert hidden == 1
    desk.later(hours=30)
    desk.sync()
    assert len(desk.mails) > 1


def test_close_writes_the_resolution_and_tells_the_submitter_once(desk: Desk, ticket: int):
    """Status, resolution and comment in one request; the closing mail by the site's own rule."""
    result = run(desk, verbs.close, ticket, resolution="New <batteries>.\nTested.")
    assert (result.state, desk.puts) == ("applied", [ticket])
    assert desk.ticket(ticket)["status"] == "Closed"
    assert desk.ticket(ticket)["resolution"] == "New &lt;batteries&gt;.<br>Tested."
    assert result.after["resolution"] == "New <batteries>.\nTested."
    desk.later(minutes=5)
    desk.sync()
    closing = f"[TICK:{ticket}] Ticket #{ticket} has been closed."
    assert [subject for _, subject in desk.mails].count(closing) == 1


def test_a_closed_ticket_is_not_closed_again(desk: Desk, ticket: int):
    """Nothing to do is no failure."""
    run(desk, verbs.close, ticket, resolution="New batteries.")
    again = run(desk, verbs.close, ticket, resolution="Once more.")
    assert (again.state, desk.puts) == ("nothing", [])


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param("Opened", "means opened, not closed", id="a status that does not close"),
        pytest.param("Clsed", "--status", id="a name the queue does not have"),
    ],
)
def test_close_refuses_a_status_that_is_not_one(desk: Desk, ticket: int, status: str, reason: str):
    """The cure is named, nothing is written."""
    result = run(desk, verbs.close, ticket, resolution="Done", status=status)
    assert result.state == "failed"
    assert reason in result.reason
    assert desk.puts == []


def test_reopen_says_why_and_alerts_the_owner_once(desk: Desk, ticket: int):
    """The alert carries the note though it is for owners only; a later sync adds none."""
    run(desk, verbs.close, ticket, resolution="New batteries.")
    desk.later(minutes=5)
    desk.sync()
    desk.later(minutes=5)
    result = run(desk, verbs.reopen, ticket, text="dark again, says the caller")
    assert (result.state, desk.ticket(ticket)["status"]) == ("applied", "Reopened")
    assert said(desk, ticket)[1] == 1
    desk.later(minutes=5)
    desk.sync()
    alerts = [path.read_text() for path in (desk.folder / "mail").glob("*.eml")
              if "To: Adiaz" in path.read_text() and "dark again" in path.read_text()]  # fmt: skip
    assert len(alerts) == 1


def test_reopening_is_counted_once(desk: Desk, ticket: int):
    """One re-opening on the timeline, by the person who asked for it."""
    run(desk, verbs.close, ticket, resolution="New batteries.")
    run(desk, verbs.reopen, ticket, text="dark again")
    desk.later(minutes=5)
    desk.sync()
    with desk.bridge() as bridge:
        events = bridge.store.timelines([ticket])[ticket]
    assert [event.author for event in events if event.kind == "reopened"] == ["bkim"]


@pytest.mark.parametrize(
    ("verb", "given", "state"),
    [
        pytest.param(verbs.reopen, {"text": "why"}, "nothing", id="open: not to be re-opened"),
        pytest.param(verbs.close, {"resolution": "x"}, "planned", id="a rehearsal of closing"),
        pytest.param(verbs.ask, {"text": "x"}, "planned", id="a rehearsal of asking"),
    ],
)
def test_nothing_is_written(desk: Desk, ticket: int, verb: Verb, given: dict[str, Any], state: str):
    """Neither to the appliance nor to the ledger."""
    with desk.bridge() as bridge:
        before = bridge.store.decisions()
    assert run(desk, verb, ticket, dry_run=True, **given).state == state
    assert desk.puts == []
    with desk.bridge() as bridge:
        assert bridge.store.decisions() == before


def test_a_question_on_a_closed_ticket_is_refused(desk: Desk, ticket: int):
    """Nobody would look for it there."""
    run(desk, verbs.close, ticket, resolution="New batteries.")
    result = run(desk, verbs.ask, ticket, text="Does it work?")
    assert (result.state, result.reason) == ("failed", "it is closed: re-open it first")


def test_unseen_tickets_are_no_obstacle(desk: Desk):
    """Closed on the first call, before any sync: greeted and told of the closing all the same."""
    ticket = desk.submit()
    assert run(desk, verbs.close, ticket, resolution="Plugged it in.").state == "applied"
    desk.later(minutes=5)
    desk.sync()
    assert desk.ticket(ticket)["status"] == "Closed"
    assert len(desk.mails) == 2


def test_escalating_to_several_tells_the_others(desk: Desk, ticket: int):
    """The first becomes owner; each of the others gets one mail and stands in the comment."""
    result = run(desk, verbs.escalate, ticket, to="network", also=("css", "cwong"), reason="fire")
    assert result.after == {"owner": "gcho"}
    assert "Client Service Specialists, Cwong told: fire" in said(desk, ticket)[0]
    told = {to for to, subject in desk.mails if "Escalated" in subject}
    assert told == {"dlee@example.org", "epark@example.org", "cwong@example.org"}
    desk.later(minutes=5)
    desk.sync()
    assert sum("Escalated" in subject for _, subject in desk.mails) == 3


def test_what_failed_may_be_asked_for_again(desk: Desk, ticket: int):
    """A refusal of the appliance is final for that try only."""
    desk.fail(status=400)
    assert run(desk, verbs.note, ticket, text="hello").state == "failed"
    desk.app.faults.clear()
    assert run(desk, verbs.note, ticket, text="hello").state == "applied"


def test_a_command_that_could_not_be_sent_is_not_doubled(desk: Desk, ticket: int):
    """The appliance was busy: repeating the command carries the same one out."""
    desk.fail(status=429)
    with pytest.raises(RetryLater, match="slow down"):
        run(desk, verbs.note, ticket, text="hello")
    desk.app.faults.clear()
    assert run(desk, verbs.note, ticket, text="hello").state == "applied"
    rows = desk.ticket(ticket)["changes"]
    assert sum("hello" in (row.get("comment") or "") for row in rows) == 1
