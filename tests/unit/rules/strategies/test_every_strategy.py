"""What every strategy owes, held over the registry."""

from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.discover import import_all
from kace_bridge.model.ids import UserName
from kace_bridge.rules import strategies
from kace_bridge.rules.facts import Desk, Facts, Team
from kace_bridge.rules.pick import pick
from kace_bridge.rules.reference import read_example
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.strategies.base import STRATEGIES
from tests.unit.rules.rulebook import MONDAY, book, event, make_ticket, people

import_all(strategies)
NAMES = sorted(STRATEGIES)


def example_of(name: str) -> tuple[str, RuleSet]:
    """The team in the documentation of a strategy, read as rules.yaml is read."""
    example = read_example(STRATEGIES[name].__doc__ or "")
    (team,) = yaml.safe_load(example)
    indented = "\n".join(f"  {line}" for line in example.splitlines())
    return team, book(base=f"teams:\n{indented}\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_says_what_it_does(name: str) -> None:
    """Its documentation begins with a sentence and holds a team that uses it."""
    assert (STRATEGIES[name].__doc__ or "").strip().split("\n\n")[0].endswith(".")
    team, rules = example_of(name)
    assert rules.teams[team].pick == name


MEMBERS = ("adiaz", "bkim", "cwong", "dlee", "epark", "fruiz", "gcho")


@pytest.mark.parametrize("name", NAMES)
@given(
    absent=st.frozensets(st.sampled_from(MEMBERS)),
    loads=st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 9)),
    last=st.none() | st.sampled_from(MEMBERS),
    owner=st.none() | st.sampled_from(MEMBERS),
    hours=st.integers(0, 10_000),
)
def test_only_present_members_are_picked(
    name: str, absent: frozenset[str], loads: dict[str, int], last: str | None, owner: str | None,
    hours: int,
) -> None:  # fmt: skip
    """Whatever the desk looks like: a present member, else nobody, and a reason either way."""
    team, rules = example_of(name)
    desk = Desk(teams=rules.teams, absent=absent, loads=loads, turns={team: last} if last else {})
    history = (event(), event("changed", ("owner", None, owner))) if owner else (event(),)
    facts = Facts(make_ticket(), MONDAY + timedelta(hours=hours), desk, timeline=history)
    choice = pick(rules, team, facts)
    present = [user for user in rules.teams[team].members if user not in absent]
    assert choice.person in present if present else choice.person is None
    assert choice.reason
    assert list(choice.candidates) == present
    assert pick(rules, team, facts) == choice


def test_login_names_know_no_case() -> None:
    """Members, leads and absences are found however they are spelled."""
    team = Team("desk", (UserName("ADiaz"),), lead=UserName("BKim"))
    assert "adiaz" in team
    assert "bkim" in team
    assert not team.has_member("bkim")
    assert "nobody" not in team
    assert None not in team
    desk = Desk(teams={"desk": team}, absent=frozenset({"adiaz"}))
    assert desk.is_away("ADiaz")
    assert desk.team_of("aDIAZ") is team
    assert desk.is_staff("BKIM")
    assert pick(RuleSet(), "desk", Facts(make_ticket(), MONDAY, desk)).person is None


@pytest.mark.parametrize("name", NAMES)
def test_the_appliance_s_spelling_is_what_is_picked(name: str) -> None:
    """A member written in another case is given their real login, their load and their turn."""
    team, rules = example_of(name)
    users = rules.teams[team].members
    shouted = Team(team, tuple(UserName(user.upper()) for user in users), pick=name)
    desk = Desk(
        teams={team: shouted}, people=people(*users), loads={users[0]: 5, users[1]: 1},
        turns={team: users[0]},
    )  # fmt: skip
    choice = pick(rules, team, Facts(make_ticket(), MONDAY, desk))
    assert choice.person in users
    assert list(choice.loads.values())[:2] == [5, 1]
    if name in ("least_loaded", "round_robin"):
        assert choice.person != users[0]
