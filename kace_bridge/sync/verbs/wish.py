"""What a person wants done to one ticket, and what became of it. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kace_bridge.model.effect import SendMessage
from kace_bridge.model.ids import TicketId

State = Literal["applied", "planned", "failed", "unknown", "nothing"]
GOOD: frozenset[State] = frozenset({"applied", "planned", "nothing"})
"""States that are no failure."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What one command did to one ticket; values by name.

    ``nothing``: the ticket was so already, ``reason`` says how. ``page`` is where people see it.
    """

    ticket: TicketId
    state: State
    before: Mapping[str, str | None] = field(default_factory=dict)
    after: Mapping[str, str | None] = field(default_factory=dict)
    comment: str = ""
    reason: str = ""
    messages: tuple[str, ...] = ()
    page: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A command as given: its name, who asks, and why. ``run`` is empty in a rehearsal."""

    verb: str
    person: str
    reason: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Fields to set (``before`` as read), one comment, messages beyond what rules send.

    ``shown`` are before and after as people read them, where that differs from what is written.
    ``note`` tells the person something; ``trace`` goes on record.
    """

    values: Mapping[str, str | None] = field(default_factory=dict)
    comment: str = ""
    public: bool = False
    messages: tuple[SendMessage, ...] = ()
    shown: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    note: str = ""
    trace: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declined:
    """Why nothing is done to this ticket; ``fails`` where that is not what was wanted."""

    reason: str
    fails: bool = False


Answer = Wish | Declined
