"""The people the configuration names: are they there, at work, and reachable?"""

from collections.abc import Iterator, Mapping, Sequence

from kace_bridge.config.problems import did_you_mean
from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.doctor.queues import actions_of
from kace_bridge.errors import Refused
from kace_bridge.model.people import Person
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sma import Sma


def check_people(sma: Sma, rules: RuleSet) -> Iterator[Check]:
    """Members and leads of teams, users of groups, people named in rules."""
    named = find_named(rules)
    if not named:
        yield ok("people", "the configuration names nobody")
        return
    try:
        known = {person.user_name.casefold(): person for person in sma.users.list()}
    except Refused as refusal:
        cure = "let the account's role read users, or names cannot be told to be right"
        yield warning("people", f"users cannot be read: {refusal}", cure)
        return
    judged = (_judge(name, places, known, rules) for name, places in named.items())
    faults = [fault for fault in judged if fault is not None]
    yield from faults
    if not faults:
        yield ok("people", f"all {len(named)} exist, work here and have an e-mail address")


def find_named(rules: RuleSet) -> Mapping[str, Sequence[str]]:
    """Login names as configured, each with where it stands."""
    named: dict[str, list[str]] = {}
    for team in rules.teams.values():
        for member in (*team.members, *([team.lead] if team.lead else [])):
            named.setdefault(member, []).append(f"team '{team.name}'")
    for group in rules.groups.values():
        for user in sorted(group.users):
            named.setdefault(user, []).append(f"group '{group.name}'")
    for rule in rules.rules:
        for action in actions_of(rule):
            for user in action.references().users:
                if user not in rules.teams:
                    named.setdefault(user, []).append(f"rule '{rule.id}'")
    return {name: list(dict.fromkeys(places)) for name, places in named.items()}


def _judge(
    name: str, places: Sequence[str], known: Mapping[str, Person], rules: RuleSet
) -> Check | None:
    where = ", ".join(places)
    person = known.get(name.casefold())
    if person is None:
        cure = did_you_mean(name, [one.user_name for one in known.values()])
        # A group only sorts tickets; nothing is ever assigned or sent to it.
        found = warning if all(place.startswith("group ") for place in places) else error
        return found("people", f"no user '{name}' ({where})", cure or "correct the login name")
    if person.archived:
        cure = "take the name out: an archived user is never made the owner"
        return error("people", f"user '{name}' is archived ({where})", cure)
    if not person.email and not _has_mailbox(places, rules):
        cure = "enter one on the appliance, or give the team an 'email'"
        return warning("people", f"user '{name}' has no e-mail address ({where})", cure)
    return None


def _has_mailbox(places: Sequence[str], rules: RuleSet) -> bool:
    return all(
        any(place == f"team '{team.name}'" and team.email for team in rules.teams.values())
        for place in places
    )
