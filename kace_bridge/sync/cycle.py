"""One run of the main job: settle, pull, decide, commit, hold or apply, deliver.

Everything a run does to the world passes here, under one lease. Each page is committed with the
decisions it led to, so that a run may be cut off anywhere: the next one goes on.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from kace_bridge.errors import (
    ConfigError,
    LeaseHeld,
    LoginRefused,
    RetryLater,
    SafeMode,
    UnexpectedReply,
)
from kace_bridge.model.event import EventKind
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.state import Store
from kace_bridge.state.lease import Lease
from kace_bridge.state.rows import Cursor, DueRow, PageCommit
from kace_bridge.sync.act import LEASE, apply_and_deliver, help_deliver
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.limits import APPROVAL, SUSPECT, SUSPECT_FROM, batch_of, compare, suspect
from kace_bridge.sync.planner import Planner, Work
from kace_bridge.sync.pull import Sweep, wants_full, went_back
from kace_bridge.sync.report import Progress, SyncReport, counts, quiet
from kace_bridge.sync.resolve import Settled, resolve
from kace_bridge.sync.resting import breaker
from kace_bridge.sync.trust import Census, Memory, check_organization
from kace_bridge.sync.wire import Bridge
from kace_bridge.sync.work import RETRY

DUE_LIMIT = 500
INVISIBLE = timedelta(hours=1)
"""When to look again for a due ticket that the appliance does not show."""
LEARNT = "learnt"
"""The meta entry naming the queues whose tickets are known."""
APPROVED = "approved"
"""How the reason of an effect begins that a person released (see Store.approve)."""


def sync(
    bridge: Bridge, *, backfill: bool = False, full: bool = False, anyway: bool = False,
    progress: Progress = quiet,
) -> SyncReport:  # fmt: skip
    """One run; *anyway*: though the appliance rests (see sync/resting.py).

    Raises LeaseHeld while another run is at work, after helping it to send where the store is
    shared; RetryLater, LoginRefused, UnexpectedReply and ConfigError. Whatever was committed
    before stays true.
    """
    try:
        return _sync(bridge, backfill=backfill, full=full, anyway=anyway, progress=progress)
    except LeaseHeld as error:
        sent = help_deliver(bridge) if bridge.store.shared else 0
        if not sent:
            raise
        raise LeaseHeld(f"{error}; sent {sent} of its messages meanwhile") from error


def _sync(
    bridge: Bridge, *, backfill: bool, full: bool, anyway: bool, progress: Progress
) -> SyncReport:
    started = bridge.clock.monotonic()
    report = SyncReport()
    with bridge.store.lease("sync", ttl=LEASE) as lease, breaker(bridge, anyway=anyway):
        bridge.store.reclaim()
        bridge.sma.login()
        report.run = bridge.store.start_run("sync", bridge.site.config_hash, bridge.clock.now())
        outcome = "stopped"
        try:
            _Run(bridge, lease, report, progress).go(backfill=backfill, full=full)
            outcome = "held" if report.held else "failures" if report.exit_code else "done"
        except SafeMode as error:
            outcome = f"safe mode: {error}"[:200]
            bridge.store.enter_safe_mode(str(error), report.run)
            raise
        except (RetryLater, LoginRefused, UnexpectedReply, ConfigError) as error:
            outcome = f"stopped: {error}"[:200]
            raise
        finally:
            report.requests = bridge.sma.requests_made
            report.seconds = round(bridge.clock.monotonic() - started, 3)
            bridge.store.end_run(report.run, outcome, counts(report), bridge.clock.now())
    return report


class _Run:
    def __init__(
        self, bridge: Bridge, lease: Lease, report: SyncReport, progress: Progress
    ) -> None:
        self.bridge = bridge
        self.store = bridge.store
        self.lease = lease
        self.report = report
        self.progress = progress
        self.now = bridge.now()
        self.book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, self.now)
        self.memory = Memory(bridge.store)
        self.created = self.moved = 0

    def go(self, *, backfill: bool, full: bool) -> None:
        queues = self.bridge.queues()
        if not queues:
            raise ConfigError(["the appliance shows this account no queue: check its role"])
        check_organization(self.store, self.bridge.sma.selected_organization)
        self.store.expire_held(self.bridge.clock.now() - APPROVAL)
        self._settle()
        planner = Planner(self.bridge.site.rules, self.bridge.sma, self.store, self.book, self.now)
        self._baseline(planner, queues, backfill=backfill)
        self._changes(planner, queues, full=full)
        self._due(planner)
        self._remember(queues)
        if not self._over_limits(queues):
            apply_and_deliver(self.bridge, self.book, self.lease, self.report, self.progress)

    # -- settle -----------------------------------------------------------------------------

    def _settle(self) -> None:
        settled: Settled = resolve(
            self.bridge.sma, self.store, self.bridge.clock.now(), self.now, self.lease.epoch
        )
        self.report.applied += settled.applied
        self.report.failed += settled.failed
        self.report.waiting = settled.waiting
        self.report.waiting_until = settled.waiting_until

    # -- pull and decide --------------------------------------------------------------------

    def _baseline(self, planner: Planner, queues: tuple[QueueId, ...], *, backfill: bool) -> None:
        """Learn queues never seen before; nothing fires for what is already there."""
        fresh = unlearnt(self.store, queues)
        if not fresh:
            return
        self.report.baseline = True
        source = "baseline:" + ",".join(str(queue) for queue in fresh)
        sweep = self._sweep(source, fresh, full=True)
        for work in self._read(planner, sweep, baseline=not backfill):
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

    def _changes(self, planner: Planner, queues: tuple[QueueId, ...], *, full: bool) -> None:
        if self.report.baseline:
            return
        source = main_source(queues)
        cursor = self.store.cursor(source)
        told = self.bridge.sma.server_time or self.now
        full = full or wants_full(cursor, self.now) or went_back(cursor, told, self.bridge.zone)
        sweep = self._sweep(source, queues, full=full)
        whole = sweep.full and (cursor is None or cursor.sweep_start is None)
        census = Census(self.store, queues) if whole else None
        for work in self._read(planner, sweep, baseline=False, census=census):
            self._count(work)
        if census is not None and (missing := census.missing()):
            self.store.mark_gone(missing)

    def _read(
        self, planner: Planner, sweep: Sweep, *, baseline: bool, census: Census | None = None
    ) -> Iterator[Work]:
        cursor = self.store.cursor(sweep.source)
        for batch in sweep.read(self.bridge.sma, cursor, self.now):
            self.memory.check(batch.tickets, batch.changes)
            if census is not None:
                census.add(batch.tickets)
            work = planner.consider(batch.tickets, batch.changes, baseline=baseline)
            self._commit(work, batch.cursor)
            self.progress("read", len(batch.tickets))
            yield work

    def _due(self, planner: Planner) -> None:
        """Tickets with a level that fell due, read fresh before anything is decided."""
        seen: set[TicketId] = set()
        while rows := [r for r in self.store.due(self.now, DUE_LIMIT) if r.ticket not in seen]:
            ids = list(dict.fromkeys(row.ticket for row in rows))
            seen |= set(ids)
            fresh, changes = fetch(self.bridge.sma, ids)
            tickets = [fresh[ticket] for ticket in ids if ticket in fresh]
            work = planner.consider(tickets, changes, again=frozenset(ids))
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

    def _remember(self, queues: tuple[QueueId, ...]) -> None:
        self.book.save()
        self.memory.save()
        key = "queues:" + repr(self.bridge.site.settings.appliance.queues)
        numbers = ",".join(str(queue) for queue in queues)
        if self.store.meta(key) != numbers:
            self.store.set_meta(key, numbers)

    # -- act --------------------------------------------------------------------------------

    def _over_limits(self, queues: tuple[QueueId, ...]) -> bool:
        """Hold the whole batch where it is larger than the limits; nothing of it is applied.

        What a run that was cut off left planned would be applied now, so it counts as well;
        what a person has approved does not.
        """
        planned = [
            effect
            for effect in self.store.effects(states=("planned",))
            if not effect.reason.startswith(APPROVED)
        ]
        limits = self.bridge.site.rules.limits
        share = limits.share_of_open is not None
        known = self.store.count_open(queues) - self.created if share else 0
        over = compare(limits, batch_of(planned), known)
        if planned and self.moved >= SUSPECT_FROM // 2:
            enough = int(self.moved / SUSPECT) + SUSPECT_FROM + self.created
            known_now = self.store.count_known(queues, enough) - self.created
            doubtful = suspect(self.moved, known_now)
            over += [doubtful] if doubtful else []
        if not over:
            return False
        runs = list(dict.fromkeys(effect.run for effect in planned))
        others = [run for run in runs if run != self.report.run]
        if others:
            over.append(f"part of it was left by {', '.join(others)}: approve that too")
        self.report.over = tuple(over)
        self.report.held = sum(self.store.hold(run, "; ".join(over)) for run in runs)
        return True


def unlearnt(store: Store, queues: tuple[QueueId, ...]) -> tuple[QueueId, ...]:
    """The queues no sync has looked at yet."""
    known = (store.meta(LEARNT) or "").split(",")
    return tuple(queue for queue in queues if str(queue) not in known)


def main_source(queues: tuple[QueueId, ...]) -> str:
    """The cursor's name for a set of queues read together."""
    return "queues:" + ",".join(str(queue) for queue in queues)
