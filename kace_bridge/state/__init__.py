"""The store: cursor, snapshots, ledger, outbox, lease."""

from kace_bridge.state.lease import Lease
from kace_bridge.state.opening import copy_to, open_store
from kace_bridge.state.rows import (
    Absence,
    Cursor,
    DecisionRow,
    DueRow,
    EffectRow,
    OutboxRow,
    PageCommit,
    Run,
    Silence,
    Snapshot,
)
from kace_bridge.state.store import Store

__all__ = [
    "Absence",
    "Cursor",
    "DecisionRow",
    "DueRow",
    "EffectRow",
    "Lease",
    "OutboxRow",
    "PageCommit",
    "Run",
    "Silence",
    "Snapshot",
    "Store",
    "copy_to",
    "open_store",
]
