"""What people ask for at a terminal: planned, recorded and applied like anything else."""

from kace_bridge.errors import UsageError
from kace_bridge.sync.act import LEASE, release
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.verbs.tickets import escalate
from kace_bridge.sync.verbs.wish import CommandResult
from kace_bridge.sync.wire import Bridge

__all__ = ["CommandResult", "approve", "escalate"]


def approve(bridge: Bridge, run: str, person: str) -> SyncReport:
    """Release exactly what *run* held, and apply it.

    Raises UsageError where that run holds nothing.
    """
    report = SyncReport(run=run)
    with bridge.store.lease("sync", ttl=LEASE) as lease:
        bridge.sma.login()
        if not bridge.store.effects(states=("held",), run=run):
            raise UsageError(f"run {run} holds nothing; see 'kace-bridge runs list'")
        bridge.store.approve(run, person)
        release(bridge, lease, report)
    return report
