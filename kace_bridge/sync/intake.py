"""Reading the desk and deciding, page by page; each is committed with the decisions it led to."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from kace_bridge.errors import Refused
from kace_bridge.model.event import EventKind
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.sma.query import lower_bound
from kace_bridge.state import Store
from kace_bridge.state.lease import Lease
from kace_bridge.state.rows import Cursor, DueRow, PageCommit
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.planner import Planner, Work
from kace_bridge.sync.pull import (
    LATELY,
    Sweep,
    looks,
    standing,
    wants_look,
    wants_whole,
    went_back,
)
from kace_bridge.sync.report import Progress, SyncReport
from kace_bridge.sync.trust import Census, Memory
from kace_bridge.sync.wire import Bridge
from kace_bridge.sync.work import RETRY

log = logging.getLogger(__name__)

DUE_LIMIT = 500
INVISIBLE = timedelta(hours=1)
"""When to look again for a due ticket that the appliance does not show."""
LEARNT = "learnt"
"""The meta entry naming the queues whose tickets are known."""


class Intake:
    """What one run takes in. Counts in the *report*; ``created`` and ``moved`` are tickets."""

    def __init__(
        self, bridge: Bridge, lease: Lease, report: SyncReport, progress: Progress, book: DeskBook
    ) -> None:
        self.bridge = bridge
        self.store = bridge.store
        self.lease = lease
        self.report = report
        self.progress = progress
        self.book = book
        self.now = book.now
        self.planner = Planner(bridge.site.rules, bridge.sma, bridge.store, book, self.now)
        self.memory = Memory(bridge.store)
        self.created = self.moved = 0

    def baseline(self, queues: tuple[QueueId, ...], *, backfill: bool) -> None:
        """Learn queues never seen before; nothing fires for what is already there."""
        fresh = unlearnt(self.store, queues)
        if not fresh:
            return
        self.report.baseline = True
        source = "baseline:" + ",".join(str(queue) for queue in fresh)
        sweep = self._sweep(source, fresh, full=True)
        for work in self._read(sweep, baseline=not backfill):
            self._count(work)
        learnt = [*(self.store.meta(LEARNT) or "").split(","), *(str(queue) for queue in fresh)]
        self.store.set_meta(LEARNT, ",".join(filter(None, learnt)))
        main = main_source(queues)
        cursor = self.store.cursor(source)
        if self.store.cursor(main) is None and cursor is not None:
            # The queues known before were read under another cursor: compare them in full next.
            read_at = cursor.full_sweep_at if fresh == queues else None
            self.store.set_cursor(
                replace(cursor, source=main, full_sweep_at=read_at), epoch=self.lease.epoch
            )

    def changes(self, queues: tuple[QueueId, ...], *, full: bool) -> None:
        """What carries a newer stamp; now and then what may have changed without one, as well."""
        if self.report.baseline:
            return
        main = self._sweep(main_source(queues), queues, full=full)
        cursor = self.store.cursor(main.source)
        told = self.bridge.sma.server_time or self.now
        whole = full or wants_whole(cursor) or went_back(cursor, told, self.bridge.zone)
        resumed = cursor is not None and cursor.sweep_start is not None
        census = Census(self.store, queues) if whole and not resumed else None
        self._pull(replace(main, full=whole), census)
        if not whole and wants_look(cursor, self.now):
            census = self._look(main)
        if census is not None:
            self._account(queues, census)

    def _look(self, main: Sweep) -> Census | None:
        """Compare what is open and what was closed lately; one that was cut off goes on.

        Returns the tickets seen, where this run saw all of them.
        """
        try:
            return self._compare_parts(main)
        except Refused as error:
            log.warning("every ticket is compared: no part was given", extra={"reason": str(error)})
            census = Census(self.store, main.queues)
            self._pull(replace(main, full=True), census)
            return census

    def _compare_parts(self, main: Sweep) -> Census | None:
        cursor = self.store.cursor(main.source)
        if cursor is None or cursor.full_sweep_at is None:
            return None
        parts = looks(main, self.now)
        stands = [self._stands(part, cursor.full_sweep_at) for part in parts]
        census = None
        if set(stands) == {"new"}:
            since = lower_bound(self.now - LATELY, self.bridge.zone)
            census = Census(self.store, main.queues, since)
        for part, stand in zip(parts, stands, strict=True):
            if stand != "done":
                self._pull(part, census)
        ends = [self.store.cursor(part.source) for part in parts]
        done = max(end.full_sweep_at for end in ends if end and end.full_sweep_at)
        self.store.set_cursor(replace(cursor, full_sweep_at=done), epoch=self.lease.epoch)
        return census

    def _stands(self, sweep: Sweep, last: datetime) -> str:
        """How far the *sweep* has come since the *last* look; one of a look before begins anew."""
        cursor = self.store.cursor(sweep.source)
        stands = standing(cursor, last, self.bridge.zone)
        if stands == "new" and cursor is not None:
            self.store.set_cursor(replace(cursor, sweep_start=None), epoch=self.lease.epoch)
        return stands

    def _account(self, queues: tuple[QueueId, ...], census: Census) -> None:
        """Ask for what no list showed by number, before any of it is noted as gone.

        A ticket may have changed hands or state while it was looked for, or without a stamp.
        """
        gone: list[TicketId] = []
        vanished = 0
        missing = census.missing()
        for start in range(0, len(missing), DUE_LIMIT):
            ids = missing[start : start + DUE_LIMIT]
            found, changes = self.bridge.sma.tickets.get_many(ids)
            here = [ticket for ticket in found.values() if ticket.queue_id in queues]
            gone += sorted(set(ids) - {ticket.id for ticket in here})
            vanished += len(ids) - len(found)
            self.memory.check(here, changes)
            work = self.planner.consider(here, changes)
            self._commit(work, None)
            self._count(work)
        census.check(vanished)
        if gone:
            self.store.mark_gone(gone)

    def _pull(self, sweep: Sweep, census: Census | None) -> None:
        for work in self._read(sweep, baseline=False, census=census):
            self._count(work)

    def _read(
        self, sweep: Sweep, *, baseline: bool, census: Census | None = None
    ) -> Iterator[Work]:
        cursor = self.store.cursor(sweep.source)
        for batch in sweep.read(self.bridge.sma, cursor, self.now):
            self.memory.check(batch.tickets, batch.changes)
            if census is not None:
                census.add(batch.tickets)
            work = self.planner.consider(batch.tickets, batch.changes, baseline=baseline)
            self._commit(work, batch.cursor)
            self.progress("read", len(batch.tickets))
            yield work

    def due(self) -> None:
        """Tickets with a level that fell due, read fresh before anything is decided."""
        seen: set[TicketId] = set()
        while rows := [r for r in self.store.due(self.now, DUE_LIMIT) if r.ticket not in seen]:
            ids = list(dict.fromkeys(row.ticket for row in rows))
            seen |= set(ids)
            fresh, changes = fetch(self.bridge.sma, ids)
            tickets = [fresh[ticket] for ticket in ids if ticket in fresh]
            work = self.planner.consider(tickets, changes, again=frozenset(ids))
            self._commit(work, None)
            self._count(work)
            for ticket in ids:
                if ticket not in fresh:
                    self.store.set_due([ticket], self._look_for(ticket))
            self.progress("due", len(ids))

    def _look_for(self, ticket: TicketId) -> list[DueRow]:
        """Invisible is not gone: what was due stays due until a full look misses the ticket too."""
        known = self.store.snapshot(ticket)
        if known is None or known.gone_at is not None:
            return []
        return [DueRow(ticket, RETRY, 0, self.now + INVISIBLE)]

    def _commit(self, work: Work, cursor: Cursor | None) -> None:
        self.lease.renew()
        inserted = self.store.commit_page(
            PageCommit(
                self.report.run, cursor, work.snapshots, work.events, work.decisions,
                work.due, self.book.desk.turns, self.lease.epoch,
            )
        )  # fmt: skip
        self.report.decisions += len(inserted)

    def _count(self, work: Work) -> None:
        self.report.pulled += work.pulled
        self.report.changed += len(work.snapshots)
        created = sum(event.kind is EventKind.CREATED for event in work.events)
        self.created += created
        self.moved += len(work.snapshots) - created
        self.report.conflicts += work.conflicts
        self.report.failed += len(work.failures)
        self.report.reasons.update(work.failures)

    def _sweep(self, source: str, queues: tuple[QueueId, ...], *, full: bool) -> Sweep:
        size = self.bridge.site.settings.appliance.page_size
        return Sweep(source, queues, self.bridge.zone, size, full)


def unlearnt(store: Store, queues: tuple[QueueId, ...]) -> tuple[QueueId, ...]:
    """The queues no sync has looked at yet."""
    known = (store.meta(LEARNT) or "").split(",")
    return tuple(queue for queue in queues if str(queue) not in known)


def main_source(queues: tuple[QueueId, ...]) -> str:
    """The cursor's name for a set of queues read together."""
    return "queues:" + ",".join(str(queue) for queue in queues)
