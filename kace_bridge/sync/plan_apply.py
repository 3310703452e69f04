"""Carrying out a plan made earlier: exactly its effects, where nothing has moved since."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from kace_bridge.model.effect import Decision
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.state.lease import Lease
from kace_bridge.state.rows import PageCommit
from kace_bridge.sync.act import LEASE, applier_for, deliver_due
from kace_bridge.sync.applied import Applied
from kace_bridge.sync.apply import CHUNK
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import digest_of
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.plan_file import Plan, SeenTicket, appliance_of, check_plan
from kace_bridge.sync.planner import Planner, Work
from kace_bridge.sync.report import Progress, SyncReport, counts, quiet
from kace_bridge.sync.wire import Bridge


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision of the plan that was left alone, and why."""

    decision: Decision
    reason: str


@dataclass(slots=True)
class PlanResult:
    """What became of a plan; ``taken`` are the decisions that were (or would be) committed."""

    report: SyncReport = field(default_factory=SyncReport)
    taken: list[Decision] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 where part of the plan was refused or failed."""
        return 1 if self.refused else self.report.exit_code


def apply_plan(
    bridge: Bridge, plan: Plan, person: str, *, dry_run: bool = False, progress: Progress = quiet
) -> PlanResult:
    """Commit and apply what *plan* holds and nothing else; *person* answers for it.

    A decision is refused where its ticket is not as the plan saw it, is gone, waits for another
    write to be settled, or where the decision is in the ledger already. The limits of a run do
    not count: somebody has looked at this one. Messages go out with what else is due. Raises
    UsageError for a plan of another configuration or appliance, RetryLater while a sync runs.
    """
    check_plan(plan, bridge.site, appliance_of(bridge))
    if dry_run:
        bridge.sma.login()
        result = PlanResult()
        _gather(bridge, plan, result)
        return result
    started = bridge.clock.monotonic()
    with bridge.store.lease("sync", ttl=LEASE) as lease:
        bridge.sma.login()
        run = bridge.store.start_run("apply", bridge.site.config_hash, bridge.clock.now())
        result = PlanResult(SyncReport(run=run))
        outcome = "stopped"
        try:
            _carry_out(bridge, plan, person, lease, result, progress)
            outcome = "failures" if result.exit_code else "done"
        finally:
            result.report.requests = bridge.sma.requests_made
            result.report.seconds = round(bridge.clock.monotonic() - started, 3)
            numbers = counts(result.report) | {"refused": len(result.refused)}
            bridge.store.end_run(run, outcome, numbers, bridge.clock.now())
    return result


def _carry_out(
    bridge: Bridge,
    plan: Plan,
    person: str,
    lease: Lease,
    result: PlanResult,
    progress: Progress,
) -> None:
    work = _gather(bridge, plan, result)
    report, store = result.report, bridge.store
    if not result.taken:
        return
    lease.renew()
    with store.together():
        report.decisions = len(store.commit_page(
            PageCommit(
                report.run, None, work.snapshots, work.events,
                (*result.taken, *work.decisions), work.due, plan.turns, lease.epoch,
            )
        ))  # fmt: skip
        # By way of held: the ledger names who let it go ahead. At one stroke, since cut off between
        # it would wait for an approval, and the plan in hand would be refused as known already.
        store.hold(report.run, "planned in a file")
        store.approve(report.run, person)
    book = DeskBook(bridge.site.rules, bridge.sma, store, bridge.now())
    book.learn([])
    applied = Applied()
    applier = applier_for(bridge, book, epoch=lease.epoch, renew=lease.keep)
    ids = sorted({decision.ticket for decision in result.taken})
    lease.renew()
    applier.tickets(ids, applied, lambda done: progress("apply", done))
    report.applied, report.noop, report.unknown = applied.applied, applied.noop, applied.unknown
    report.failed = applied.failed + applied.conflicts
    report.messages, report.reasons = applied.queued, applied.reasons
    book.save()
    sent = deliver_due(bridge, progress, lease)
    report.sent, report.undelivered = sent.sent, sent.retried + sent.dead


def _gather(bridge: Bridge, plan: Plan, result: PlanResult) -> Work:
    """Sort the plan into taken and refused; what to store of the tickets taken."""
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, plan.at)
    planner = Planner(bridge.site.rules, bridge.sma, bridge.store, book, plan.at)
    work = Work()
    for ids in _chunks(decision.ticket for decision in plan.decisions):
        fresh, changes = fetch(bridge.sma, ids)
        done = bridge.store.decision_ids(ids)
        for ticket in ids:
            wanted = [decision for decision in plan.decisions if decision.ticket == ticket]
            why = _moved(bridge, ticket, plan.tickets.get(ticket), fresh.get(ticket), changes)
            reasons = {d.id: _known(bridge, d, done[ticket]) or why for d in wanted}
            result.refused += [Refusal(d, reasons[d.id]) for d in wanted if reasons[d.id]]
            taken = [decision for decision in wanted if not reasons[decision.id]]
            result.taken += taken
            if len(taken) == len(wanted):
                work = _with(work, _as_then(planner, fresh[ticket], changes, taken))
    return work


def _moved(
    bridge: Bridge, ticket: TicketId, seen: SeenTicket | None, fresh: Ticket | None,
    changes: Changes | None,
) -> str:  # fmt: skip
    """Why nothing of the plan may be done to *ticket*; empty where it stands as the plan saw it."""
    if fresh is None:
        return "the appliance has no such ticket any more"
    if seen is None or digest_of(fresh) != seen.digest:
        return "the ticket moved on since the plan"
    if changes is None:
        newer = bool(bridge.sma.tickets.history(ticket, after=seen.row))
    else:
        newer = bool(changes.after(ticket, seen.row))
    if newer:
        return "something was added to the ticket since the plan"
    left = bridge.store.effects(states=("planned", "intent", "unknown"), ticket=ticket)
    if left:
        return f"run {left[0].run} has not finished with it: run 'kace-bridge sync' first"
    return ""


def _known(bridge: Bridge, decision: Decision, done: frozenset[str]) -> str:
    if decision.id not in done:
        return ""
    row = bridge.store.decision(decision.id)
    return f"decided already, by run {row.run}" if row else "decided already"


def _as_then(
    planner: Planner, ticket: Ticket, changes: Changes | None, taken: Sequence[Decision]
) -> Work:
    """What a sync at the plan's moment would have stored of *ticket* beside the decisions *taken*.

    Nothing where the rules would now decide otherwise: then the next sync has to look at it.
    """
    work = planner.consider([ticket], changes, again=frozenset([ticket.id]))
    acting = {decision.id for decision in work.decisions if decision.effects}
    if work.failures or acting != {decision.id for decision in taken}:
        return Work()
    idle = tuple(decision for decision in work.decisions if not decision.effects)
    return replace(work, decisions=idle)


def _with(work: Work, more: Work) -> Work:
    return replace(
        work, snapshots=work.snapshots + more.snapshots, events=work.events + more.events,
        decisions=work.decisions + more.decisions, due=work.due + more.due,
    )  # fmt: skip


def _chunks(tickets: Iterable[TicketId]) -> Iterator[list[TicketId]]:
    ids = sorted(set(tickets))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
