"""Reasoning about single values: what a field can still be, given what is asked of it.

Everything here errs on the side of "possible": a contradiction or an implication is claimed
only where it follows for every ticket there can be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference, Ticket
from kace_bridge.rules.analysis.branches import Branch, Term
from kace_bridge.rules.condition import Comparison
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.fields._registry import Field, Kind, Value
from kace_bridge.rules.operators._registry import Case
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold

_WORDS = frozenset({"any_word", "all_words", "contains", "under"})
_SAME = frozenset({"is", "in"})
_OTHER = frozenset({"is_not", "not_in"})
_TEAMS = frozenset({"in_team", "not_in_team"})
_GROUPS = frozenset({"in_group", "not_in_group", "is_member"})
_CLEAR = _WORDS | _SAME | _OTHER | _TEAMS | _GROUPS | {"empty"}
"""Operators whose answer for a folded, stripped value is the answer for every spelling of it."""
_NAMED = frozenset({Kind.TEXT, Kind.NAME, Kind.PERSON})
_MEASURED = frozenset({Kind.NUMBER, Kind.DURATION, Kind.DATE})
_NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of numbers or durations; None where it has no end."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: "Span") -> "Span":
        low, low_open = max(
            (self.low, self.low_open), (other.low, other.low_open),
            key=lambda end: (end[0] is not None, end[0] or 0, end[1]),
        )  # fmt: skip
        high, high_open = min(
            (self.high, self.high_open), (other.high, other.high_open),
            key=lambda end: (end[0] is None, end[0] or 0, not end[1]),
        )  # fmt: skip
        return Span(low, high, low_open, high_open)

    def lies_in(self, other: "Span") -> bool:
        return self.meet(other) == self


def desk_of(rules: RuleSet) -> Desk:
    """The desk as far as the files tell."""
    return Desk(teams=rules.teams, groups=rules.groups)


def left_over(branch: Branch, name: str, rules: RuleSet) -> list[Value] | None:
    """Every value the field *name* can have where *branch* holds; None where nobody can list
    them. Text comes folded."""
    terms = [term for term in branch if term.test.field.name == name]
    if not terms or terms[0].test.field.kind not in _NAMED:
        return None
    listed = [found for term in terms if (found := _listed(term, rules)) is not None]
    field = terms[0].test.field
    if field.choices:
        listed.append([*field.choices, None])
    if not listed:
        return None
    values = [_as_value(text, field) for text in min(listed, key=len)]
    return [value for value in values if all(agrees(t, value, rules) is not False for t in terms)]


def agrees(term: Term, value: Value, rules: RuleSet) -> bool | None:
    """Whether *term* holds where its field is *value*; None where that depends on more."""
    test = term.test
    if not _is_clear(test, rules):
        return None
    verdict = _ask(test, value, rules)
    return verdict is (Verdict.YES if term.holds else Verdict.NO)


def span_of(term: Term) -> Span | None:
    """The interval *term* allows a number, a duration or an age; None where it is no interval."""
    test, expected = term.test, term.test.expected
    if test.field.kind not in _MEASURED or test.operator.history:
        return None
    ends = [_number(end) for end in (expected if isinstance(expected, tuple) else (expected,))]
    if any(end is None for end in ends):
        return None
    first, last = ends[0], ends[-1]
    name = test.operator.name
    if name in ("is", "between", "within") and term.holds:
        return Span(-last if name == "within" and last is not None else first, last)
    above = {"at_least": False, "more_than": True, "older_than": True}
    below = {"at_most": False, "less_than": True, "younger_than": True}
    if name in above:
        opened = above[name]
        return Span(first, None, opened) if term.holds else Span(None, first, False, not opened)
    if name in below:
        opened = below[name]
        return Span(None, first, False, opened) if term.holds else Span(first, None, not opened)
    return None


def steps(path: object) -> list[str]:
    """The steps of a category path, folded."""
    return [step.strip() for step in fold(str(path)).split("::")]


def lies_under(path: object, branch: object) -> bool:
    """Whether *path* is *branch* or below it."""
    wanted = steps(branch)
    return steps(path)[: len(wanted)] == wanted


def never_empty(term: Term, rules: RuleSet) -> bool:
    """Whether *term* can hold only where its field has a value."""
    if term.test.operator.history or not _is_clear(term.test, rules):
        return False
    return not any(agrees(term, value, rules) for value in (None, ""))


def _listed(term: Term, rules: RuleSet) -> list[str | None] | None:
    name, expected = term.test.operator.name, term.test.expected
    if name == "empty" and (expected is True) is term.holds:
        return [None]
    positive = (name in _SAME and term.holds) or (name in _OTHER and not term.holds)
    if positive:
        return [fold(str(each)).strip() for each in _several(expected)]
    circles = (name in ("in_team", "in_group", "is_member") and term.holds) or (
        name in ("not_in_team", "not_in_group") and not term.holds
    )
    if circles and _is_clear(term.test, rules):
        return [fold(user) for each in _several(expected) for user in _users(str(each), rules)]
    return None


def _users(circle: str, rules: RuleSet) -> Iterable[str]:
    team, group = rules.teams.get(circle), rules.groups.get(circle)
    if team is not None:
        yield from team.members
        yield from [team.lead] if team.lead else []
    if group is not None:
        yield from sorted(group.users)


def _is_clear(test: Comparison, rules: RuleSet) -> bool:
    name = test.operator.name
    if name not in _CLEAR or test.field.kind not in _NAMED:
        return False
    if name == "contains":
        return all(str(each) == str(each).strip() for each in _several(test.expected))
    if name in _TEAMS:
        return all(each in rules.teams for each in _several(test.expected))
    if name in _GROUPS:
        known = [rules.groups.get(str(each)) for each in _several(test.expected)]
        return all(group and not group.emails and not group.locations for group in known)
    return True


def _ask(test: Comparison, value: Value, rules: RuleSet) -> Verdict:
    posed = replace(test.field, read=lambda _: value)
    facts = Facts(Ticket({"id": 1}, UTC), _NOW, desk_of(rules))
    return test.operator.answer(test.expected, Case(facts, posed))[0].verdict


def _as_value(text: str | None, field: Field) -> Value:
    if text is None:
        return None
    if field.kind is Kind.PERSON:
        return Person(UserName(text))
    return Reference(text) if field.kind is Kind.NAME else text


def _several(expected: object) -> tuple[object, ...]:
    return expected if isinstance(expected, tuple) else (expected,)


def _number(end: object) -> float | None:
    if isinstance(end, timedelta):
        return end.total_seconds()
    return float(end) if isinstance(end, int | float) else None
