"""What the store gives and takes: frozen rows, instants aware, JSON already read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kace_bridge.model.effect import Decision, Mode
from kace_bridge.model.event import Event
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.message import Message

EffectKind = Literal["update", "comment", "message"]
EffectState = Literal[
    "planned", "shadow", "held", "intent", "unknown",
    "applied", "noop", "failed", "conflict", "superseded", "withdrawn",
]  # fmt: skip
FinishState = Literal[
    "applied", "noop", "failed", "conflict", "superseded", "withdrawn", "unknown", "planned",
]  # fmt: skip
DecisionState = Literal["planned", "held", "shadow", "done", "failed", "withdrawn"]
OutboxState = Literal["pending", "sending", "sent", "dead", "dropped"]
Part = tuple[str, int]
"""One effect: the decision's id and the effect's place in it, from 0."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one source (a queue) has been read; stamps are appliance-local texts.

    ``watermark`` is W of the last finished sweep; ``sweep_low`` and ``sweep_start`` are set while
    a sweep is open, ``last_id`` is its keyset position and ``newest`` the newest stamp it saw.
    """

    source: str
    watermark: str
    sweep_low: str | None = None
    sweep_start: str | None = None
    last_id: int = 0
    newest: str = ""
    full: bool = False
    baselined: bool = False
    full_sweep_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A ticket as last seen. ``last_row`` is the newest history row already read."""

    ticket: TicketId
    queue: QueueId
    record: Mapping[str, object]
    digest: str
    modified: str
    created: str
    last_row: int
    owner: str | None
    state: str | None
    status: str | None
    episode: int
    seen_at: datetime
    gone_at: datetime | None = None
    parent: TicketId | None = None


@dataclass(frozen=True, slots=True)
class DueRow:
    """The next moment at which a clock rule wants to look at a ticket again."""

    ticket: TicketId
    rule: str
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PageCommit:
    """Everything one page of reading concluded; committed whole or not at all."""

    run: str
    cursor: Cursor | None = None
    snapshots: Sequence[Snapshot] = ()
    events: Sequence[Event] = ()
    decisions: Sequence[Decision] = ()
    due: Sequence[DueRow] = ()
    turns: Mapping[str, str] = field(default_factory=dict)
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A recorded decision; ``state`` sums up its effects (see docs/state.md)."""

    id: str
    ticket: TicketId
    rule: str
    phase: str
    cause: str
    at: datetime
    episode: int
    level: int | None
    mode: Mode
    late_s: float
    run: str
    state: DecisionState
    trace: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One effect in the ledger. ``message`` holds SendMessage's fields for kind message."""

    decision: str
    part: int
    kind: EffectKind
    ticket: TicketId
    rule: str
    phase: str
    run: str
    state: EffectState
    values: Mapping[str, str | None]
    before: Mapping[str, str | None]
    text: str
    public: bool
    message: Mapping[str, object] | None
    attempt: int
    intent_at: datetime | None
    send_by: datetime | None
    settle_until: datetime | None
    reason: str
    row: int | None = None

    @property
    def key(self) -> Part:
        """What mark_intent and finish are told."""
        return self.decision, self.part


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message to one recipient. ``ambiguous``: an earlier try may have got through.

    ``attempts`` counts claims that led to a try. ``bundle`` is the key of the message that
    carries this one in its place, or empty.
    """

    key: str
    decision: str
    message: Message
    state: OutboxState
    attempts: int
    ambiguous: bool
    next_at: datetime
    last_error: str
    sent_at: datetime | None = None
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program; ``outcome`` is empty while it lasts (or after it was killed)."""

    id: str
    kind: str
    config_hash: str
    started: datetime
    ended: datetime | None
    outcome: str
    counts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from ``start`` until ``until``."""

    id: int
    user: str
    start: datetime
    until: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Messages that fit every pair in ``match`` are not sent from ``start`` until ``until``."""

    id: int
    match: Mapping[str, str]
    start: datetime
    until: datetime
    by: str
    reason: str
