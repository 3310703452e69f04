"""Where a ticket stood at each point of its history: status, state and owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket

_STATE_BEFORE = {EventKind.CLOSED: "opened", EventKind.REOPENED: "closed"}
"""The state before an event that need not name it: known only by a net below the history."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A ticket's place at one moment; None where unknown or nobody."""

    status: str | None
    state: str | None
    owner: str | None


def first_situation(
    ticket: Ticket, timeline: Sequence[Event], *, with_owner: bool = True
) -> Situation:
    """How the ticket began: what its first change replaced, or what it still has.

    Without *with_owner* the owner is not looked up: a sync reads many clocks that never ask.
    """
    present = ticket.status
    status: str | None = present.name if present else None
    state: str | None = present.state if present else None
    owner = ticket.value("owner") if with_owner else None
    if not timeline:
        return Situation(status, state, owner)
    found: dict[str, str | None] = {}
    for event in timeline:
        for change in event.changes:
            found.setdefault(change.field, change.before)
        if event.kind in _STATE_BEFORE:
            found.setdefault("state", _STATE_BEFORE[event.kind])
    return Situation(
        found.get("status", status), found.get("state", state), found.get("owner", owner)
    )


def situation_after(before: Situation, event: Event) -> Situation:
    """The ticket's place once *event* has happened."""
    if not event.changes and event.kind not in _STATE_BEFORE:
        return before
    after = {change.field: change.after for change in event.changes}
    if event.kind is EventKind.CLOSED:
        after.setdefault("state", "closed")
    elif event.kind is EventKind.REOPENED and before.state == "closed":
        after.setdefault("state", "opened")
    return Situation(
        status=after.get("status", before.status),
        state=after.get("state", before.state),
        owner=after.get("owner", before.owner),
    )
