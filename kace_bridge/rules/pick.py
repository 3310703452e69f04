"""Choosing a person of a team: who is present, whose turn or load decides, and the record of it."""

from collections import Counter
from dataclasses import replace

from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.strategies.base import STRATEGIES, Candidates, Choice


def pick(rules: RuleSet, team_name: str, facts: Facts) -> Choice:
    """One person of *team_name*, by the team's strategy.

    Absent and archived people are passed over. Where nobody is left, ``person`` is None and the
    reason says so: the ticket keeps its owner rather than going to an empty chair.
    """
    desk = facts.desk
    team = desk.teams[team_name]
    waiting: Counter[str] = Counter()
    for user, count in desk.loads.items():
        waiting[user.casefold()] += count
    away = tuple(user for user in team.members if desk.is_away(user))
    present = tuple(user for user in team.members if user not in away)
    if not present:
        return Choice(None, f"nobody of {team_name} is present", (), {}, away)
    candidates = Candidates(
        team=team_name,
        present=present,
        everybody=team.members,
        loads={user: waiting[user.casefold()] for user in present},
        weights=rules.weights.get(team_name, {}),
        last=desk.turns.get(team_name),
        rotation=rules.rotations.get(team_name),
        now=facts.now,
        mapped=rules.maps.get(team_name),
    )
    member, reason = STRATEGIES[team.pick](candidates, facts)
    person = desk.person(member).user_name  # as the appliance spells it, to be known again
    after = moved(desk, team_name, facts.ticket.value("owner"), person)
    return Choice(person, f"{team_name}: {reason}", present, candidates.loads, away, after)


def moved(desk: Desk, team: str, before: str | None, after: str) -> Desk:
    """*desk* once the ticket went from *before* to *after*: loads and the team's turn."""
    loads = dict(desk.loads)
    if before is not None and loads.get(before):
        loads[before] -= 1
    loads[after] = loads.get(after, 0) + 1
    return replace(desk, loads=loads, turns={**desk.turns, team: after})
