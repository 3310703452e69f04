"""Carrying out what was planned: the only code that writes to tickets.

Per ticket: a fresh reading, one compare-and-set from planned to intent committed before the
socket, one request, never repeated; then applied, failed, or unknown, which the next run settles
by looking. Tickets are read and verified in bulk, so a write costs one request, not three.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from kace_bridge.clock import Clock
from kace_bridge.errors import NotFound, NotSent, OutcomeUnknown, Refused, RetryLater
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.sma.names import UnknownName
from kace_bridge.state import Store
from kace_bridge.state.rows import EffectRow, FinishState, Part
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.foreign import signed
from kace_bridge.sync.guard import DAY, too_often, tripped
from kace_bridge.sync.lookup import Lookup
from kace_bridge.sync.naming import carried
from kace_bridge.sync.notes import note_for
from kace_bridge.sync.outgoing import messages_for
from kace_bridge.sync.remember import remember
from kace_bridge.sync.resolve import wait_for
from kace_bridge.sync.trust import fetch_known
from kace_bridge.sync.write import Write, as_ids, outcome, prepare

Reading = tuple[Ticket | None, tuple[HistoryEntry, ...]]
CHUNK = 50
"""Tickets read fresh together before their writes: bounds how old a reading can be."""
WriteState = Literal["done", "pending", "superseded", "withdrawn"]


@dataclass(slots=True)
class Applied:
    """Counts of one apply pass, in tickets; ``reasons`` names what did not work."""

    applied: int = 0
    failed: int = 0
    unknown: int = 0
    conflicts: int = 0
    noop: int = 0
    queued: int = 0
    reasons: dict[TicketId, str] = field(default_factory=dict)


@dataclass(slots=True)
class Applier:
    """Writes planned effects.

    ``timeout`` bounds a request, ``settle`` how much later one may still land; both are counted
    on this machine's clock. ``stamp`` is the appliance's time, which dates the messages. Rules
    write at most ``per_day`` times to one ticket within a day, so that no quarrel goes on for ever.
    """

    sma: Sma
    store: Store
    book: DeskBook
    clock: Clock
    stamp: Callable[[], datetime]
    timeout: timedelta
    settle: timedelta
    epoch: int | None
    renew: Callable[[], object]
    per_day: int
    lookup: Lookup = field(init=False)

    def __post_init__(self) -> None:
        self.lookup = Lookup(self.sma, self.book)

    def run(self, counts: Applied, progress: Callable[[int], object] = id) -> None:
        """Apply everything planned, by ticket number; queue the messages that may go."""
        after = TicketId(0)
        while ids := self.store.planned_tickets(limit=CHUNK, after=after):
            after = max(ids)
            self.renew()
            self.tickets(ids, counts)
            progress(len(ids))

    def tickets(self, ids: Sequence[TicketId], counts: Applied) -> None:
        effects = {ticket: self._planned(ticket) for ticket in ids}
        writing = [ticket for ticket in ids if _writes(effects[ticket])]
        fresh, changes = fetch_known(self.sma, self.store, writing) if writing else ({}, None)
        sent: dict[TicketId, tuple[Write, Sequence[EffectRow]]] = {}
        for ticket in writing:
            if ticket not in fresh:
                self._gone(effects[ticket], counts)
                continue
            rows = self._rows(ticket, changes)
            write = self._one(fresh[ticket], rows, effects[ticket], counts)
            if write is not None:
                sent[ticket] = (write, effects[ticket])
        seen = self._read_back(sent)
        with self.store.together():
            for ticket, (write, waiting) in sent.items():
                self._verify(write, waiting, seen[ticket], counts)
            for ticket in ids:
                counts.queued += self.queue_messages(ticket)

    def _planned(self, ticket: TicketId) -> list[EffectRow]:
        return list(self.store.effects(states=("planned",), ticket=ticket))

    def _rows(self, ticket: TicketId, changes: Changes | None) -> tuple[HistoryEntry, ...]:
        if changes is not None:
            return changes.get(ticket, ())
        return self.sma.tickets.history(ticket)

    def _one(
        self,
        fresh: Ticket,
        rows: Sequence[HistoryEntry],
        effects: Sequence[EffectRow],
        counts: Applied,
    ) -> Write | None:
        """Write one ticket; the write where an answer came that has to be verified."""
        named = self.lookup.sort_out(fresh, effects)
        for effect, why in named.refused:
            self._settle([effect.key], "failed", why, counts, fresh.id)
        writes = self._given_way(fresh, named.writes, counts)
        notes = {
            effect.decision: note_for(effect, self.book.desk)
            for effect in writes
            if effect.kind == "update"
        }
        snapshot = self.store.snapshot(fresh.id)
        write = prepare(writes, snapshot, fresh, rows, notes)
        for part, state, reason in write.settled:
            self._settle([part], state, reason, counts, fresh.id)
        if not write.send:
            return None
        try:
            body = as_ids(carried(write.values, fresh), named.resolve)
        except UnknownName as error:
            self._settle(write.send, "failed", str(error), counts, fresh.id)
            return None
        since = self.clock.now() - DAY
        if why := too_often(writes, self.store.guard_count(fresh.id, since), self.per_day):
            self._settle(write.send, "failed", why, counts, fresh.id)
            return None
        self.renew()
        by = self.clock.now() + self.timeout
        until = by + wait_for(self.settle, effects, write.send)
        if not self.store.mark_intent(write.send, epoch=self.epoch, send_by=by, settle_until=until):
            return None
        return write if self._send(fresh.id, body, write, counts) else None

    def _given_way(
        self, fresh: Ticket, writes: Sequence[EffectRow], counts: Applied
    ) -> list[EffectRow]:
        """What is left of *writes* once rules at odds with somebody gave way."""
        past, released = self.store.effects(ticket=fresh.id), self.store.released(fresh.id)
        stopped = tripped(writes, past, fresh, self.clock.now(), released)
        for effect, why in stopped:
            self._settle([effect.key], "failed", why, counts, fresh.id)
        keys = {effect.key for effect, _ in stopped}
        return [effect for effect in writes if effect.key not in keys]

    def _send(
        self, ticket: TicketId, body: Mapping[str, object], write: Write, counts: Applied
    ) -> bool:
        deadline = self.clock.monotonic() + self.timeout.total_seconds()
        try:
            self.sma.tickets.update(
                ticket, body, comment=signed(self.store, write.comment),
                owners_only=write.owners_only, send_by=deadline,
            )  # fmt: skip
        except OutcomeUnknown as error:
            self._settle(write.send, "unknown", str(error), counts, ticket)
        except NotFound as error:
            self._settle(write.send, "failed", f"gone: {error}", counts, ticket)
        except Refused as error:
            self._settle(write.send, "failed", str(error), counts, ticket)
        except (NotSent, RetryLater) as error:
            # Surely not applied: the next run may try again.
            self.store.finish(write.send, "planned", str(error), epoch=self.epoch)
            raise
        else:
            return True
        return False

    def _read_back(self, sent: Collection[TicketId]) -> dict[TicketId, Reading]:
        """The written tickets as they are now, each with its history; None for one that is gone."""
        if not sent:
            return {}
        fresh, changes = fetch(self.sma, sent)
        return {
            ticket: (fresh.get(ticket), self._rows(ticket, changes) if ticket in fresh else ())
            for ticket in sent
        }

    def _verify(
        self, write: Write, effects: Sequence[EffectRow], reading: Reading, counts: Applied
    ) -> None:
        """Record what was written as it reads now, with the messages that waited for it."""
        seen, rows = reading
        state, reason = outcome(write, seen, rows)
        if state != "applied":
            self._settle(write.send, state, reason, counts, effects[0].ticket)
            return
        snapshot = remember(self.store, seen, rows, effects[0].run, self.epoch)
        done = {decision for decision, _ in write.send}
        waiting = [e for e in effects if e.kind == "message" and e.decision in done]
        messages = messages_for(waiting, self.stamp())
        self.store.finish(
            write.send, "applied", snapshot=snapshot, messages=messages, epoch=self.epoch
        )
        counts.applied += 1
        counts.queued += len(messages)

    def _settle(
        self,
        parts: Sequence[Part],
        state: FinishState,
        reason: str,
        counts: Applied,
        ticket: TicketId,
    ) -> None:
        """Record how *parts* ended; their messages follow once all of their decision is settled."""
        self.store.finish(parts, state, reason, epoch=self.epoch)
        if state in {"failed", "conflict"}:
            counts.reasons[ticket] = reason
        match state:
            case "failed":
                counts.failed += 1
            case "unknown":
                counts.unknown += 1
            case "conflict":
                counts.conflicts += 1
            case "noop" | "applied":
                counts.noop += 1

    def _gone(self, effects: Sequence[EffectRow], counts: Applied) -> None:
        parts = [(effect.decision, effect.part) for effect in effects if effect.kind != "message"]
        if parts:
            self._settle(parts, "failed", "gone: the appliance has no such ticket any more",
                         counts, effects[0].ticket)  # fmt: skip

    def queue_messages(self, ticket: TicketId) -> int:
        """Put messages into the outbox whose decision has nothing (more) to write.

        A message that follows a write goes out only once the write is applied; where it was
        not, the message would tell an untruth and is dropped. Where the write was withdrawn to
        be judged again, so is the message.
        """
        queued = 0
        for decision, parts in _by_decision(self._planned(ticket)):
            state = self._write_state(ticket, self._waits_for(decision))
            if state == "pending":
                continue
            keys = [(part.decision, part.part) for part in parts]
            if state in {"superseded", "withdrawn"}:
                self.store.finish(keys, state, "what it tells of did not happen", epoch=self.epoch)
                continue
            messages = messages_for(parts, self.stamp())
            self.store.finish(keys, "applied", messages=messages, epoch=self.epoch)
            queued += len(messages)
        return queued

    def _waits_for(self, decision: str) -> str:
        """The decision whose write a message of *decision* tells of: mostly itself."""
        row = self.store.decision(decision)
        planned = "decision:"
        if row is not None and row.cause.startswith(planned):
            return row.cause.removeprefix(planned)
        return decision

    def _write_state(self, ticket: TicketId, decision: str) -> WriteState:
        """What became of a decision's writes; none count as done."""
        states = {
            effect.state
            for effect in self.store.effects(ticket=ticket)
            if effect.decision == decision and effect.kind != "message"
        }
        if states & {"planned", "intent", "unknown", "held"}:
            return "pending"
        if not states or states & {"applied", "noop"}:
            return "done"
        return "withdrawn" if states == {"withdrawn"} else "superseded"


def _writes(effects: Sequence[EffectRow]) -> bool:
    return any(effect.kind != "message" for effect in effects)


def _by_decision(effects: Sequence[EffectRow]) -> Iterator[tuple[str, list[EffectRow]]]:
    found: dict[str, list[EffectRow]] = {}
    for effect in effects:
        if effect.kind == "message":
            found.setdefault(effect.decision, []).append(effect)
    yield from found.items()
