"""The desk a rule test plays at: the configured teams, people with addresses, the fixtures."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.issue import suggest
from kace_bridge.rules.ruleset import RuleSet

STATES = {
    "New": "stalled", "Opened": "opened", "Reopened": "opened", "Closed": "closed",
    "Need More Info": "stalled", "Waiting Overdue": "stalled", "Waiting on Customer": "stalled",
    "Waiting on Third Party": "stalled",
}  # fmt: skip
"""Statuses of a fresh appliance with their states. Source: contract section 6."""
PRIORITIES = ("High", "Medium", "Low")
IMPACTS = (
    "Many people cannot work", "Many people inconvenienced", "1 person cannot work",
    "1 person inconvenienced",
)  # fmt: skip
SUBMITTER = "jdoe"
"""Who asks, where a test does not say."""

_PERSON = ("user_name", "full_name", "email", "location", "archived")


def read_desk(
    rules: RuleSet,
    fixtures: Mapping[str, object],
    ticket: Mapping[str, object],
    problems: list[str],
) -> Desk:
    """The desk of a test. Everybody has an address, ``LOGIN@example.org`` unless told otherwise."""
    people: dict[str, Person] = {}
    for user in _mentioned(rules):
        people[user] = _person(user, {}, problems)
    for user, raw in _map(fixtures.get("people")).items():
        people[user] = _person(user, _map(raw), problems)
    for role in ("submitter", "owner"):
        raw = ticket.get(role, SUBMITTER if role == "submitter" else None)
        if isinstance(raw, Mapping):
            user = str(raw.get("user_name", SUBMITTER))
            people[user] = _person(user, raw, problems)
        elif raw is not None:
            people.setdefault(str(raw), _person(str(raw), {}, problems))
    priorities = fixtures.get("priorities")
    ranked = tuple(map(str, priorities)) if isinstance(priorities, list) else PRIORITIES
    labels = {name.casefold(): str(key) for name, key in _map(fixtures.get("labels")).items()}
    return Desk(
        teams=rules.teams,
        groups=rules.groups,
        people=people,
        loads=_loads(fixtures.get("open_tickets"), problems),
        turns={team: str(user) for team, user in _map(fixtures.get("turns")).items()},
        labels=labels,
        orders={"priority": ranked, "impact": IMPACTS},
    )


def _mentioned(rules: RuleSet) -> Iterable[str]:
    for team in rules.teams.values():
        yield from team.members
        if team.lead:
            yield team.lead
    for group in rules.groups.values():
        yield from sorted(group.users)


def _person(user: str, data: Mapping[str, object], problems: list[str]) -> Person:
    for key in data:
        if key not in _PERSON:
            cure = suggest(key, _PERSON)
            problems.append(f"unknown key '{key}' of the person {user}. {cure}".rstrip())
    return Person(
        user_name=UserName(user),
        full_name=str(data.get("full_name", "")),
        email=str(data.get("email", f"{user}@example.org")),
        location=str(data.get("location", "")),
        archived=data.get("archived") is True,
    )


def _loads(raw: object, problems: list[str]) -> dict[str, int]:
    loads: dict[str, int] = {}
    for user, count in _map(raw).items():
        if isinstance(count, int) and not isinstance(count, bool):
            loads[user] = count
        else:
            problems.append(f"open_tickets of {user}: '{count}' is not a number of tickets.")
    return loads


def _map(raw: object) -> Mapping[str, object]:
    return raw if isinstance(raw, Mapping) else {}


def zone_of(rules: RuleSet) -> tzinfo:
    """The zone a test's times are in where it names none."""
    calendar = rules.calendars.get(rules.calendar or "") or next(
        iter(rules.calendars.values()), None
    )
    return calendar.zone if calendar is not None else ZoneInfo("UTC")


def somebody(rules: RuleSet) -> str | None:
    """Who answers the phone in a test that does not say: the first member of the first team."""
    team = next(iter(rules.teams.values()), None)
    return team.members[0] if team is not None else None
