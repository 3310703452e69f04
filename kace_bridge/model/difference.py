"""What differs between two readings of one ticket."""

from kace_bridge.model.event import FieldChange
from kace_bridge.model.ticket import Ticket

IGNORED = frozenset(
    {
        "id",
        "modified",
        "created",
        "sla_dates",
        "changes",
        "resolution_plaintext",
        "related_tickets",
        "referring_tickets",
        "queue",
        "html_summary",
    }
)
"""Keys whose difference is no change of the ticket: stamps, computed and derived values."""


def diff(before: Ticket, after: Ticket) -> tuple[FieldChange, ...]:
    """Every field whose plain value differs, in name order; ``state`` follows ``status``.

    A key missing on one side counts as "no value", so a terser shaping is not a change of
    fields that have none. Raw foreign keys (``*_id`` beside a sub-entity) are not compared.
    """
    then, now = before.record, after.record
    names = [name for name, value in now.items() if then.get(name) != value]
    names += [name for name, value in then.items() if value is not None and name not in now]
    changes = []
    for name in sorted(names):
        if name in IGNORED or (name.endswith("_id") and name != "hd_queue_id"):
            continue
        old, new = before.value(name), after.value(name)
        if old != new:
            changes.append(FieldChange(name, old, new))
        if name == "status" and before.state != after.state:
            changes.append(FieldChange("state", before.state, after.state))
    return tuple(changes)
