"""Settling writes whose outcome is not known, by looking; before anything new is done.

A mark of ours in the ticket's history proves the write happened, at any time. That it did *not*
happen is only certain once the settle window has passed: until then nothing more is sent for
the ticket.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.state import Store
from kace_bridge.state.rows import EffectRow, Part
from kace_bridge.sync.detect import marks_in
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.outgoing import messages_for
from kace_bridge.sync.remember import remember

ATTEMPTS = 12
"""How often a write that proved not to have happened is tried; with ``wait_for``, for 8 hours."""
LONGEST = timedelta(hours=1)


def wait_for(settle: timedelta, effects: Iterable[EffectRow], parts: Collection[Part]) -> timedelta:
    """How long the outcome of writing *parts* of *effects* may stay open.

    The settle window, doubled with each try that failed, up to an hour: an appliance in trouble
    is not pressed, nor a ticket given up that it can take an hour later.
    """
    tries = max((effect.attempt for effect in effects if effect.key in parts), default=0)
    return min(settle * (1 << min(tries, 16)), max(settle, LONGEST))


@dataclass(frozen=True, slots=True)
class Settled:
    """Counts in effects; ``waiting_until`` is when the last open one can be judged."""

    applied: int = 0
    again: int = 0
    failed: int = 0
    waiting: int = 0
    waiting_until: datetime | None = None


def resolve(sma: Sma, store: Store, now: datetime, stamp: datetime, epoch: int | None) -> Settled:
    """Look at every ticket with an unsettled write and record what became of it.

    *now* is this machine's time, against which settle windows run; *stamp* the appliance's,
    which dates messages.
    """
    open_effects = store.effects(states=("intent", "unknown"))
    if not open_effects:
        return Settled()
    tickets = list(dict.fromkeys(effect.ticket for effect in open_effects))
    fresh, changes = fetch(sma, tickets)
    applied = again = failed = waiting = 0
    until: datetime | None = None
    for ticket in tickets:
        effects = [effect for effect in open_effects if effect.ticket == ticket]
        seen = fresh.get(ticket)
        rows = _rows(sma, ticket, changes) if seen is not None else ()
        marks = marks_in(rows)
        done = [effect for effect in effects if effect.decision[:8] in marks]
        left = [effect for effect in effects if effect not in done]
        if done and seen is not None:
            _finish_applied(store, done, seen, rows, stamp, epoch)
            applied += len(done)
        for effect in left:
            if effect.settle_until is not None and now < effect.settle_until:
                waiting += 1
                until = max(until or effect.settle_until, effect.settle_until)
            elif seen is None:
                store.finish([effect.key], "failed", "gone: no such ticket any more", epoch=epoch)
                failed += 1
            elif effect.attempt + 1 >= ATTEMPTS:
                store.finish(
                    [effect.key], "failed", f"not applied in {ATTEMPTS} tries", epoch=epoch
                )
                failed += 1
            else:
                store.finish([effect.key], "planned", "not applied; proved by reading", epoch=epoch)
                again += 1
    return Settled(applied, again, failed, waiting, until)


def _finish_applied(
    store: Store,
    done: Sequence[EffectRow],
    seen: Ticket,
    rows: Sequence[HistoryEntry],
    stamp: datetime,
    epoch: int | None,
) -> None:
    decisions = {effect.decision for effect in done}
    waiting = [
        effect
        for effect in store.effects(states=("planned",), ticket=seen.id)
        if effect.kind == "message" and effect.decision in decisions
    ]
    snapshot = remember(store, seen, rows, done[0].run, epoch)
    store.finish(
        [effect.key for effect in done], "applied", "its mark is on the ticket",
        snapshot=snapshot, messages=messages_for(waiting, stamp), epoch=epoch,
    )  # fmt: skip


def _rows(sma: Sma, ticket: TicketId, changes: Changes | None) -> tuple[HistoryEntry, ...]:
    return changes.get(ticket, ()) if changes is not None else sma.tickets.history(ticket)
