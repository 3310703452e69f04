"""What must have happened, told from the appliance's own history, against what the ledger says.

Reads only, and asks nothing of the code that decides and writes: marks in comments are the
appliance's copy of the ledger (see docs/delivery.md).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kace_bridge.doctor.check import Check, error, ok
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.sma import Sma
from kace_bridge.state import Store
from kace_bridge.state.rows import DecisionRow, EffectRow
from kace_bridge.sync.detect import MARK

SPAN = timedelta(hours=48)
PATIENCE = timedelta(minutes=15)
"""What is younger may still be on its way: two runs, a settle window and an overlap."""
_SHOWN = 5
_CURE = "look at 'kace-bridge explain TICKET', and tell us"


@dataclass(slots=True)
class Findings:
    """Counts of what was compared, and every fault by kind, in words."""

    tickets: int = 0
    marks: int = 0
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)


def audit(sma: Sma, store: Store, queues: Sequence[QueueId], now: datetime) -> Findings:
    """Compare the last 48 hours. *now* is the appliance's time. Raises what reading raises."""
    found = Findings(chain=store.verify())
    seen: set[TicketId] = set()
    for page in sma.tickets.pages(queues=list(queues), modified_since=now - SPAN):
        for ticket in page.tickets:
            changes = page.changes
            rows = changes[ticket.id] if changes is not None else sma.tickets.history(ticket.id)
            seen.add(ticket.id)
            _compare(found, store, ticket.id, rows, now)
    found.tickets = len(seen)
    found.overdue += overdue(store.effects(states=("planned", "intent", "unknown")), store, now)
    return found


def _compare(
    found: Findings, store: Store, ticket: TicketId, rows: Sequence[HistoryEntry], now: datetime
) -> None:
    marks = Counter(mark for row in rows for mark in set(MARK.findall(row.comment)))
    found.marks += len(marks)
    decisions = store.decisions(ticket=ticket)
    found.doubled += doubled(ticket, marks, decisions)
    found.foreign += foreign(ticket, marks, decisions)
    found.missing += missing(ticket, marks, store.effects(ticket=ticket), now)
    snapshot = store.snapshot(ticket)
    last = snapshot.last_row if snapshot else 0
    late = [row.id for row in rows if row.id > last and row.at < now - PATIENCE]
    if late:
        found.unread.append(f"#{ticket}: history row {late[0]} was never read")


def doubled(
    ticket: TicketId, marks: Mapping[str, int], decisions: Iterable[DecisionRow]
) -> list[str]:
    """Decisions written more than once; an owners-only comment may follow by itself, once."""
    rules = {row.id[:8]: row.rule for row in decisions}
    return [
        f"#{ticket}: {rules.get(mark, 'a decision')} [kb:{mark}] was written {times} times"
        for mark, times in marks.items()
        if times > 1
    ]


def foreign(
    ticket: TicketId, marks: Mapping[str, int], decisions: Iterable[DecisionRow]
) -> list[str]:
    """Marks this store knows nothing of: another bridge is at work, or the store lost them."""
    known = {row.id[:8] for row in decisions}
    return [f"#{ticket}: [kb:{mark}] is in no decision here" for mark in marks if mark not in known]


def missing(
    ticket: TicketId, marks: Mapping[str, int], effects: Iterable[EffectRow], now: datetime
) -> list[str]:
    """Writes recorded as applied within the span whose mark the ticket does not bear."""
    lost = {
        effect.decision: effect.rule
        for effect in effects
        if effect.kind != "message" and effect.state == "applied"
        and effect.intent_at is not None and effect.intent_at > now - SPAN
        and effect.decision[:8] not in marks
    }  # fmt: skip
    return [f"#{ticket}: what {rule} wrote bears no mark [kb:{key[:8]}]"
            for key, rule in lost.items()]  # fmt: skip


def overdue(effects: Iterable[EffectRow], store: Store, now: datetime) -> list[str]:
    """Decisions that should be settled by now."""
    late: dict[str, str] = {}
    for effect in effects:
        row = store.decision(effect.decision)
        if row is not None and row.at < now - PATIENCE:
            late[row.id] = f"#{effect.ticket}: {row.rule} is {effect.state} since {row.at:%F %H:%M}"
    return list(late.values())


def as_checks(found: Findings) -> Iterator[Check]:
    """One line for each kind of fault, or one that says how much was compared."""
    for name in ("chain", "doubled", "missing", "foreign", "unread", "overdue"):
        faults: list[str] = getattr(found, name)
        if faults:
            more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            yield error(f"audit: {name}", "; ".join(faults[:_SHOWN]) + more, _CURE)
    if not any((found.chain, found.doubled, found.missing, found.foreign, found.unread,
                found.overdue)):  # fmt: skip
        what = f"{found.tickets} tickets of the last 48 h, {found.marks} marks: as the ledger says"
        yield ok("audit", what)
