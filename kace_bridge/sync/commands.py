"""What people ask for at a terminal: planned, recorded and applied like anything else.

A command is a decision too: it is in the ledger before it is on the wire, is never sent twice,
and leaves the person and the reason on the ticket. It needs no lease: compare-and-set keeps it
and a running sync apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kace_bridge.errors import NotFound, UsageError
from kace_bridge.model.effect import AddComment, Decision, Effect, UpdateTicket, decision_id
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import ChangeId, TicketId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Picture, announce
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.pick import pick
from kace_bridge.state.rows import PageCommit, Snapshot
from kace_bridge.sync.act import LEASE, applier_for, deliver_now, release
from kace_bridge.sync.apply import Applied
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import Detected, Known, Watcher, detect
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.wire import Bridge

State = Literal["applied", "planned", "failed", "unknown", "nothing"]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What one command did to one ticket; values by name."""

    ticket: TicketId
    state: State
    before: Mapping[str, str | None] = field(default_factory=dict)
    after: Mapping[str, str | None] = field(default_factory=dict)
    comment: str = ""
    reason: str = ""
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scene:
    """A ticket freshly read, with what is known of it."""

    ticket: Ticket
    snapshot: Snapshot | None
    found: Detected
    picture: Picture


def escalate(
    bridge: Bridge,
    ids: Sequence[TicketId],
    *,
    to: str,
    reason: str,
    person: str,
    dry_run: bool = False,
) -> list[CommandResult]:
    """Hand tickets to a team (its strategy picks) or to a person, saying who asked and why.

    Works on tickets no sync has seen. Raises UsageError for a name that is neither a team nor
    a user of the appliance.
    """
    bridge.sma.login()
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, bridge.now())
    book.learn([])
    if to not in book.desk.teams and to not in book.desk.people:
        teams = ", ".join(sorted(book.desk.teams))
        raise UsageError(f"'{to}' is neither a team nor a user of the appliance; teams: {teams}")
    run = "" if dry_run else bridge.store.start_run(
        "escalate", bridge.site.config_hash, bridge.clock.now()
    )  # fmt: skip
    results = [
        _escalate_one(bridge, book, ticket, run, to=to, reason=reason, person=person)
        for ticket in ids
    ]
    if not dry_run:
        book.save()
        deliver_now(bridge)
        outcome = "done" if all(r.state == "applied" for r in results) else "failures"
        bridge.store.end_run(run, outcome, {"tickets": len(results)}, bridge.clock.now())
    return results


def _escalate_one(
    bridge: Bridge, book: DeskBook, ticket_id: TicketId, run: str, *, to: str, reason: str,
    person: str,
) -> CommandResult:  # fmt: skip
    try:
        scene = _look(bridge, book, ticket_id)
    except NotFound as error:
        return CommandResult(ticket_id, "failed", reason=str(error))
    owner, why = _target(bridge, book, scene, to)
    if owner is None:
        return CommandResult(ticket_id, "failed", reason=why)
    team = book.desk.teams.get(to)
    shown = book.desk.person(owner).shown
    whom = f"{team.shown} ({shown})" if team else shown
    comment = f"Escalated to {whom} by {person}: {reason}"
    before = {"owner": scene.ticket.value("owner")}
    effects: list[Effect] = [AddComment(ticket_id, comment, public=False)]
    if before["owner"] != owner:
        effects.insert(0, UpdateTicket(ticket_id, {"owner": owner}, before))
    cause = f"command:{scene.found.last_row}:{to}"
    decision = Decision(
        ticket=ticket_id, rule="command:escalate", phase="command", cause=cause,
        at=bridge.now(), episode=scene.found.episode, effects=tuple(effects),
        trace={"by": person, "reason": reason, "to": to, "pick": why},
        key=decision_id(ticket_id, "command:escalate", None, cause),
    )  # fmt: skip
    return _carry_out(bridge, book, scene, decision, run, person, before, {"owner": owner}, comment)


def _look(bridge: Bridge, book: DeskBook, ticket_id: TicketId) -> _Scene:
    ticket = bridge.sma.tickets.get(ticket_id)
    rows = bridge.sma.tickets.history(ticket_id)
    book.learn([ticket])
    snapshot = bridge.store.snapshot(ticket_id)
    known = None
    if snapshot is not None:
        before = Ticket(snapshot.record, ticket.zone)
        known = Known(before, ChangeId(snapshot.last_row), snapshot.episode)
    found = detect(known, ticket, rows, Watcher(book.desk.is_staff, book.author_of, {}))
    last_row = max([found.last_row, *(row.id for row in rows)])
    found = Detected(found.events, ChangeId(last_row), found.episode)
    timeline = bridge.store.timelines([ticket_id]).get(ticket_id, ())
    picture = Picture(
        ticket=ticket, now=bridge.now(), desk=book.desk, before=known.ticket if known else None,
        timeline=timeline or found.events, episode=found.episode,
        done=bridge.store.decision_ids([ticket_id]).get(ticket_id, frozenset()),
        states=book.states(ticket.queue_id),
    )  # fmt: skip
    return _Scene(ticket, snapshot, found, picture)


def _target(bridge: Bridge, book: DeskBook, scene: _Scene, to: str) -> tuple[str | None, str]:
    if to not in book.desk.teams:
        return to, f"{to}, by name"
    facts = Facts(scene.ticket, bridge.now(), book.desk, timeline=scene.picture.timeline)
    choice = pick(bridge.site.rules, to, facts)
    if choice.desk is not None:
        book.desk = choice.desk
    return choice.person, choice.reason


def _carry_out(
    bridge: Bridge,
    book: DeskBook,
    scene: _Scene,
    decision: Decision,
    run: str,
    person: str,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    comment: str,
) -> CommandResult:
    """Plan, and unless it is a rehearsal (no *run*) commit and apply, one command's decision."""
    outcome = announce(bridge.site.rules, scene.picture, decision)
    told = tuple(
        f"{effect.template} to {effect.name} <{effect.to}>"
        for planned in outcome.decisions
        for effect in planned.effects
        if not isinstance(effect, UpdateTicket | AddComment)
    )
    ticket_id = scene.ticket.id
    if not run:
        return CommandResult(ticket_id, "planned", before, after, comment, "", told)
    # A ticket no sync has seen stays unseen: the next one greets and classifies it like any other.
    bridge.store.commit_page(
        PageCommit(
            run, events=_as_event(decision, person, before, after),
            decisions=(decision, *outcome.decisions), turns=book.desk.turns,
        )
    )  # fmt: skip
    counts = Applied()
    applier_for(bridge, book, epoch=None).tickets([ticket_id], counts)
    state = _state_of(bridge, ticket_id, decision.id)
    return CommandResult(
        ticket_id, state, before, after, comment, counts.reasons.get(ticket_id, ""), told
    )


def _as_event(
    decision: Decision,
    person: str,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
) -> tuple[Event, ...]:
    """The change as a person's doing, so that routing keeps its hands off."""
    changes = tuple(
        FieldChange(name, before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value
    )
    if not changes:
        return ()
    return (
        Event(
            EventKind.CHANGED, decision.ticket, decision.at, f"decision:{decision.id}",
            UserName(person), staff=True, changes=changes,
        ),
    )  # fmt: skip


def _state_of(bridge: Bridge, ticket: TicketId, decision: str) -> State:
    states = {
        effect.state
        for effect in bridge.store.effects(ticket=ticket)
        if effect.decision == decision and effect.kind != "message"
    }
    if states <= {"applied", "noop"}:
        return "applied"
    if states & {"intent", "unknown"}:
        return "unknown"
    return "planned" if "planned" in states else "failed"


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
