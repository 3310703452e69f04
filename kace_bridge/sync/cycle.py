"""One run of the main job: settle, pull, decide, commit, hold or apply, deliver.

Everything a run does to the world passes here, under one lease. Each page is committed with the
decisions it led to, so that a run may be cut off anywhere: the next one goes on.
"""

from kace_bridge.errors import (
    ConfigError,
    LeaseHeld,
    LoginRefused,
    RetryLater,
    SafeMode,
    UnexpectedReply,
)
from kace_bridge.model.ids import QueueId
from kace_bridge.state.lease import Lease
from kace_bridge.sync.act import LEASE, apply_and_deliver, help_deliver
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.intake import Intake
from kace_bridge.sync.limits import APPROVAL, SUSPECT, SUSPECT_FROM, batch_of, compare, suspect
from kace_bridge.sync.report import Progress, SyncReport, counts, quiet
from kace_bridge.sync.resolve import Settled, resolve
from kace_bridge.sync.resting import breaker
from kace_bridge.sync.trust import check_organization
from kace_bridge.sync.wire import Bridge

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
        self.intake = Intake(bridge, lease, report, progress, self.book)

    def go(self, *, backfill: bool, full: bool) -> None:
        queues = self.bridge.queues()
        if not queues:
            raise ConfigError(["the appliance shows this account no queue: check its role"])
        check_organization(self.store, self.bridge.sma.selected_organization)
        self.store.expire_held(self.bridge.clock.now() - APPROVAL)
        self._settle()
        self.intake.baseline(queues, backfill=backfill)
        self.intake.changes(queues, full=full)
        self.intake.due()
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

    def _remember(self, queues: tuple[QueueId, ...]) -> None:
        self.book.save()
        self.intake.memory.save()
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
        known = self.store.count_open(queues) - self.intake.created if share else 0
        over = compare(limits, batch_of(planned), known)
        if planned and self.intake.moved >= SUSPECT_FROM // 2:
            enough = int(self.intake.moved / SUSPECT) + SUSPECT_FROM + self.intake.created
            known_now = self.store.count_known(queues, enough) - self.intake.created
            doubtful = suspect(self.intake.moved, known_now)
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
