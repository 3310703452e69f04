"""Belonging: teams and groups as configured."""

from collections.abc import Callable
from fnmatch import fnmatchcase

from kace_bridge.model.people import Person
from kace_bridge.rules.facts import Desk, Group, Team
from kace_bridge.rules.issue import Unfit, suggest
from kace_bridge.rules.operators._registry import Answer, Case, Slot, operator
from kace_bridge.rules.operators._values import read_groups, read_teams, read_texts
from kace_bridge.rules.verdict import Verdict, disjoin, negate
from kace_bridge.rules.words import fold

Membership = Callable[[Person, str, Desk], Verdict]


@operator("in_team", expects=(Person,), value=read_teams)
def in_team(actual: Person, expected: tuple[str, ...], case: Case) -> Answer:
    """The person is a member or the lead of the team; of a list, of any one.

    Example:
        owner: {in_team: [desk, network]}
    """
    return _belongs(actual, expected, case, _of_team)


@operator("not_in_team", expects=(Person,), value=read_teams, when_empty=True)
def not_in_team(actual: Person, expected: tuple[str, ...], case: Case) -> Answer:
    """The person is in none of these teams; nobody is in none.

    Example:
        owner: {not_in_team: network}
    """
    return _opposite(_belongs(actual, expected, case, _of_team))


@operator("in_group", expects=(Person,), value=read_groups)
def in_group(actual: Person, expected: tuple[str, ...], case: Case) -> Answer:
    """The person belongs to the group by login name, e-mail or location; of a list, to any one.

    Not known where the group goes by e-mail or location and the person's is not known.

    Example:
        submitter: {in_group: vip}
    """
    return _belongs(actual, expected, case, _of_group)


@operator("not_in_group", expects=(Person,), value=read_groups, when_empty=True)
def not_in_group(actual: Person, expected: tuple[str, ...], case: Case) -> Answer:
    """The person belongs to none of these groups.

    Example:
        submitter: {not_in_group: vip}
    """
    return _opposite(_belongs(actual, expected, case, _of_group))


def read_circles(raw: object, slot: Slot) -> tuple[str, ...]:
    """One or more names of teams or groups."""
    names = read_texts(raw, slot)
    teams, groups = slot.known.teams, slot.known.groups
    if teams is not None and groups is not None:
        for name in names:
            if name not in teams and name not in groups:
                raise Unfit(
                    f"no team or group is called '{name}'", suggest(name, [*teams, *groups])
                )
    return names


@operator("is_member", expects=(Person,), value=read_circles)
def is_member(actual: Person, expected: tuple[str, ...], case: Case) -> Answer:
    """The person belongs to the team or group of this name; of a list, to any one.

    Example:
        author: {is_member: network}
    """
    return _belongs(actual, expected, case, _of_either)


def _belongs(person: Person, names: tuple[str, ...], case: Case, test: Membership) -> Answer:
    found = {name: test(person, name, case.facts.desk) for name in names}
    verdict = disjoin(found.values())
    if verdict is Verdict.YES:
        return Answer(verdict, f"matched: {next(n for n in names if found[n] is Verdict.YES)}")
    if verdict is Verdict.UNKNOWN:
        unsure = next(name for name in names if found[name] is Verdict.UNKNOWN)
        return Answer(verdict, f"not known whether {person.user_name} is in {unsure}")
    return Answer(verdict)


def _opposite(answer: Answer) -> Answer:
    return Answer(negate(answer.verdict), answer.detail)


def _of_team(person: Person, name: str, desk: Desk) -> Verdict:
    team = desk.teams.get(name)
    return Verdict.UNKNOWN if team is None else Verdict.of(_has_member(team, person))


def _of_group(person: Person, name: str, desk: Desk) -> Verdict:
    group = desk.groups.get(name)
    if group is None:
        return Verdict.UNKNOWN
    if _has(group, person):
        return Verdict.YES
    told = person.user_name in desk.people
    unsure = (group.emails and not person.email) or (group.locations and not person.location)
    return Verdict.UNKNOWN if unsure and not told else Verdict.NO


def _of_either(person: Person, name: str, desk: Desk) -> Verdict:
    tests = [
        test(person, name, desk)
        for known, test in ((desk.teams, _of_team), (desk.groups, _of_group))
        if name in known
    ]
    return disjoin(tests) if tests else Verdict.UNKNOWN


def _has_member(team: Team, person: Person) -> bool:
    # Login names are compared whatever the case: directories are, and files are typed by hand.
    login = fold(person.user_name)
    return any(fold(user) == login for user in (*team.members, team.lead or "") if user)


def _has(group: Group, person: Person) -> bool:
    address, place = fold(person.email), fold(person.location).strip()
    return (
        any(fold(user) == fold(person.user_name) for user in group.users)
        or any(fnmatchcase(address, fold(pattern)) for pattern in group.emails if address)
        or any(fold(each).strip() == place for each in group.locations if place)
    )
