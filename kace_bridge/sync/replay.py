"""New rules over recorded history: who would have got what, what would have been told and when.

All tickets are played together in the order of time, so that picks see the loads and turns of the
moment. Tickets that were there before are taken over as they were, and levels already past do not
fire. People's acts are taken as they were recorded, whatever the rules would have done before
them: a replay tells what the rules do, not what people would have answered to it.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kace_bridge.model.effect import Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.clocks import read_clocks
from kace_bridge.rules.decide import Deliberation
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.play import Play, enforced
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sla.duration import Level
from kace_bridge.sync.recorded import Past, on_desk

WHOLE = Level(fraction=1.0)


@dataclass(frozen=True, slots=True)
class Breach:
    """A clock that reached its target on a ticket, and when. ``told`` is when the replayed rules
    first told somebody of that clock before it, if they did.
    """

    ticket: TicketId
    clock: str
    at: datetime
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """One ticket: who got it first in truth, who would have, and what was decided, in order."""

    ticket: TicketId
    title: str
    really: str | None
    now: str | None
    rule: str
    decisions: tuple[tuple[datetime, Decision], ...] = ()


@dataclass(slots=True)
class Replay:
    """What a replay found for tickets that came in, or decisions due, between two moments."""

    since: datetime
    until: datetime
    fates: list[Fate] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    saved: list[Breach] = field(default_factory=list)
    caused: list[Breach] = field(default_factory=list)
    messages: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def replay(
    rules: RuleSet,
    pasts: Sequence[Past],
    desk: Desk,
    states: Mapping[str, str],
    since: datetime,
    until: datetime,
) -> Replay:
    """Play *pasts* under *rules* up to *until*, and report on the time from *since*."""
    found = Replay(since, until)
    pasts = [past for past in pasts if past.created.at < until]
    actors = [_Actor(rules, past, desk, states, since) for past in pasts]
    _run(actors, until)
    for actor in actors:
        _report(rules, actor, found)
    return found


class _Actor:
    """One ticket on its way through the replay."""

    def __init__(
        self,
        rules: RuleSet,
        past: Past,
        desk: Desk,
        states: Mapping[str, str],
        since: datetime,
    ) -> None:
        self.past = past
        self.start = since if past.before else past.created.at
        self.heard: list[tuple[datetime, Decision]] = []
        self.conflicts: list[str] = []
        self.play = Play(
            rules, past.first, on_desk(past, desk), states, told=self._hear,
            timeline=past.before, first_row=10**12,
            episode=sum(event.kind is EventKind.REOPENED for event in past.before),
        )  # fmt: skip
        self._next = -1

    def next_at(self) -> datetime | None:
        """When this ticket wants to be looked at again: an act, or a level that falls due."""
        act = self._act_at()
        due = self.play.next_at() if self._next >= 0 else None
        return min((at for at in (act, due) if at is not None), default=None)

    def step(self, at: datetime) -> None:
        """Whatever happens at *at*."""
        if self._next < 0:
            self._next = 0
            if self.past.before:
                self.play.take_up(at)
            else:
                self.play.judge(at, [self.past.created])
        elif self._act_at() == at:
            act = self.past.acts[self._next]
            self._next += 1
            self.play.judge(at, self.play.save(act))
        else:
            self.play.fall_due(at)

    def _act_at(self) -> datetime | None:
        if self._next < 0:
            return self.start
        acts = self.past.acts
        if self._next >= len(acts):
            return None
        # Rows read late carry stamps before what was known; time does not run back here.
        at = acts[self._next].at
        return max(at, self.play.now) if self.play.now else at

    def _hear(self, at: datetime, found: Deliberation) -> None:
        self.heard += [(at, decision) for decision in found.decisions]
        self.conflicts += [str(conflict) for conflict in found.conflicts]


def _run(actors: Sequence[_Actor], until: datetime) -> None:
    """Let everything happen in the order of time, on one desk."""
    loads: dict[str, int] = {}
    turns: Mapping[str, str] = {}
    queue = [(actor.start, number) for number, actor in enumerate(actors)]
    heapq.heapify(queue)
    while queue:
        at, number = heapq.heappop(queue)
        actor = actors[number]
        before = _burden(actor.play.ticket) if actor.play.now else None
        actor.play.desk = replace(actor.play.desk, loads=loads, turns=turns)
        actor.step(at)
        turns = actor.play.desk.turns
        after = _burden(actor.play.ticket)
        if before != after:
            loads = dict(loads)
            if before:
                loads[before] -= 1
            if after:
                loads[after] = loads.get(after, 0) + 1
        coming = actor.next_at()
        if coming is not None and coming < until:
            heapq.heappush(queue, (coming, number))


def _burden(ticket: Ticket) -> str | None:
    """Whose work the ticket is, as the store counts loads."""
    at_work = ticket.state == "opened" or ticket.value("status") == "New"
    return ticket.value("owner") if at_work else None


# -- reporting ----------------------------------------------------------------------------------


def _report(rules: RuleSet, actor: _Actor, found: Replay) -> None:
    past = actor.past
    heard = [(at, one) for at, one in actor.heard if found.since <= at < found.until]
    found.problems += dict.fromkeys(actor.conflicts)
    found.problems += [f"ticket {past.first.id}: {said}" for said in actor.play.problems]
    for _, decision in heard:
        if decision.effects:
            found.rules[decision.rule] = found.rules.get(decision.rule, 0) + 1
    for effect in enforced([decision for _, decision in heard]):
        if isinstance(effect, SendMessage):
            found.messages[effect.template] = found.messages.get(effect.template, 0) + 1
    _compare_clocks(rules, actor, found)
    if found.since <= past.created.at < found.until:
        now, rule = _first_owner(actor)
        acting = tuple((at, decision) for at, decision in heard if decision.effects)
        found.fates.append(
            Fate(past.first.id, past.first.title, real_owner(past), now, rule, acting)
        )


def real_owner(past: Past) -> str | None:
    """Who really had the ticket first."""
    first = past.first.value("owner")
    changes = (event.change_of("owner") for event in past.timeline)
    return first or next((c.after for c in changes if c and c.after), None) or (
        past.last.value("owner")
    )  # fmt: skip


def _first_owner(actor: _Actor) -> tuple[str | None, str]:
    """Who would have had it first, and by which rule; no rule where a person chose."""
    owner = actor.past.first.value("owner")
    if owner:
        return owner, ""
    for event in actor.play.timeline:
        change = event.change_of("owner")
        if change and change.after:
            rule = _rule_of(actor, event, change.after) if event.own else ""
            return change.after, rule
    return None, ""


def _rule_of(actor: _Actor, event: Event, owner: str) -> str:
    for at, decision in actor.heard:
        if at == event.at and any(
            isinstance(effect, UpdateTicket) and effect.values.get("owner") == owner
            for effect in enforced([decision])
        ):
            return decision.rule
    return ""


def _compare_clocks(rules: RuleSet, actor: _Actor, found: Replay) -> None:
    past = actor.past
    real = _breaches(rules, past.last, past.timeline, found)
    played = _breaches(rules, actor.play.ticket, actor.play.timeline, found)
    for name, at in real.items():
        told = _told(rules, actor, name, at)
        breach = Breach(past.first.id, name, at, told)
        found.breaches.append(breach)
        if name not in played:
            found.saved.append(breach)
    found.caused += [
        Breach(past.first.id, name, at, _told(rules, actor, name, at))
        for name, at in played.items()
        if name not in real
    ]


def _breaches(
    rules: RuleSet, ticket: Ticket, timeline: Sequence[Event], found: Replay
) -> dict[str, datetime]:
    """The clocks of one history that reached their target in time to be reported."""
    readings = read_clocks(rules, ticket, timeline, found.until)
    reached = {name: reading.due(WHOLE) for name, reading in readings.items()}
    return {
        name: at
        for name, at in reached.items()
        if at is not None and found.since <= at < found.until
    }


def _told(rules: RuleSet, actor: _Actor, clock: str, before: datetime) -> datetime | None:
    """When a rule on *clock* first told somebody before it was breached."""
    names = {rule.id for rule in rules.of("escalate") if rule.clock == clock}
    return next(
        (
            at
            for at, decision in actor.heard
            if decision.rule in names
            and at < before
            and any(isinstance(effect, SendMessage) for effect in enforced([decision]))
        ),
        None,
    )
