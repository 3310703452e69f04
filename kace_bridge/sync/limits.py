"""How much one run may do before it stops and asks.  Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from kace_bridge.model.effect import Decision, SendMessage
from kace_bridge.model.ids import TicketId
from kace_bridge.rules.schema import LimitSpec
from kace_bridge.state.rows import EffectRow

FEWEST = 5
"""So many tickets may always be changed, however few are open."""
APPROVAL = timedelta(hours=24)
"""How long a held list may be approved."""
SUSPECT, SUSPECT_FROM = 0.5, 20
"""Where this part of the known tickets (if so many are known) moved at once, nobody was at work."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a run wants: the tickets to change, in all and by rule, and how many messages."""

    tickets: frozenset[TicketId] = frozenset()
    by_rule: Mapping[str, int] = field(default_factory=dict)
    messages: int = 0


def batch_of(effects: Iterable[EffectRow]) -> Batch:
    """The size of what the ledger has planned."""
    rows = list(effects)
    writes = {(row.rule, row.ticket) for row in rows if row.kind != "message"}
    return _batch(writes, sum(row.kind == "message" for row in rows))


def over_limits(limits: LimitSpec, decisions: Sequence[Decision], open_known: int) -> list[str]:
    """What of *decisions* is more than one run may do, in words; empty where nothing is."""
    firing = [decision for decision in decisions if decision.mode == "enforce"]
    effects = [(decision.rule, effect) for decision in firing for effect in decision.effects]
    messages = sum(isinstance(effect, SendMessage) for _, effect in effects)
    writes = {(rule, effect.ticket) for rule, effect in effects
              if not isinstance(effect, SendMessage)}  # fmt: skip
    return compare(limits, _batch(writes, messages), open_known)


def _batch(writes: Iterable[tuple[str, TicketId]], messages: int) -> Batch:
    found = list(writes)
    by_rule = Counter(rule for rule, _ in found)
    return Batch(frozenset(ticket for _, ticket in found), by_rule, messages)


def compare(limits: LimitSpec, batch: Batch, open_known: int) -> list[str]:
    """The limits *batch* exceeds, in words; *open_known* tickets were open before."""
    over = []
    tickets = len(batch.tickets)
    if tickets > limits.changes_per_run:
        over.append(f"{tickets} tickets to change, the limit is {limits.changes_per_run}")
    for rule, count in sorted(batch.by_rule.items()):
        if limits.changes_per_rule is not None and count > limits.changes_per_rule:
            over.append(
                f"rule {rule} to change {count} tickets, the limit is {limits.changes_per_rule}"
            )
    if limits.share_of_open is not None:
        most = max(FEWEST, int(limits.share_of_open * open_known))
        if tickets > most:
            over.append(
                f"{tickets} tickets to change of {open_known} open, the limit is {most}"
                f" ({limits.share_of_open:.0%})"
            )
    if batch.messages > limits.messages_per_run:
        over.append(f"{batch.messages} messages to send, the limit is {limits.messages_per_run}")
    return over


def suspect(moved: int, known: int) -> str:
    """Why so many tickets *moved* of those *known* are not believed; empty where they are."""
    if known < SUSPECT_FROM or moved <= SUSPECT * known:
        return ""
    return f"{moved} of {known} known tickets changed at once: is that people's doing?"
