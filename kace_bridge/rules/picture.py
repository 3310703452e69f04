"""What goes into a deliberation about one ticket, and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.clocks import Due
from kace_bridge.rules.evaluate import Judgement
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import Rule

ALREADY = "already decided"
"""Why a rule that matches does nothing: its decision is in the ledger."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known about one ticket when it is decided.

    ``events`` are the new ones, oldest first; ``timeline`` everything, they included. ``done``
    holds the ids of decisions already taken. ``states`` maps status names to states, so that a
    planned status reads right in later phases.
    """

    ticket: Ticket
    now: datetime
    desk: Desk
    before: Ticket | None = None
    events: Sequence[Event] = ()
    timeline: Sequence[Event] = ()
    episode: int = 0
    done: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)
    parent: Ticket | None = None
    """The ticket this one belongs to; its events among ``events`` carry its number."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of one rule for this ticket: for ``explain``."""

    rule: Rule
    fired: bool
    reason: str
    event: Judgement | None = None
    condition: Judgement | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules of one phase wanted one field to read differently; neither was planned."""

    ticket: TicketId
    field: str
    rules: tuple[str, str]
    values: tuple[str | None, str | None]

    def __str__(self) -> str:
        first, second = self.rules
        return (
            f"ticket {self.ticket}: rules {first} and {second} set {self.field} differently"
            f" ({self.values[0]!r}, {self.values[1]!r}): neither was applied"
        )


@dataclass(frozen=True, slots=True)
class Deliberation:
    """The outcome: decisions in the order they were taken, and the desk after them.

    ``verdicts`` tell of every rule where that was asked for, else of those that nearly fired.
    """

    decisions: tuple[Decision, ...]
    desk: Desk
    due: tuple[Due, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    verdicts: tuple[Verdicts, ...] = ()
