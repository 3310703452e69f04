"""How the rules are doing: used or not, trusted or not, looked after or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kace_bridge.model.people import Person
from kace_bridge.report.figures import RuleUse, rule_uses, together
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.agreement import Tally, Wish, agreement, by_team
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.state.readings import Readings


@dataclass(frozen=True, slots=True)
class RuleStat:
    """One rule: its use, how often people agreed with it on trial, and what is the matter."""

    rule: Rule
    use: RuleUse
    agreed: Tally | None = None
    overdue: date | None = None
    expired: date | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A person the rules name who cannot be reached: ``archived``, or ``unknown`` there."""

    user: str
    why: str
    named_in: tuple[str, ...]


@dataclass(slots=True)
class RuleStats:
    """All rules in file order; ``retired`` counts decisions of rules that are no more."""

    since: datetime
    rules: list[RuleStat] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    retired: dict[str, int] = field(default_factory=dict)

    @property
    def unused(self) -> list[RuleStat]:
        """Rules that are switched on and never fired in the time looked at."""
        return [one for one in self.rules if not one.use.used and one.rule.mode != "off"]


def rule_stats(
    rules: RuleSet, store: Readings, people: Mapping[str, Person], since: datetime, today: date
) -> RuleStats:
    """Count what *store* recorded since *since*; *people* are those the appliance knows."""
    decisions = [row for row in store.decisions() if row.at >= since and row.phase != "command"]
    effects = store.effects()
    uses = rule_uses(decisions, frozenset(effect.decision for effect in effects))
    wishes = [
        Wish(row.rule, row.ticket, row.at, effect.values)
        for row in decisions
        if row.mode == "shadow"
        for effect in effects
        if effect.decision == row.id and effect.kind == "update"
    ]
    timelines = store.timelines(dict.fromkeys(wish.ticket for wish in wishes))
    events = [event for timeline in timelines.values() for event in timeline]
    desk = Desk(teams=rules.teams, groups=rules.groups, people=people)
    tallies = agreement(wishes, events, by_team(desk)).by_rule
    found = RuleStats(since, gone=list(people_gone(rules, people)))
    for rule in rules.rules:
        names = list(dict.fromkeys(name for name in (rule.id, rule.moved_from) if name))
        use = together(uses.pop(name) for name in names if name in uses)
        past = rule.review_by if rule.review_by and rule.review_by < today else None
        over = rule.valid_until if rule.valid_until and rule.valid_until < today else None
        found.rules.append(RuleStat(rule, use, tallies.get(rule.id), past, over))
    found.retired = {name: use.matched + use.shadow for name, use in uses.items() if use.used}
    return found


def people_gone(rules: RuleSet, people: Mapping[str, Person]) -> Iterator[Gone]:
    """Whom the rules name and nobody can reach; none where nobody is known at all."""
    if not people:
        return
    known = {name.casefold(): person for name, person in people.items()}
    named: dict[str, list[str]] = {}
    for user, where in _named(rules):
        named.setdefault(user, []).append(where)
    for user, places in named.items():
        person = known.get(user.casefold())
        why = "unknown" if person is None else "archived" if person.archived else ""
        if why:
            yield Gone(user, why, tuple(dict.fromkeys(places)))


def _named(rules: RuleSet) -> Iterator[tuple[str, str]]:
    for team in rules.teams.values():
        yield from ((str(user), f"team {team.name}") for user in team.members)
        if team.lead:
            yield str(team.lead), f"lead of {team.name}"
    for group in rules.groups.values():
        yield from ((user, f"group {group.name}") for user in sorted(group.users))
    for name, spec in rules.maps.items():
        yield from ((user, f"map of {name}") for user in spec.values.values())
    for rule in rules.rules:
        for action in _actions(rule):
            for user in action.references().users:
                if user not in rules.teams:
                    yield user, f"rule {rule.id}"


def _actions(rule: Rule) -> Iterator[Action]:
    yield from rule.actions
    for level in rule.levels:
        yield from level.actions
