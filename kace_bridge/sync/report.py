"""What one run did, in figures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kace_bridge.model.ids import TicketId
from kace_bridge.rules.decide import Conflict

Progress = Callable[[str, int], None]
"""Told the step's name and how many tickets or messages it has just finished."""


@dataclass(slots=True)
class SyncReport:
    """What one run did; counts of tickets unless the name says otherwise."""

    run: str = ""
    pulled: int = 0
    changed: int = 0
    decisions: int = 0
    applied: int = 0
    failed: int = 0
    unknown: int = 0
    messages: int = 0
    sent: int = 0
    requests: int = 0
    seconds: float = 0.0
    held: int = 0
    over: tuple[str, ...] = ()
    noop: int = 0
    waiting: int = 0
    waiting_until: datetime | None = None
    baseline: bool = False
    conflicts: list[Conflict] = field(default_factory=list)
    reasons: dict[TicketId, str] = field(default_factory=dict)
    undelivered: int = 0

    @property
    def exit_code(self) -> int:
        """4 when held for approval, 1 when some tickets failed, else 0."""
        if self.held:
            return 4
        return 1 if self.failed or self.conflicts else 0


def quiet(step: str, done: int) -> None:
    """A progress listener that does not listen."""
    del step, done


def counts(report: SyncReport) -> dict[str, object]:
    """The figures of a run as ``sync --json`` prints them."""
    names = ("pulled", "changed", "decisions", "applied", "failed", "unknown", "messages", "sent",
             "requests", "seconds", "held", "noop", "waiting", "undelivered")  # fmt: skip
    return {name: getattr(report, name) for name in names} | {"conflicts": len(report.conflicts)}
