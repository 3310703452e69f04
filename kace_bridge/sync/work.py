"""What judging a page of tickets comes to, before anything of it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Conflict
from kace_bridge.state.rows import DueRow, Snapshot

RETRY = "retry"
"""The rule name of a due row that only asks to look at a ticket again."""
RETRY_AFTER = timedelta(minutes=15)


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
