"""From a rule that fired to the decision it makes: actions lowered to effects, with the trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from kace_bridge.model.effect import Decision, Effect, UpdateTicket, decision_id
from kace_bridge.rules.actions.base import STAFF_ROLES, Action, Lowered, Scene
from kace_bridge.rules.bounced import MOVING
from kace_bridge.rules.evaluate import Judgement
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.pick import pick
from kace_bridge.rules.planned import records_of
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.rules.variables import variables_for
from kace_bridge.sla.clock import Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision together with what the next phase needs to know of it."""

    decision: Decision
    values: Mapping[str, str | None]
    team: str | None
    desk: Desk | None
    priority: int

    def refused(self, why: str) -> "Outcome":
        """The same, doing nothing: kept so that ``explain`` can show it."""
        trace = {**self.decision.trace, "refused": why}
        return replace(
            self, decision=replace(self.decision, effects=(), trace=trace), values={}, desk=None
        )


def carry_out(
    rules: RuleSet,
    rule: Rule,
    facts: Facts,
    *,
    actions: Sequence[Action],
    cause: str,
    condition: Judgement | None,
    level: int | None,
    late_s: float,
    reading: Reading | None,
    team: str | None,
    episode: int,
    reason: str,
    stays: str = "",
) -> Outcome:
    """Lower *actions* in their order; each sees what the ones before it set.

    *stays* says why the ticket is not to be moved; the rest of what the rule does is done.
    """
    title = rule.title or rule.id

    def variables(seen: Facts, role: str) -> dict[str, object]:
        return variables_for(
            rules, seen, rule=rule.id, title=title, level=level, reading=reading, team=team,
            internal=role in STAFF_ROLES or role in rules.teams or seen.desk.is_staff(role),
            role=role,
        )  # fmt: skip

    def render(name: str, data: Mapping[str, object]) -> tuple[str, str, str]:
        rendered = rules.templates.render(name, data)
        return rendered.subject, rendered.text, rendered.html

    values: dict[str, str | None] = {}
    effects: list[Effect] = []
    notes: list[Mapping[str, object]] = []
    desk: Desk | None = None
    for action in sorted(actions, key=_order):
        scene = Scene(
            rule=rule.id, title=title, level=level, pick=lambda name, seen: pick(rules, name, seen),
            render=render, variables=variables, channel=rules.channel, team=team,
            rooms=rules.rooms,
        )  # fmt: skip
        lowered = _without_moves(action.lower(facts, scene), stays)
        values.update(lowered.values)
        effects.extend(lowered.effects)
        notes.extend(lowered.notes)
        team = lowered.team or team
        desk = lowered.desk or desk
        if lowered.values:
            facts = facts.after(records_of(lowered.values, facts.desk, {}))
    if values:
        shown = facts.origin or facts.ticket
        before = {name: shown.value(name) for name in values}
        effects.insert(0, UpdateTicket(facts.ticket.id, values, before))
    decision = Decision(
        ticket=facts.ticket.id, rule=rule.id, phase=rule.phase, cause=cause, at=facts.now,
        episode=episode, level=level, mode=rules.mode_of(rule), effects=tuple(effects),
        trace=_trace(rule, cause, condition, notes, reason, facts), late_s=late_s,
        key=decision_id(facts.ticket.id, rule.key, level, cause),
    )  # fmt: skip
    return Outcome(decision, values, team, desk, rule.priority)


_order = attrgetter("order")


def _without_moves(lowered: Lowered, stays: str) -> Lowered:
    """*lowered* without what would move the ticket, where it *stays*; nobody's turn is used up."""
    if not stays or not MOVING & lowered.values.keys():
        return lowered
    values = {name: value for name, value in lowered.values.items() if name not in MOVING}
    notes = (*lowered.notes, {"stopped": stays})
    return replace(lowered, values=values, notes=notes, team=None, desk=None)


def _trace(
    rule: Rule,
    cause: str,
    condition: Judgement | None,
    notes: Sequence[Mapping[str, object]],
    reason: str,
    facts: Facts,
) -> dict[str, object]:
    trace: dict[str, object] = {"place": rule.place, "cause": cause}
    if facts.event is not None:
        event: dict[str, object] = {
            "kind": str(facts.event.kind), "at": facts.event.at.isoformat(),
            "author": facts.event.author,
        }  # fmt: skip
        if facts.event.changes:
            event["fields"] = [change.field for change in facts.event.changes]
        trace["event"] = event
    if condition is not None and rule.condition is not None:
        trace["condition"] = condition.as_data()
    if reason:
        trace["reason"] = reason
    if notes:
        trace["notes"] = [dict(note) for note in notes]
    return trace
