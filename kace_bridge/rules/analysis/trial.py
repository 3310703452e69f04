"""Running the production engine on made-up tickets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC

from kace_bridge.model.effect import Decision, UpdateTicket
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.analysis.suggest import NOW
from kace_bridge.rules.decide import decide
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.lowering import carry_out
from kace_bridge.rules.picture import Deliberation, Picture
from kace_bridge.rules.ruleset import Rule, RuleSet

_TELLS_ONLY = frozenset({"notify", "comment"})


def try_rules(rules: RuleSet, tried: Sequence[Rule], picture: Picture) -> Deliberation:
    """What the engine decides with the rules *tried* alone, all enforced, saying nothing,
    valid on any day.

    The other escalations stay, switched off: clocks that conditions read run because of them.
    """
    names = {rule.id for rule in tried}
    others = [replace(rule, mode="off") for rule in rules.of("escalate") if rule.id not in names]
    real = [replace(_quiet(rule), mode="enforce") for rule in tried]
    return decide(replace(rules, rules=(*real, *others), mode="enforce"), picture)


def written(decision: Decision) -> Mapping[str, str | None]:
    """The values *decision* would set."""
    values: dict[str, str | None] = {}
    for effect in decision.effects:
        if isinstance(effect, UpdateTicket):
            values.update(effect.values)
    return values


def writes(rules: RuleSet, rule: Rule, actions: Sequence[Action]) -> Mapping[str, str | None]:
    """What *actions* set on a ticket that reads like none of it."""
    record = {"id": 1, "owner": None, "status": {"name": "?"}}
    facts = Facts(Ticket(record, UTC), NOW, Desk(teams=rules.teams))
    outcome = carry_out(
        rules, rule, facts, actions=_quiet_actions(actions), cause="", condition=None, level=None,
        late_s=0.0, reading=None, team=None, episode=0, reason="",
    )  # fmt: skip
    return {name: outcome.values[name] for name in outcome.values}


def _quiet(rule: Rule) -> Rule:
    levels = tuple(replace(level, actions=_quiet_actions(level.actions)) for level in rule.levels)
    return replace(
        rule, actions=_quiet_actions(rule.actions), levels=levels, valid_from=None,
        valid_until=None,
    )  # fmt: skip


def _quiet_actions(actions: Sequence[Action]) -> tuple[Action, ...]:
    return tuple(action for action in actions if action.verb not in _TELLS_ONLY)
