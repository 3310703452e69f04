"""Carrying out what was planned: the only code that writes to tickets.

Per ticket: a fresh reading, one compare-and-set from planned to intent committed before the
socket, one request, never repeated; then applied, failed, or unknown, which the next run settles
by looking. Tickets are read and verified in bulk, so a write costs one request, not three: one
reading proves what was just written and is the fresh one of what is written next.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

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
from kace_bridge.sync.applied import Applied
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import doubt
from kace_bridge.sync.foreign import signed
from kace_bridge.sync.guard import DAY, too_often, tripped
from kace_bridge.sync.lookup import Lookup
from kace_bridge.sync.naming import carried
from kace_bridge.sync.notes import note_for
from kace_bridge.sync.outgoing import messages_for, queue_messages
from kace_bridge.sync.remember import remember
from kace_bridge.sync.resolve import wait_for
from kace_bridge.sync.trust import WITNESSES, check_witnesses
from kace_bridge.sync.write import Write, as_ids, outcome, prepare

Sent = dict[TicketId, tuple[Write, Sequence[EffectRow]]]
"""What was written and not yet read back, with the effects it was made of."""
CHUNK = 400
"""Tickets read afresh together at most: one request."""
FEW = 10
"""Tickets read together at least."""
FRESH = timedelta(seconds=10)
"""How old a reading may be for a write to go out on it, counted from when it was asked for."""


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
        self.tickets(self._all_planned(), counts, progress)

    def _all_planned(self) -> Iterator[TicketId]:
        after = TicketId(0)
        while ids := self.store.planned_tickets(limit=CHUNK, after=after):
            after = max(ids)
            yield from ids

    def tickets(
        self, ids: Iterable[TicketId], counts: Applied, progress: Callable[[int], object] = id
    ) -> None:
        """Apply what is planned for *ids*, and queue their messages that may go.

        A reading that became too old while its tickets were written is made again for the rest,
        and then for about as many as the appliance can save in time.
        """
        source = self._to_write(iter(ids), counts, progress)
        rest: list[TicketId] = []
        sent: Sent = {}
        most = CHUNK
        while True:
            rest += islice(source, max(0, most - len(rest)))
            batch = rest[:most]
            if not (batch or sent):
                return
            self.renew()
            asked = self.clock.monotonic()
            fresh, changes = self._read(batch, sent, counts)
            done, sent = self._write(batch, asked, fresh, changes, counts)
            rest = rest[len(done) :]
            most = min(CHUNK, max(FEW, 2 * len(done)))
            progress(len(done))

    def _to_write(
        self, ids: Iterator[TicketId], counts: Applied, progress: Callable[[int], object]
    ) -> Iterator[TicketId]:
        """Those of *ids* to be written; the messages of the others are queued on the way."""
        while chunk := list(islice(ids, CHUNK)):
            self.renew()
            writing = [ticket for ticket in chunk if _writes(self._planned(ticket))]
            self._queue_messages([ticket for ticket in chunk if ticket not in writing], counts)
            progress(len(chunk) - len(writing))
            yield from writing

    def _read(
        self, ids: Sequence[TicketId], sent: Sent, counts: Applied
    ) -> tuple[Mapping[TicketId, Ticket], Changes | None]:
        """*ids* afresh, with their histories; what was *sent* is verified by the same reading.

        Raises SafeMode where the appliance does not seem to be the one we know: its witnesses are
        read along.
        """
        witnesses = self.store.witnesses(WITNESSES) if ids else {}
        fresh, changes = self.sma.tickets.get_many([*ids, *sent, *witnesses])
        doubt(self.sma, sent, fresh)
        rows = {ticket: self._rows(ticket, changes) for ticket in sent if ticket in fresh}
        with self.store.together():
            for ticket, (write, effects) in sent.items():
                self._verify(write, effects, fresh.get(ticket), rows.get(ticket, ()), counts)
        self._queue_messages(sent, counts)
        doubt(self.sma, ids, fresh)
        check_witnesses(witnesses, fresh)
        return fresh, changes

    def _write(
        self, ids: Sequence[TicketId], asked: float, fresh: Mapping[TicketId, Ticket],
        changes: Changes | None, counts: Applied,
    ) -> tuple[list[TicketId], Sent]:  # fmt: skip
        """Write *ids* in turn, at least one, while what was *asked* for then is fresh.

        Returns those whose turn came, and which of them have to be read back.
        """
        done: list[TicketId] = []
        sent: Sent = {}
        for ticket in ids:
            if done and self.clock.monotonic() - asked > FRESH.total_seconds():
                break
            done.append(ticket)
            effects = self._planned(ticket)
            if ticket not in fresh:
                self._gone(effects, counts)
                continue
            write = self._one(fresh[ticket], self._rows(ticket, changes), effects, counts)
            if write is not None:
                sent[ticket] = (write, effects)
        self._queue_messages([ticket for ticket in done if ticket not in sent], counts)
        return done, sent

    def _queue_messages(self, ids: Collection[TicketId], counts: Applied) -> None:
        if not ids:
            return
        with self.store.together():
            for ticket in ids:
                counts.queued += queue_messages(self.store, ticket, self.stamp(), self.epoch)

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

    def _verify(
        self, write: Write, effects: Sequence[EffectRow], seen: Ticket | None,
        rows: Sequence[HistoryEntry], counts: Applied,
    ) -> None:  # fmt: skip
        """Record what was written as it reads now, with the messages that waited for it."""
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
        counts.add(state, reason, ticket)

    def _gone(self, effects: Sequence[EffectRow], counts: Applied) -> None:
        parts = [(effect.decision, effect.part) for effect in effects if effect.kind != "message"]
        if parts:
            self._settle(parts, "failed", "gone: the appliance has no such ticket any more",
                         counts, effects[0].ticket)  # fmt: skip


def _writes(effects: Sequence[EffectRow]) -> bool:
    return any(effect.kind != "message" for effect in effects)
