"""The reading half of the store: every question that can be asked of it."""

from collections.abc import Collection, Iterable
from datetime import datetime

from kace_bridge.clock import Clock
from kace_bridge.model.event import Event
from kace_bridge.model.ids import QueueId, TicketId, UserName
from kace_bridge.state import cursor, ledger, outbox, roster, runs, snapshots
from kace_bridge.state.database import Database
from kace_bridge.state.rows import (
    Absence,
    Cursor,
    DecisionRow,
    DueRow,
    EffectRow,
    OutboxRow,
    Run,
    Silence,
    Snapshot,
)
from kace_bridge.state.verify import find_differences


class Readings:
    """Questions; each is answered from one consistent state of the store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def name(self) -> str:
        """Where the store is, for messages to people."""
        return self._database.name

    def meta(self, key: str) -> str | None:
        """A small fact; ``instance`` and ``schema_version`` are always there."""
        with self._database.reading() as c:
            return cursor.read_meta(c, key)

    def metas(self, prefix: str) -> dict[str, str]:
        """Every small fact whose name starts with *prefix*, by name."""
        with self._database.reading() as c:
            return cursor.read_metas(c, prefix)

    def cursor(self, source: str) -> Cursor | None:
        with self._database.reading() as c:
            return cursor.read_cursor(c, source)

    def digests(self, tickets: Iterable[TicketId]) -> dict[TicketId, tuple[str, int]]:
        """Digest and newest history row of the *tickets* that have been seen."""
        with self._database.reading() as c:
            return snapshots.read_digests(c, tickets)

    def snapshot(self, ticket: TicketId) -> Snapshot | None:
        return self.snapshots([ticket]).get(ticket)

    def snapshots(self, tickets: Iterable[TicketId]) -> dict[TicketId, Snapshot]:
        with self._database.reading() as c:
            return snapshots.read_snapshots(c, tickets)

    def children(self, parents: Iterable[TicketId]) -> list[Snapshot]:
        """The tickets that belong to one of *parents*, by number; those that are gone left out."""
        with self._database.reading() as c:
            return snapshots.read_children(c, parents)

    def open_snapshots(
        self,
        queues: Collection[QueueId] | None = None,
        *,
        after: TicketId = TicketId(0),  # noqa: B008 -- a NewType call is an int
        limit: int | None = None,
    ) -> list[Snapshot]:
        """Tickets neither closed nor gone, by number, from the one following *after*."""
        with self._database.reading() as c:
            return snapshots.read_open(c, queues, after, limit)

    def all_snapshots(self, after: TicketId, limit: int) -> list[Snapshot]:
        """Every ticket ever seen, closed and gone too, by number, from the one after *after*."""
        with self._database.reading() as c:
            return snapshots.read_page(c, after, limit)

    def timelines(self, tickets: Iterable[TicketId]) -> dict[TicketId, tuple[Event, ...]]:
        """What happened to each ticket, oldest first; empty for one never heard of."""
        with self._database.reading() as c:
            return snapshots.read_timelines(c, tickets)

    def loads(self) -> dict[UserName, int]:
        """Tickets at work per owner: state opened, or status New; not gone."""
        with self._database.reading() as c:
            return snapshots.read_loads(c)

    def due(self, now: datetime, limit: int) -> list[DueRow]:
        """Clock levels whose moment has come, the longest waiting first."""
        with self._database.reading() as c:
            return snapshots.read_due(c, now, limit)

    def turns(self) -> dict[str, UserName]:
        """Whom each team picked last."""
        with self._database.reading() as c:
            return roster.read_turns(c)

    def absent(self, now: datetime) -> frozenset[UserName]:
        with self._database.reading() as c:
            return roster.read_absent(c, now)

    def list_absences(self, now: datetime | None = None) -> list[Absence]:
        """All absences, or only those not over at *now*."""
        with self._database.reading() as c:
            return roster.read_absences(c, now)

    def list_silences(self, now: datetime | None = None) -> list[Silence]:
        """All silences, or only those not over at *now*."""
        with self._database.reading() as c:
            return roster.read_silences(c, now)

    def decision_ids(self, tickets: Iterable[TicketId]) -> dict[TicketId, frozenset[str]]:
        """What has been decided for each ticket, withdrawn decisions excepted."""
        with self._database.reading() as c:
            return ledger.read_decision_ids(c, tickets)

    def decision(self, decision: str) -> DecisionRow | None:
        with self._database.reading() as c:
            return next(iter(ledger.read_decisions(c, id_=decision)), None)

    def decisions(
        self, ticket: TicketId | None = None, run: str | None = None
    ) -> list[DecisionRow]:
        """Decisions in the order they were made."""
        with self._database.reading() as c:
            return ledger.read_decisions(c, ticket=ticket, run=run)

    def effects(
        self,
        states: Collection[str] | None = None,
        run: str | None = None,
        ticket: TicketId | None = None,
    ) -> list[EffectRow]:
        """Effects by ticket, each ticket's in the order they were planned."""
        with self._database.reading() as c:
            return ledger.read_effects(c, None if states is None else list(states), run, ticket)

    def planned_tickets(
        self,
        limit: int,
        after: TicketId = TicketId(0),  # noqa: B008 -- a NewType call is an int
    ) -> list[TicketId]:
        """Tickets with planned effects, by number, from the one following *after*.

        A ticket with an effect in intent or unknown is left out: nothing else is sent for it
        until that is settled.
        """
        with self._database.reading() as c:
            return ledger.read_planned_tickets(c, limit, after)

    def unsettled(self, now: datetime) -> list[EffectRow]:
        """Effects whose outcome is not known: unknown, or in intent past their send deadline."""
        with self._database.reading() as c:
            return ledger.read_unsettled(c, now)

    def guard_count(self, ticket: TicketId, since: datetime) -> int:
        """Writes begun for *ticket* (per request and rule) since the full hour before *since*."""
        with self._database.reading() as c:
            return ledger.read_guard_count(c, ticket, since)

    def outbox(self, states: Collection[str] | None = None, limit: int = 1_000) -> list[OutboxRow]:
        """Messages, oldest first."""
        with self._database.reading() as c:
            return outbox.read_outbox(c, None if states is None else list(states), limit)

    def recent_messages(self, recipient: str, since: datetime) -> int:
        """Messages sent to *recipient* (the address, or a fixed channel's name) since then."""
        with self._database.reading() as c:
            return outbox.count_recent(c, recipient, since)

    def waiting(self, now: datetime, limit: int) -> list[OutboxRow]:
        """Messages due and never tried that leave by themselves, oldest first.

        None of them is held up by an older one of its line that is not among them.
        """
        with self._database.reading() as c:
            return outbox.read_waiting(c, now, limit)

    def last_sent(self, recipient: str) -> datetime | None:
        """When *recipient* (as in recent_messages) was last sent something."""
        with self._database.reading() as c:
            return outbox.read_last_sent(c, recipient)

    def runs(self, limit: int = 20) -> list[Run]:
        """The newest first."""
        with self._database.reading() as c:
            return runs.read_runs(c, limit)

    def run(self, name: str) -> Run:
        """The run with this id, this start of an id, or ``last``.

        Raises UsageError where there is none, or more than one.
        """
        with self._database.reading() as c:
            return runs.read_run(c, name)

    def verify(self) -> list[str]:
        """Every fault found: damaged pages, missing references, rows the audit contradicts."""
        found = self._database.problems()
        with self._database.reading() as c:
            return found + list(find_differences(c))
