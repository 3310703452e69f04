"""Which of several rows made a change: who closed, who re-opened, and what came after."""

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sync.detect import Detected, Known, Watcher, detect
from tests.support.make import MORNING, make_row, make_ticket


def watcher() -> Watcher:
    return Watcher({"bkim"}.__contains__, author_of, {})


def author_of(row: HistoryEntry) -> str | None:
    return row.author.user_name if row.author else None


def known(ticket: Ticket) -> Known:
    return Known(ticket, ChangeId(1), 0)


def kinds(found: Detected) -> list[EventKind]:
    return [event.kind for event in found.events]


def only(found: Detected, kind: EventKind) -> Event:
    (event,) = (event for event in found.events if event.kind is kind)
    return event


def test_a_reopening_is_by_who_reopened_not_by_who_answered_next():
    """A reply between the re-opening and the sync is a reply to it, and comes after it."""
    rows = [
        make_row(2, comment="It happens again", description='Changed "Closed" to "Reopened".'),
        make_row(3, comment="Looking", author="bkim"),
    ]
    found = detect(
        known(make_ticket(status="Closed")), make_ticket(status="Reopened"), rows, watcher()
    )
    reopened = only(found, EventKind.REOPENED)
    assert (reopened.cause, reopened.author, reopened.comment) == (
        "row:2", "jdoe", "It happens again",
    )  # fmt: skip
    assert kinds(found) == [
        EventKind.COMMENTED, EventKind.CHANGED, EventKind.REOPENED, EventKind.COMMENTED,
    ]  # fmt: skip


def test_work_done_on_a_reopened_ticket_does_not_become_its_reopening():
    """Of several rows that changed fields, the first is the re-opening: the rest came after."""
    rows = [
        make_row(2, comment="It happens again", description='Changed "Closed" to "Reopened".'),
        make_row(3, comment="Which one?", author="bkim", description='Changed "Reopened" to ...'),
    ]
    found = detect(
        known(make_ticket(status="Closed")), make_ticket(status="Need More Info"), rows, watcher()
    )
    assert only(found, EventKind.REOPENED).author == "jdoe"
    assert found.events[-1].comment == "Which one?"


def test_thanks_for_the_closing_are_not_the_closing():
    """A row that only carries a comment changed nothing, so it is not taken for the change."""
    rows = [
        make_row(2, comment="Solved", author="bkim", description='Changed "Opened" to "Closed".'),
        make_row(3, comment="Thank you!"),
    ]
    found = detect(
        known(make_ticket(status="Opened")), make_ticket(status="Closed"), rows, watcher()
    )
    closed = only(found, EventKind.CLOSED)
    assert (closed.cause, closed.author, closed.comment) == ("row:2", "bkim", "Solved")


def test_the_thanks_are_not_the_closing_of_a_ticket_first_seen_closed_either():
    """Opened, closed and thanked for within one interval: closed by the engineer."""
    rows = [
        make_row(1, description="Ticket Created"),
        make_row(2, comment="Solved", author="bkim", description='Changed "New" to "Closed".'),
        make_row(3, comment="Thank you!"),
    ]
    found = detect(None, make_ticket(status="Closed"), rows, watcher())
    assert only(found, EventKind.CLOSED).author == "bkim"


def test_rows_of_one_second_keep_their_order():
    """Stamps have seconds only: within one, rows are told by their numbers."""
    rows = [
        make_row(2, at=MORNING, comment="Again", description='Changed "Closed" to "Reopened".'),
        make_row(3, at=MORNING, comment="Looking", author="bkim"),
    ]
    found = detect(
        known(make_ticket(status="Closed")), make_ticket(status="Reopened"), rows, watcher()
    )
    assert [event.cause for event in found.events] == ["row:2", "row:2", "row:2", "row:3"]
