"""Keeping in mind what a write of ours did, so that the next sync need not find it out."""

from collections.abc import Sequence

from kace_bridge.model.event import Event
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ticket import Ticket
from kace_bridge.state import Store
from kace_bridge.state.rows import DueRow, PageCommit, Snapshot
from kace_bridge.sync.verbs.authorship import authors_of, credit
from kace_bridge.sync.work import RETRY
from kace_bridge.sync.write import take_over

CLOCK_FIELDS = ("status", "state", "priority")
"""What clocks are read by: they run by status, and their targets differ by priority."""


def remember(
    store: Store, seen: Ticket | None, rows: Sequence[HistoryEntry], run: str, epoch: int | None
) -> Snapshot | None:
    """The snapshot to store with the outcome of a write; what we did joins the timeline.

    None where the ticket is not known, or where others were at it too: the next sync looks. So it
    does at a ticket with children, who are to hear of it, and where it may have got a parent. The
    events are written first and by their own keys: cut off in between, they are written again.
    """
    snapshot = store.snapshot(seen.id) if seen is not None else None
    if seen is None or snapshot is None:
        return None
    taken = take_over(snapshot, seen, rows)
    if taken is None:
        return None
    after, events = taken
    if any(map(_may_name_a_parent, events)) or store.children([seen.id]):
        return None
    events = credit(events, rows, authors_of(store, seen.id, rows))
    store.commit_page(PageCommit(run, events=events, due=_look_again(events), epoch=epoch))
    return after


def _may_name_a_parent(event: Event) -> bool:
    return any(change.field.startswith("custom_") for change in event.changes)


def _look_again(events: Sequence[Event]) -> tuple[DueRow, ...]:
    """Due now, where what we set may start, stop or shorten a clock.

    Nothing else would bring the ticket up again: to the next sync it has not moved.
    """
    moving = [event for event in events if any(map(event.change_of, CLOCK_FIELDS))]
    return tuple(DueRow(event.ticket, RETRY, 0, event.at) for event in moving[-1:])
