"""What judging a page of tickets comes to, before anything of it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Conflict
from kace_bridge.state.rows import DueRow, Snapshot

RETRY = "retry"
"""The rule name of a due row that only asks to look at a ticket again."""
RETRY_AFTER = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
QUARANTINE = 3
"""After so many faults in a row a ticket counts as poison: its waits grow, others go on."""
STUMBLES = 5
"""So many tickets in a row that the appliance stumbles over are no fault of theirs."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one page comes to. ``failures`` are tickets that could not be judged, with reasons;
    ``others`` are those that did not move but heard of their parent.
    """

    pulled: int = 0
    snapshots: tuple[Snapshot, ...] = ()
    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()
    due: tuple[DueRow, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    failures: Mapping[TicketId, str] = field(default_factory=dict)
    others: tuple[Ticket, ...] = ()


def put_off(ticket: TicketId, before: DueRow | None, now: datetime, why: str) -> Work:
    """A ticket that could not be judged, put off already as *before* says: looked at again later.

    15 minutes after the first fault, twice as long after each further look, a day at most. The
    number of looks is kept as the level of the due row; a success ends it.
    """
    if before is not None and before.at > now:
        row = before  # seen in passing: that is not the look it was put off to
    else:
        faults = before.level + 1 if before is not None else 1
        at = now + min(RETRY_AFTER * 2 ** min(faults - 1, 16), LONGEST)
        row = DueRow(ticket, RETRY, faults, at)
    if row.level >= QUARANTINE:
        why += f" (fault {row.level} in a row: next look {row.at:%F %H:%M} UTC)"
    return Work(due=(row,), failures={ticket: why})


def stops_the_run(error: Exception) -> bool:
    """Whether *error* is about more than one ticket. A broken template is not."""
    return getattr(error, "exit_code", 1) >= 75 and type(error).__name__ != "TemplateFailed"


def together(works: Iterable[Work], pulled: int, others: tuple[Ticket, ...] = ()) -> Work:
    """One piece of work out of many."""
    works = list(works)
    failures: dict[TicketId, str] = {}
    for work in works:
        failures.update(work.failures)
    return Work(
        pulled=pulled,
        snapshots=tuple(item for work in works for item in work.snapshots),
        events=tuple(item for work in works for item in work.events),
        decisions=tuple(item for work in works for item in work.decisions),
        due=tuple(item for work in works for item in work.due),
        conflicts=tuple(item for work in works for item in work.conflicts),
        failures=failures,
        others=others,
    )
