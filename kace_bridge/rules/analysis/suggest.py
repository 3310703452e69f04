"""Values worth trying for a part of a made-up ticket, the likeliest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, product

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.rules.analysis.branches import Term
from kace_bridge.rules.fields._registry import Kind
from kace_bridge.rules.operators._values import Moment
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_desk import IMPACTS, PRIORITIES, STATES, SUBMITTER

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""A Tuesday at noon: made-up tickets are judged then."""
STRANGER = "somebody"
MOST = 32
_OPEN_ENDED = frozenset({"contains", "any_word", "starts_with", "ends_with", "under"})
_SAME = frozenset({"is", "in", "is_not", "not_in"})
_CIRCLES = frozenset({"in_team", "not_in_team", "in_group", "not_in_group", "is_member"})


@dataclass(frozen=True, slots=True)
class Appliance:
    """What the appliance calls things: states of statuses, ranked names highest first.

    As on a fresh one unless told otherwise. Source: contract section 6.
    """

    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    orders: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"priority": PRIORITIES, "impact": IMPACTS}
    )


Part = dict[str, object]
"""Some values of a ticket, by key; ``state`` beside ``status``, a Person for a person."""


def words(terms: Sequence[Term]) -> Iterator[Part]:
    """Titles and descriptions."""
    by = {name: [t for t in terms if t.test.field.name == name] for name in _TEXTS}
    text = by["text"]
    fixed = any(t.holds and t.test.operator.name in ("is", "in") for t in by["title"])
    titles = texts([*by["title"], *([] if fixed else text)], "A ticket")
    summaries = texts([*by["summary"], *(text if fixed else [])], "")
    for title, summary in islice(product(titles, summaries), MOST):
        yield {"title": title, "summary": summary}


def statuses(terms: Sequence[Term], appliance: Appliance) -> Iterator[Part]:
    """Statuses with the state each has, every possible one where that is not known."""
    named = [seed for term in terms if term.test.field.name.endswith("status")
             for seed in _seeds(term)]  # fmt: skip
    for name in dict.fromkeys([*named, *appliance.states]):
        known = [
            state for each, state in appliance.states.items() if each.casefold() == name.casefold()
        ]
        for state in known or ("opened", "stalled", "closed"):
            yield {"status": name, "state": state}


def owners(terms: Sequence[Term], rules: RuleSet) -> Iterator[Part]:
    """Nobody, people of the teams, others."""
    asked = [user for term in terms for user in _people(term, rules)]
    members = [user for team in rules.teams.values() for user in team.members]
    yield {"owner": None}
    for user in dict.fromkeys([*asked, *members, STRANGER]):
        yield {"owner": Person(UserName(user), "", _address(user))}
    for group in (rules.groups.get(name) for term in terms for name in _names(term)):
        for email in group.emails if group else ():
            yield {"owner": Person(UserName(STRANGER), "", _as_address(email))}
        for place in sorted(group.locations) if group else ():
            yield {"owner": Person(UserName(STRANGER), "", _address(STRANGER), place)}


def submitters(terms: Sequence[Term], rules: RuleSet) -> Iterator[Part]:
    """People who ask, with the addresses and places that groups and conditions name."""
    logins, addresses, places = [SUBMITTER], [""], [""]
    names = [""]
    for term in terms:
        found = _seeds(term)
        match term.test.field.name.removeprefix("before."):
            case "submitter.email":
                addresses += [_as_address(seed) for seed in found]
            case "submitter.location" | "location":
                places += [*found, "Elsewhere"]
            case "submitter.full_name":
                names += found
            case _:
                logins += _people(term, rules)
                for group in (rules.groups.get(name) for name in _names(term)):
                    addresses += [_as_address(p) for p in group.emails] if group else []
                    places += sorted(group.locations) if group else []
    people = product(
        dict.fromkeys([*logins, STRANGER]), dict.fromkeys(addresses), dict.fromkeys(places),
        dict.fromkeys(names),
    )  # fmt: skip
    for login, email, place, name in islice(people, 4 * MOST):
        person = Person(UserName(login), name, email or _address(login), place)
        yield {"submitter": person}
    yield {"submitter": None}


def logins(terms: Sequence[Term], rules: RuleSet, roles: Sequence[str]) -> Iterator[str]:
    """Authors: ``@submitter``, ``@owner`` stand for whoever that is."""
    asked = [user for term in terms for user in _people(term, rules)]
    members = [user for team in rules.teams.values() for user in team.members]
    staff = members[:2] if "staff" in roles else []
    named = [f"@{role}" if role in ("submitter", "owner") else role for role in roles
             if role != "staff"]  # fmt: skip
    yield from dict.fromkeys([*named, *staff, *asked, "@submitter", *members, STRANGER])


def plain(key: str, kind: Kind, terms: Sequence[Term], appliance: Appliance) -> Iterator[Part]:
    """Any other field: names, numbers, dates, texts."""
    if kind is Kind.DATE:
        for stamp in dict.fromkeys(_dates(terms)):
            yield {key: stamp}
    elif kind is Kind.NUMBER:
        # The numbers of tickets and queues, the only ones a ticket carries.
        for number in dict.fromkeys([101, *map(int, _numbers(terms))]):
            if number > 0:
                yield {key: number}
    else:
        ranked = appliance.orders.get(key, ())
        for value in dict.fromkeys([*texts(terms, _USUAL.get(key, "")), *ranked]):
            yield {key: value or None}
        if kind is Kind.CUSTOM:
            for text in (*map(str, _numbers(terms)), *_dates(terms)):
                yield {key: text}


def texts(terms: Sequence[Term], usual: str) -> list[str]:
    """Texts that may satisfy *terms* together: one seed of each, joined; then fillers."""
    choices = [_seeds(term) for term in terms if term.holds and _seeds(term)]
    found = [usual]
    for chosen in islice(product(*choices), MOST):
        found.append(_joined(list(zip((t for t in terms if t.holds and _seeds(t)), chosen,
                                      strict=True))))  # fmt: skip
    found += [seed for choice in choices for seed in choice]
    ruled_out = [seed for term in terms if not term.holds for seed in _seeds(term)]
    return list(dict.fromkeys([*found, *ruled_out, "Something else", "Yet another", ""]))


def offsets(terms: Sequence[Term]) -> list[timedelta]:
    """Spans of time around every limit the *terms* name."""
    found = []
    for term in terms:
        for end in _several(term.test.expected):
            if isinstance(end, timedelta):
                found += [end + timedelta(minutes=1), end, end - timedelta(minutes=1), end * 2]
            if isinstance(end, int | float):
                found += [
                    timedelta(days=end + more) for more in (0.5, 0, -0.5, 2) if end + more >= 0
                ]
            if isinstance(end, Moment):
                start = end.start if end.start.tzinfo else end.start.replace(tzinfo=UTC)
                found += [NOW - start - timedelta(days=more) for more in (0, 1, -1)]
    return [span for span in dict.fromkeys(found) if span >= timedelta(0)]


def _joined(parts: list[tuple[Term, str]]) -> str:
    first = [seed for term, seed in parts if term.test.operator.name == "starts_with"]
    last = [seed for term, seed in parts if term.test.operator.name == "ends_with"]
    rest = [seed for term, seed in parts
            if term.test.operator.name not in ("starts_with", "ends_with")]  # fmt: skip
    return " ".join(dict.fromkeys([*first, *rest, *last]))


def _seeds(term: Term) -> list[str]:
    name, expected = term.test.operator.name, term.test.expected
    if name == "all_words" and isinstance(expected, tuple):
        return [" ".join(map(str, expected))]
    if name in _OPEN_ENDED | _SAME | {"at_least", "at_most", "more_than", "less_than"}:
        return [each for each in _several(expected) if isinstance(each, str)]
    return []


def _names(term: Term) -> list[str]:
    if term.test.operator.name not in _CIRCLES:
        return []
    return [str(each) for each in _several(term.test.expected)]


def _people(term: Term, rules: RuleSet) -> list[str]:
    found = [] if "." in term.test.field.name.removeprefix("before.") else _seeds(term)
    for name in [*_names(term), *(_seeds(term) if term.test.field.name == "owner.team" else [])]:
        team, group = rules.teams.get(name), rules.groups.get(name)
        found += [*team.members, *([team.lead] if team.lead else [])] if team else []
        found += sorted(group.users) if group else []
    return [str(user) for user in found]


def _numbers(terms: Sequence[Term]) -> list[float]:
    ends = [end for t in terms for end in _several(t.test.expected) if isinstance(end, int | float)]
    return [end + more for end in ends for more in (0, 1, -1)]


def _dates(terms: Sequence[Term]) -> Iterator[str | None]:
    yield format_stamp(NOW + timedelta(days=3), UTC)
    for offset in offsets(terms):
        for when in (NOW - offset, NOW + offset):
            yield format_stamp(when, UTC)
    yield None


def _as_address(seed: str) -> str:
    text = seed.replace("*", STRANGER).replace("?", "x")
    if "@" not in text:
        return f"{text}@example.org"
    return f"{STRANGER}{text}" if text.startswith("@") else text


def _address(user: str) -> str:
    return f"{user}@example.org"


def _several(expected: object) -> tuple[object, ...]:
    return expected if isinstance(expected, tuple) else (expected,)


_TEXTS = ("title", "summary", "text")
_USUAL = {
    "priority": "Medium", "category": "Other", "impact": "1 person cannot work",
    "queue": "The K1000 Service Desk",
}  # fmt: skip
