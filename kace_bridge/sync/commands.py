"""What people ask for at a terminal: planned, recorded and applied like anything else."""

from kace_bridge.errors import UsageError
from kace_bridge.sync.act import LEASE, release
from kace_bridge.sync.limits import APPROVAL
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.verbs.tickets import escalate
from kace_bridge.sync.verbs.wish import CommandResult
from kace_bridge.sync.wire import Bridge

__all__ = ["CommandResult", "approve", "escalate"]


def approve(bridge: Bridge, run: str, person: str) -> SyncReport:
    """Release exactly what *run* held, and apply it.

    Raises UsageError where that run holds nothing, where its list is not the one that was held
    and shown, or where that was more than a day ago: such a list is withdrawn.
    """
    report = SyncReport(run=run)
    with bridge.store.lease("sync", ttl=LEASE) as lease:
        bridge.sma.login()
        bridge.store.expire_held(bridge.clock.now() - APPROVAL)
        held = bridge.store.held_list(run)
        if held is None:
            raise UsageError(f"run {run} holds nothing (any more); see 'kace-bridge runs list'")
        if held.changed:
            raise UsageError(
                f"run {run} no longer holds the list that was held: nothing was approved;"
                f" see 'kace-bridge runs show {run}', and let the next sync plan it again"
            )
        bridge.store.approve(run, person)
        release(bridge, lease, report)
    return report
