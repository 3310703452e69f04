"""Carrying wishes out: planned, recorded and applied like anything a rule decides.

A command is a decision too: it is in the ledger before it is on the wire, is never sent twice,
and leaves the person and the reason on the ticket. It needs no lease: compare-and-set keeps it
and a running sync apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from kace_bridge.errors import NotFound
from kace_bridge.model.digest import digest_parts
from kace_bridge.model.effect import (
    AddComment,
    Decision,
    Effect,
    SendMessage,
    UpdateTicket,
    decision_id,
)
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.rules.decide import announce
from kace_bridge.state.rows import PageCommit
from kace_bridge.sync.act import applier_for, deliver_now
from kace_bridge.sync.applied import Applied
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.verbs.authorship import PHASE
from kace_bridge.sync.verbs.scene import Scene, look
from kace_bridge.sync.verbs.wish import GOOD, Answer, CommandResult, Declined, Order, State, Wish
from kace_bridge.sync.wire import Bridge

Decide = Callable[[Scene], Answer]
"""What a verb wants on the ticket of a scene."""


def open_book(bridge: Bridge) -> DeskBook:
    """The desk, people included, as a command needs it. Logs in."""
    bridge.sma.login()
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, bridge.now())
    book.learn([])
    return book


def page_of(bridge: Bridge, ticket: TicketId) -> str:
    """Where people see a ticket. Source: contract section 4.13 (links)."""
    return f"{bridge.sma.url.rstrip('/')}/adminui/ticket.php?ID={ticket}"


def carry_out(
    bridge: Bridge,
    book: DeskBook,
    ids: Sequence[TicketId],
    order: Order,
    decide: Decide,
    *,
    dry_run: bool,
) -> list[CommandResult]:
    """Do to each ticket what *decide* answers; one that fails does not stop the others."""
    if dry_run:
        return [_one(bridge, book, ticket, order, decide) for ticket in ids]
    run = bridge.store.start_run(order.verb, bridge.site.config_hash, bridge.clock.now())
    order = replace(order, run=run)
    outcome, results = "stopped", list[CommandResult]()
    try:
        for ticket in ids:
            results.append(_one(bridge, book, ticket, order, decide))
        book.save()
        deliver_now(bridge)
        outcome = "done" if all(result.state in GOOD for result in results) else "failures"
    finally:
        bridge.store.end_run(run, outcome, {"tickets": len(results)}, bridge.clock.now())
    return results


def _one(
    bridge: Bridge, book: DeskBook, ticket: TicketId, order: Order, decide: Decide
) -> CommandResult:
    page = page_of(bridge, ticket)
    try:
        scene = look(bridge, book, ticket)
    except NotFound as error:
        return CommandResult(ticket, "failed", reason=str(error))
    wish = decide(scene)
    if isinstance(wish, Declined):
        state: State = "failed" if wish.fails else "nothing"
        return CommandResult(ticket, state, reason=wish.reason, page=page)
    decision = _decision(bridge, scene, order, wish)
    result = _apply(bridge, book, scene, order, decision)
    shown = {name: (scene.ticket.value(name), value) for name, value in wish.values.items()}
    shown.update(wish.shown)
    return replace(
        result, page=page, comment=wish.comment, public=wish.public,
        before={name: before for name, (before, _) in shown.items()},
        after={name: after for name, (_, after) in shown.items()},
        reason=result.reason or wish.note,
    )  # fmt: skip


def _decision(bridge: Bridge, scene: Scene, order: Order, wish: Wish) -> Decision:
    ticket, rule = scene.ticket, f"command:{order.verb}"
    values = {n: v for n, v in wish.values.items() if ticket.value(n) != v}
    effects: list[Effect] = []
    if values:
        before = {name: ticket.value(name) for name in values}
        effects.append(UpdateTicket(ticket.id, values, before))
    if wish.comment:
        effects.append(AddComment(ticket.id, wish.comment, wish.public))
    effects += wish.messages
    content = digest_parts(sorted(values.items()), wish.comment, wish.public)[:12]
    cause = f"command:{scene.found.last_row}:{content}"
    # What failed before may be asked for again, though the ticket has not moved.
    failed = sum(
        row.rule == rule and row.state == "failed" and row.cause.startswith(cause)
        for row in bridge.store.decisions(ticket=ticket.id)
    )
    cause += f":{failed}" if failed else ""
    return Decision(
        ticket=ticket.id, rule=rule, phase=PHASE, cause=cause, at=bridge.now(),
        episode=scene.found.episode, effects=tuple(effects),
        trace={"by": order.person, "reason": order.reason, **wish.trace},
        key=decision_id(ticket.id, rule, None, cause),
    )  # fmt: skip


def _apply(
    bridge: Bridge, book: DeskBook, scene: Scene, order: Order, decision: Decision
) -> CommandResult:
    """Plan, and unless it is a rehearsal commit and apply, one command's decision."""
    doing = events_of(scene, decision, order.person)
    picture = replace(scene.picture, events=doing, desk=book.desk)
    outcome = announce(bridge.site.rules, picture, decision)
    told = tuple(
        f"{effect.template} to {effect.name} <{effect.to}>"
        for planned in (decision, *outcome.decisions)
        if planned.mode == "enforce"
        for effect in planned.effects
        if isinstance(effect, SendMessage)
    )
    ticket = scene.ticket.id
    if not order.run:
        return CommandResult(ticket, "planned", messages=told)
    # A ticket no sync has seen stays unseen: the next one greets and classifies it like any other,
    # but cannot tell a change of hands from the first owner.
    unseen = [event for event in doing if event.kind is EventKind.CHANGED]
    bridge.store.commit_page(
        PageCommit(
            order.run, events=unseen if scene.snapshot is None else (),
            decisions=(decision, *outcome.decisions), turns=book.desk.turns,
        )
    )  # fmt: skip
    counts = Applied()
    applier_for(bridge, book, epoch=None).tickets([ticket], counts)
    state = _state_of(bridge, ticket, decision.id)
    return CommandResult(ticket, state, reason=counts.reasons.get(ticket, ""), messages=told)


def events_of(scene: Scene, decision: Decision, person: str) -> tuple[Event, ...]:
    """What the decision does, as the person's doing: for the notify rules.

    A change of state is told beside the change of status, and crossing into or out of closed as
    an event of its own, as a sync would tell it.
    """
    ticket, who = scene.ticket, UserName(person)
    changes: list[FieldChange] = []
    comment, public = "", True
    for effect in decision.effects:
        if isinstance(effect, UpdateTicket):
            changes += [FieldChange(n, ticket.value(n), v) for n, v in effect.values.items()]
        elif isinstance(effect, AddComment):
            comment, public = effect.text, effect.public
    status = next((change.after for change in changes if change.field == "status"), None)
    state = scene.picture.states.get(status) if status else None
    if state is not None and state != ticket.state:
        changes.append(FieldChange("state", ticket.state, state))
    cause = f"decision:{decision.id}"

    def event(kind: EventKind, *of: FieldChange) -> Event:
        return Event(
            kind, ticket.id, decision.at, cause, who, staff=True, public=public or not comment,
            comment=comment, changes=of,
        )  # fmt: skip

    events = [event(EventKind.COMMENTED)] if comment else []
    if changes:
        events.append(event(EventKind.CHANGED, *changes))
    if state == "closed" != ticket.state:
        events.append(event(EventKind.CLOSED, *changes))
    if ticket.state == "closed" and state not in {"closed", None}:
        events.append(event(EventKind.REOPENED, *changes))
    return tuple(events)


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
