"""Doing what is planned: applying it to tickets, then sending what may be sent."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from kace_bridge.errors import LeaseHeld, RetryLater
from kace_bridge.notify.channels import Sending
from kace_bridge.notify.dispatch import DispatchReport, dispatch
from kace_bridge.notify.policy import Policy
from kace_bridge.state.lease import Lease
from kace_bridge.sync.applied import Applied
from kace_bridge.sync.apply import Applier
from kace_bridge.sync.courtesy import courteous
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.echo import Echoes
from kace_bridge.sync.report import Progress, SyncReport, quiet
from kace_bridge.sync.silence import Silences
from kace_bridge.sync.wire import Bridge, seconds

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""How long a worker that shows no sign of life is believed to be alive."""
HELPERS = 8
"""How many workers may send messages beside the one that syncs."""


def apply_and_deliver(
    bridge: Bridge, book: DeskBook, lease: Lease, report: SyncReport, progress: Progress = quiet
) -> None:
    """Apply everything planned, then send what is due; add to the *report*."""
    applied = Applied()
    applier = applier_for(bridge, book, epoch=lease.epoch, renew=lease.keep)
    if bridge.sma.read_only:
        log.info("nothing is applied: the appliance is configured read_only")
    else:
        _apply(applier, applied, report, progress)
    lease.renew()
    sent = deliver_due(bridge, progress, lease)
    report.sent += sent.sent
    report.undelivered = sent.retried + sent.dead


def _apply(applier: Applier, applied: Applied, report: SyncReport, progress: Progress) -> None:
    try:
        applier.run(applied, lambda done: progress("apply", done))
    finally:
        report.applied += applied.applied
        report.failed += applied.failed + applied.conflicts
        report.unknown += applied.unknown
        report.noop += applied.noop
        report.messages += applied.queued
        report.reasons.update(applied.reasons)


def release(bridge: Bridge, lease: Lease, report: SyncReport) -> None:
    """Apply what has just been approved."""
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, bridge.now())
    book.learn([])
    apply_and_deliver(bridge, book, lease, report)
    report.requests = bridge.sma.requests_made


def applier_for(
    bridge: Bridge,
    book: DeskBook,
    *,
    epoch: int | None,
    renew: Callable[[], object] = lambda: None,
) -> Applier:
    """The one that writes, set up as configured."""
    spec = bridge.site.settings.appliance
    return Applier(
        sma=bridge.sma, store=bridge.store, book=book, clock=bridge.clock, stamp=bridge.now,
        timeout=seconds(spec.request_timeout), settle=seconds(spec.settle), epoch=epoch,
        renew=renew, per_day=bridge.site.rules.limits.changes_per_ticket_per_day,
    )  # fmt: skip


def deliver_now(bridge: Bridge) -> DispatchReport | None:
    """Send what is due, unless a sync is at work: then that one sends it, and this is None."""
    try:
        with bridge.store.lease("sync", ttl=LEASE) as lease:
            bridge.store.reclaim()
            return deliver_due(bridge, quiet, lease)
    except RetryLater as error:
        log.info("messages are left to the running sync", extra={"reason": str(error)})
        return None


def help_deliver(bridge: Bridge) -> int:
    """Take a share of what is due while another worker syncs; how many messages were sent.

    Only for a store that several hosts share. A message is claimed by one worker, whoever asks.
    The worker that syncs sends what is left, so trouble here is no news.
    """
    if not bridge.store.outbox(("pending",), limit=1):
        return 0
    try:
        for place in range(HELPERS):
            with suppress(LeaseHeld), bridge.store.lease(f"deliver-{place + 1}", LEASE) as lease:
                bridge.sma.login()  # the time by which messages are due is the appliance's
                return deliver_due(bridge, quiet, lease).sent
    except RetryLater as error:
        log.info("not helping to send", extra={"reason": str(error)})
    return 0


def deliver_due(bridge: Bridge, progress: Progress, lease: Lease) -> DispatchReport:
    """Send what the outbox holds and is due, as long as *lease* is ours."""

    def may_send(key: str) -> bool:
        lease.keep()
        return bridge.store.is_claimed(key)

    sending = Sending(
        bridge.store.meta("instance") or "kace-bridge",
        f"{bridge.sma.url.rstrip('/')}/adminui/ticket.php?ID={{id}}",
    )
    policy = Policy(cap=None, echo=Echoes(bridge.store), silenced=Silences(bridge.store))
    with bridge.courier() as courier:
        report = dispatch(
            bridge.store, bridge.site.channels, courier, bridge.now,
            courteous(policy, bridge, sending), sending, may_send,
        )  # fmt: skip
    progress("send", report.sent)
    return report
