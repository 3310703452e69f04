"""When rules give way: two who cannot agree about a field must not go on for ever.  Pure.

The ledger is the counter, so it moves in the transaction that records the intent to write.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from kace_bridge.model.ticket import Ticket
from kace_bridge.state.rows import EffectRow
from kace_bridge.sync.naming import reads

DAY = timedelta(days=1)
TIMES = 2
"""So often a rule may set a field to a value that somebody takes back; not once more that day."""
_WRITTEN = frozenset({"applied", "intent", "unknown"})


def tripped(
    wanted: Sequence[EffectRow],
    past: Iterable[EffectRow],
    fresh: Ticket,
    now: datetime,
    released: datetime | None,
) -> list[tuple[EffectRow, str]]:
    """Those of *wanted* that would set back, once more, what was set back twice; with the reason.

    *past* are the ticket's effects in the ledger; what was written before *released* is forgiven.
    """
    since = max(now - DAY, released) if released else now - DAY
    written = [
        effect
        for effect in past
        if effect.kind == "update" and effect.state in _WRITTEN
        and effect.intent_at is not None and effect.intent_at >= since
    ]  # fmt: skip
    found = []
    for effect in wanted:
        name = _contested(effect, written, fresh)
        if name:
            found.append((effect, (
                f"{effect.rule} set {name} to {effect.values[name]} {TIMES} times within a day and"
                " somebody, or a rule of the appliance, took it back each time: it gives way for a"
                f" day, or until 'kace-bridge retry {effect.ticket}'"
            )))  # fmt: skip
    return found


def _contested(effect: EffectRow, written: Sequence[EffectRow], fresh: Ticket) -> str:
    """The field *effect* would set for the third time; empty for a person's wish, or none."""
    if effect.kind != "update" or effect.phase == "command":
        return ""
    for name, value in effect.values.items():
        if reads(fresh, name, value):
            continue
        before = [past for past in written if past.rule == effect.rule
                  and name in past.values and past.values[name] == value]  # fmt: skip
        if len(before) >= TIMES:
            return name
    return ""


def too_often(effects: Sequence[EffectRow], writes: int, per_day: int) -> str:
    """Why rules may not write to a ticket again today; empty where they, or a person, may."""
    if writes < per_day or any(effect.phase == "command" for effect in effects):
        return ""
    return (
        f"rules wrote to it {writes} times within a day and may be at odds with somebody: "
        f"limits.changes_per_ticket_per_day is {per_day}"
    )
