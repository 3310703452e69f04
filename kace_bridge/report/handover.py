"""What the next shift must know: the open tickets that want somebody, and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.clock import Reading
from kace_bridge.sla.duration import Level

SECTIONS: Mapping[str, str] = {
    "due": "Due soon or overdue",
    "reopened": "Re-opened",
    "escalated": "Escalated",
    "bounced": "Handed on too often",
    "outage": "Larger problems",
    "silent": "Waiting for the submitter",
    "unassigned": "Without an owner",
}
"""The parts of a hand-over in their order, with their headings."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A level of an escalation: to come (``at`` is when it falls due) or taken (when it was)."""

    rule: str
    level: str
    at: datetime
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One open ticket with its history; ``waits_for`` names clocks that a submitter stops.

    ``coming`` are the next levels, ``taken`` those of this episode that did something.
    """

    ticket: Ticket
    timeline: Sequence[Event]
    readings: Mapping[str, Reading]
    coming: Sequence[Mark] = ()
    taken: Sequence[Mark] = ()
    waits_for: frozenset[str] = frozenset()
    page: str = ""
    acknowledged_until: datetime | None = None
    bounced: tuple[str, datetime] | None = None
    """The way from team to team of a ticket that rules no longer move, and its last move."""
    children: int = 0
    """How many open tickets belong to it."""
    belongs_to: int | None = None
    """The open ticket it belongs to, for whose sake its escalations wait."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: a ticket and what about it; ``at`` sorts, the most urgent first."""

    ticket: int
    title: str
    owner: str
    what: str
    at: datetime
    page: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """The lines by section; ``open`` counts all tickets looked at."""

    now: datetime
    open: int
    sections: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)


def hand_over(cases: Sequence[Case], now: datetime, within: timedelta) -> Handover:
    """Sort *cases* into sections; a ticket stands in every one that concerns it.

    *within* is working time of each clock's own calendar.
    """
    found: dict[str, list[Item]] = {name: [] for name in SECTIONS}
    for case in cases:
        for name, what, at in _concerns(case, now, within):
            found[name].append(
                Item(
                    int(case.ticket.id), case.ticket.title,
                    case.ticket.owner.shown if case.ticket.owner else "", what, at, case.page,
                )
            )  # fmt: skip
    return Handover(
        now, len(cases),
        {name: tuple(sorted(items, key=lambda item: (item.at, item.ticket)))
         for name, items in found.items()},
    )  # fmt: skip


def _concerns(case: Case, now: datetime, within: timedelta) -> list[tuple[str, str, datetime]]:
    found: list[tuple[str, str, datetime]] = []
    due = sorted(_due(case, now, within), key=lambda pair: pair[1])
    if due:
        what, at = due[0]
        if case.acknowledged_until is not None and case.acknowledged_until > now:
            what += ", acknowledged"
        elif case.belongs_to is not None:
            what += f", part of #{case.belongs_to}"
        found.append(("due", what, at))
    reopenings = [event for event in case.timeline if event.kind is EventKind.REOPENED]
    if reopenings:
        times = "once" if len(reopenings) == 1 else f"{len(reopenings)} times"
        words = _note(case, reopenings[-1])
        note = f": {words}" if words else ""
        found.append(("reopened", f"re-opened {times}{note}", reopenings[-1].at))
    if case.taken:
        last = max(case.taken, key=lambda mark: mark.at)
        found.append(("escalated", f"{last.rule} {last.level}".strip(), last.at))
    if case.children:
        what = f"{case.children} open {'child' if case.children == 1 else 'children'}"
        found.append(("outage", what, case.ticket.created or now))
    if case.bounced is not None:
        found.append(("bounced", *case.bounced))
    for name in sorted(case.waits_for & case.readings.keys()):
        reading = case.readings[name]
        if reading.running and reading.since is not None:
            found.append(("silent", f"{case.ticket.value('status')}", reading.since))
            break
    if case.ticket.owner is None:
        found.append(("unassigned", f"{case.ticket.value('status') or 'new'}",
                      case.ticket.created or now))  # fmt: skip
    return found


def _note(case: Case, reopening: Event) -> str:
    """What was said with it; a note for owners stands in the comment of the same row."""
    same = (e.comment for e in case.timeline if e.cause == reopening.cause and e.comment)
    first = (reopening.comment or next(same, "")).partition("\n")[0]
    return first.partition(": ")[2] if first.startswith("Re-opened by ") else first


def _due(case: Case, now: datetime, within: timedelta) -> list[tuple[str, datetime]]:
    """Targets and levels that are past or fall due *within* that much working time."""
    found: list[tuple[str, datetime]] = []
    for name, reading in case.readings.items():
        if name in case.waits_for or not reading.running:
            continue
        target = reading.due(Level(fraction=1.0))
        if target is None:
            continue
        if target <= now:
            found.append((f"{name} overdue", target))
        elif reading.calendar.open_time(now, target) <= within:
            found.append((f"{name} due", target))
    for mark in case.coming:
        clock = case.readings.get(mark.clock)
        if clock is None or mark.clock in case.waits_for or mark.at <= now:
            continue
        if clock.calendar.open_time(now, mark.at) <= within:
            found.append((f"{mark.rule} {mark.level}", mark.at))
    return found
