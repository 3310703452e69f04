"""Taking a run back: fields return to what they were, where nobody touched them since.

An undo is a command like any other: in the ledger before it is on the wire, marked on the ticket,
with the name of the person. It is one decision per decision undone, so that it happens once. The
rules are not asked and send nothing; a person's wish to have it so counts for ``hands_off``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kace_bridge.errors import Held, UsageError
from kace_bridge.model.effect import AddComment, Decision, UpdateTicket, decision_id
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.state.rows import EffectRow, PageCommit
from kace_bridge.sync.act import LEASE, applier_for
from kace_bridge.sync.applied import Applied
from kace_bridge.sync.apply import CHUNK
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.limits import Batch, compare
from kace_bridge.sync.report import SyncReport, counts
from kace_bridge.sync.wire import Bridge

RULE = "command:undo"
UNSETTLED = ("planned", "intent", "unknown")


@dataclass(frozen=True, slots=True)
class PutBack:
    """One field to be put back, by name: from what the run set to what was there before."""

    ticket: TicketId
    rule: str
    field: str
    value: str | None
    before: str | None
    decision: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays as it is, and why."""

    ticket: TicketId
    rule: str
    what: str
    reason: str


@dataclass(slots=True)
class UndoResult:
    """What an undo did, or with a rehearsal would do.

    ``sent`` are messages nobody can call back, ``stopped`` those still in the outbox; ``comments``
    stay on the tickets. ``over`` names the limits of a run that it exceeds.
    """

    undone: str
    report: SyncReport = field(default_factory=SyncReport)
    put_back: list[PutBack] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    sent: int = 0
    stopped: int = 0
    comments: int = 0
    over: tuple[str, ...] = ()

    @property
    def tickets(self) -> int:
        """How many tickets are written to."""
        return len({put.ticket for put in self.put_back})

    @property
    def exit_code(self) -> int:
        """1 where something could not be put back."""
        return 1 if self.kept else self.report.exit_code


def undo(
    bridge: Bridge, run: str, person: str, *, reason: str = "", dry_run: bool = False,
    up_to: int = 0,
) -> UndoResult:  # fmt: skip
    """Put back what *run* set; messages of it that are still waiting are not sent.

    Raises UsageError for a run that is none, lasts, or wrote nothing; RetryLater while a sync runs;
    Held where more tickets would change than *up_to*, and more than the limits of a run allow.
    """
    found = bridge.store.run(run)
    effects = bridge.store.effects(run=found.id)
    if not any(effect.state in {"applied", "planned", "intent", "unknown"} for effect in effects):
        raise UsageError(
            f"run {found.id} wrote nothing: there is nothing to undo;"
            f" see 'kace-bridge runs show {found.id}'"
        )
    result = UndoResult(found.id)
    if dry_run:
        bridge.sma.login()
        _gather(bridge, effects, result)
        result.stopped = len(_waiting(bridge, effects))
        result.sent -= result.stopped
        return result
    with bridge.store.lease("sync", ttl=LEASE) as lease:
        bridge.sma.login()
        _gather(bridge, effects, result)
        _check_limits(result, up_to)
        now = bridge.clock.now()
        result.report.run = bridge.store.start_run("undo", bridge.site.config_hash, now)
        outcome = "stopped"
        try:
            _stop(bridge, effects, result, f"undone by {person}")
            _write(bridge, result, person, reason, lease.epoch)
            outcome = "failures" if result.exit_code else "done"
        finally:
            result.report.requests = bridge.sma.requests_made
            numbers = counts(result.report) | {"kept": len(result.kept), "undone": found.id}
            bridge.store.end_run(result.report.run, outcome, numbers, bridge.clock.now())
    return result


def _check_limits(result: UndoResult, up_to: int) -> None:
    if result.over and result.tickets > up_to:
        raise Held(
            f"the undo of run {result.undone} is over the limits ({'; '.join(result.over)}):"
            f" nothing was written; look with --dry-run, then add --up-to {result.tickets}"
        )


def _over_limits(bridge: Bridge, result: UndoResult) -> tuple[str, ...]:
    """The limits that a sync would be held for, did it change as many tickets for these rules."""
    limits = bridge.site.rules.limits
    by_rule = Counter(rule for rule, _ in {(put.rule, put.ticket) for put in result.put_back})
    batch = Batch(frozenset(put.ticket for put in result.put_back), by_rule)
    share = limits.share_of_open is not None
    return tuple(compare(limits, batch, bridge.store.count_open(bridge.queues()) if share else 0))


# -- what to put back ---------------------------------------------------------------------------


def _gather(bridge: Bridge, effects: Sequence[EffectRow], result: UndoResult) -> None:
    """Sort what the run wrote into what can be put back and what is kept."""
    done = [effect for effect in effects if effect.state == "applied"]
    result.sent = sum(effect.kind == "message" for effect in done)
    result.comments = sum(effect.kind == "comment" for effect in done)
    unsettled = [effect for effect in effects if effect.state in {"intent", "unknown"}]
    for effect in unsettled:
        why = "its outcome is not known yet: run 'kace-bridge sync' first"
        result.kept.append(Kept(effect.ticket, effect.rule, effect.kind, why))
    updates: dict[TicketId, list[EffectRow]] = {}
    for effect in done:
        if effect.kind == "update":
            updates.setdefault(effect.ticket, []).append(effect)
    ids = list(updates)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        fresh, _ = fetch(bridge.sma, part)
        for ticket in part:
            _compare(bridge, updates[ticket], fresh.get(ticket), result)
    result.over = _over_limits(bridge, result)


def _compare(
    bridge: Bridge, effects: Sequence[EffectRow], fresh: Ticket | None, result: UndoResult
) -> None:
    ticket, run = effects[0].ticket, effects[0].run
    busy = [e.run for e in bridge.store.effects(states=UNSETTLED, ticket=ticket) if e.run != run]
    done = bridge.store.decision_ids([ticket])[ticket]
    covered: set[str] = set()
    # The latest write of a field is the one to be seen; what it covered returns with it.
    for effect in reversed(effects):
        for name, value in effect.values.items():
            if name in covered:
                continue
            covered.add(name)
            before = effect.before.get(name)
            if fresh is None:
                why = "the appliance has no such ticket any more"
            elif undo_id(ticket, effect.decision) in done:
                why = "undone already"
            elif busy:
                why = f"run {busy[0]} has not finished with it: run 'kace-bridge sync' first"
            else:
                why = _changed_since(fresh.value(name), value, before)
            if why:
                result.kept.append(Kept(ticket, effect.rule, name, why))
            else:
                put = PutBack(ticket, effect.rule, name, value, before, effect.decision)
                result.put_back.append(put)


def _changed_since(now: str | None, value: str | None, before: str | None) -> str:
    if now == value:
        return ""
    if now == before:
        return "reads as it did before already"
    return f"somebody has set it to {now or 'nothing'} since"


def undo_id(ticket: TicketId, decision: str) -> str:
    """The id of the decision that undoes *decision*: the same however often it is asked for."""
    return decision_id(ticket, RULE, None, f"undo:{decision}")


# -- doing it -----------------------------------------------------------------------------------


def _waiting(bridge: Bridge, effects: Sequence[EffectRow]) -> list[str]:
    decisions = {effect.decision for effect in effects}
    rows = bridge.store.outbox(states=("pending",), limit=2**31)
    return [row.key for row in rows if row.decision in decisions]


def _stop(bridge: Bridge, effects: Sequence[EffectRow], result: UndoResult, reason: str) -> None:
    """Nothing more of the run is written or sent."""
    stopped = [key for key in _waiting(bridge, effects) if bridge.store.dropped(key, reason)]
    result.stopped = len(stopped)
    result.sent -= len(stopped)
    left = [effect.key for effect in effects if effect.state == "planned"]
    if left:
        bridge.store.finish(left, "superseded", reason)


def _write(bridge: Bridge, result: UndoResult, person: str, reason: str, epoch: int) -> None:
    decisions = list(_decisions(bridge, result, person, reason))
    if not decisions:
        return
    report = result.report
    events = [_as_event(decision, person) for decision in decisions]
    report.decisions = len(bridge.store.commit_page(
        PageCommit(report.run, events=events, decisions=decisions, epoch=epoch)
    ))  # fmt: skip
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, bridge.now())
    book.learn([])
    applied = Applied()
    applier = applier_for(bridge, book, epoch=epoch)
    applier.tickets(sorted({decision.ticket for decision in decisions}), applied)
    report.applied, report.noop, report.unknown = applied.applied, applied.noop, applied.unknown
    report.failed, report.reasons = applied.failed + applied.conflicts, applied.reasons


def _decisions(bridge: Bridge, result: UndoResult, person: str, reason: str) -> Iterator[Decision]:
    by_decision: dict[str, list[PutBack]] = {}
    for put in result.put_back:
        by_decision.setdefault(put.decision, []).append(put)
    why = f": {reason}" if reason else ""
    for undone, fields in by_decision.items():
        ticket, rule = fields[0].ticket, fields[0].rule
        values: Mapping[str, str | None] = {put.field: put.before for put in fields}
        before = {put.field: put.value for put in fields}
        text = f"Undone by {person}{why} (what {rule} set in run {result.undone})."
        row = bridge.store.decision(undone)
        yield Decision(
            ticket=ticket, rule=RULE, phase="command", cause=f"undo:{undone}", at=bridge.now(),
            episode=row.episode if row else 0,
            effects=(UpdateTicket(ticket, values, before), AddComment(ticket, text)),
            trace={"by": person, "reason": reason or f"undo of run {result.undone}",
                   "undoes": undone, "run": result.undone},
            key=undo_id(ticket, undone),
        )  # fmt: skip


def _as_event(decision: Decision, person: str) -> Event:
    """The return as a person's doing, so that routing keeps its hands off."""
    update = next(effect for effect in decision.effects if isinstance(effect, UpdateTicket))
    changes = tuple(
        FieldChange(name, update.before.get(name), value) for name, value in update.values.items()
    )
    return Event(
        EventKind.CHANGED, decision.ticket, decision.at, f"decision:{decision.id}",
        UserName(person), staff=True, changes=changes,
    )  # fmt: skip
