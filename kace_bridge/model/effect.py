"""The closed set of things the program can do to the world, and the decisions that ask for them.

Rules return these values; only ``sync/apply.py`` and ``notify/deliver.py`` carry them out. So a
dry run prints exactly what would be written, and limits, ledger, undo and audit cover every
action without its author knowing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.ids import TicketId

Mode = Literal["off", "shadow", "enforce"]


@dataclass(frozen=True, slots=True)
class UpdateTicket:
    """Set fields of a ticket. Values are names (``High``, ``bkim``); None clears.

    ``before`` is what the plan saw: a later human change of one of these fields wins.
    """

    ticket: TicketId
    values: Mapping[str, str | None]
    before: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddComment:
    """Add a comment; ``public`` comments are visible to the submitter."""

    ticket: TicketId
    text: str
    public: bool = False


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Tell one person, or one channel that needs no person, something about a ticket.

    Rendered when planned, so that a broken template stops the decision before anything is
    written. ``to`` is an e-mail address, or empty for a channel with a fixed target; ``role``
    says why this person is told (owner, submitter, lead, team).
    """

    ticket: TicketId
    channel: str
    to: str
    name: str
    role: str
    template: str
    subject: str
    text: str
    html: str = ""
    urgent: bool = False


Effect = UpdateTicket | AddComment | SendMessage


@dataclass(frozen=True, slots=True)
class Decision:
    """One rule (or level of one) that fired for one ticket, once.

    ``cause`` is the fingerprint made of appliance data (see Event.cause); ``episode`` counts
    from 0 and rises when the ticket is re-opened. ``trace`` is plain data (JSON) saying why.
    """

    ticket: TicketId
    rule: str
    phase: str
    cause: str
    at: datetime
    episode: int = 0
    level: int | None = None
    mode: Mode = "enforce"
    effects: tuple[Effect, ...] = ()
    trace: Mapping[str, object] = field(default_factory=dict)
    late_s: float = 0.0
    key: str = ""

    @property
    def id(self) -> str:
        """32 hex digits: the same decision has the same id on every machine and every run."""
        return self.key or decision_id(self.ticket, self.rule, self.level, self.cause)

    @property
    def mark(self) -> str:
        """What its comment carries, so that the appliance's history is a second ledger."""
        return f"[kb:{self.id[:8]}]"


def decision_id(ticket: TicketId, rule: str, level: int | None, cause: str) -> str:
    """The identity of a decision, made only of what the appliance and the rule file say."""
    return digest_parts(ticket, rule, "" if level is None else level, cause)
