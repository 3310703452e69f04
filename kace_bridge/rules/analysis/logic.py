"""What follows from what: alternatives that can never hold, conditions that imply others."""

from collections.abc import Iterator

from kace_bridge.model.event import EventKind
from kace_bridge.rules.analysis.branches import Branch, Claim, Term, is_change
from kace_bridge.rules.analysis.values import (
    Span,
    agrees,
    left_over,
    lies_under,
    never_empty,
    span_of,
)
from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not
from kace_bridge.rules.events import EventPattern
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.transition import Transition

ABOUT_EVENT = frozenset(
    {"comment", "author", "channel", "reopened", "moved", "idle", "days_since_closed"}
)
"""Fields whose value depends on which event is being judged."""
_WIDER = frozenset({"in", "any_word", "contains", "starts_with", "ends_with", "in_team",
                    "in_group", "is_member"})  # fmt: skip
"""Operators that a longer list only makes easier to meet."""


def why_never(claim: Claim, rules: RuleSet) -> str:
    """Why *claim* can hold for no ticket at all; empty where it may, or nobody can tell."""
    escalation = claim.rule.phase == "escalate"
    read = {rule.clock for rule in rules.of("escalate")}
    for term in claim.terms:
        name = term.test.field.name
        if escalation and (name in ("comment", "author") or is_change(term)):
            return f"'{term}' asks about an event, and no event is judged on a clock's level"
        if is_change(term) and term.holds and _never_a_change(claim.pattern):
            return f"'{term}' asks about a change, and the event waited for is none"
        if name.startswith("clock.") and name.removeprefix("clock.") not in read:
            return f"'{name}' is not known: no rule under 'escalate' uses that clock"
    return why_contradictory(claim.terms, rules)


def why_contradictory(branch: Branch, rules: RuleSet) -> str:
    """Which terms of *branch* exclude each other; empty where none are known to."""
    for name in dict.fromkeys(term.test.field.name for term in branch):
        terms = [term for term in branch if term.test.field.name == name]
        if left_over(branch, name, rules) == []:
            return _together(terms)
        for term in terms:
            denied = [each for each in terms if _is_denied_by(each, term)]
            if denied:
                return _together([term, denied[0]])
        spans = [span for term in terms if (span := span_of(term)) is not None]
        common = Span()
        for span in spans:
            common = common.meet(span)
        if common.is_empty or _branches_apart(terms):
            return _together(terms)
    return ""


def implies(branch: Branch, condition: Condition | None, rules: RuleSet) -> bool:
    """Whether *condition* surely holds wherever *branch* does."""
    return condition is None or _follows(branch, condition, True, rules)


def reads_event(condition: Condition | None) -> bool:
    """Whether the outcome of *condition* depends on which event is judged."""
    if condition is None:
        return False
    if isinstance(condition, Comparison):
        return condition.field.name in ABOUT_EVENT or condition.operator.history
    if isinstance(condition, Not):
        return reads_event(condition.part)
    return any(reads_event(part) for part in condition.parts)


def covers(wide: EventPattern, narrow: EventPattern) -> bool:
    """Whether every event of *narrow* is one of *wide*."""
    if wide.kind is not narrow.kind or wide.of_parent != narrow.of_parent:
        return False
    if wide.by and not (narrow.by and set(narrow.by) <= set(wide.by)):
        return False
    if wide.public is not None and wide.public != narrow.public:
        return False
    if not wide.changes:
        return True
    if not narrow.changes:
        return False
    met = [any(_is_change_of(one, each) for one in narrow.changes) for each in wide.changes]
    if narrow.every or len(narrow.changes) == 1:
        return all(met) if wide.every else any(met)
    each = [any(_is_change_of(one, wanted) for wanted in wide.changes) for one in narrow.changes]
    return all(each) and (not wide.every or len(wide.changes) == 1)


def _follows(branch: Branch, condition: Condition, holds: bool, rules: RuleSet) -> bool:
    if isinstance(condition, Comparison):
        return any(_term_follows(branch, Term(condition, holds), rules))
    if isinstance(condition, Not):
        return _follows(branch, condition.part, not holds, rules)
    parts = [_follows(branch, part, holds, rules) for part in condition.parts]
    joined = isinstance(condition, AllOf) is holds
    return all(parts) if joined else any(parts)


def _term_follows(branch: Branch, wanted: Term, rules: RuleSet) -> Iterator[bool]:
    """Reasons for *wanted* to hold, one of which is enough."""
    name = wanted.test.field.name
    values = left_over(branch, name, rules)
    if values is not None:
        yield all(agrees(wanted, value, rules) is True for value in values)
    bound = span_of(wanted)
    for term in branch:
        if term.test.field.name != name or term.test.operator.history:
            continue
        yield _same(term, wanted)
        span = span_of(term)
        yield span is not None and bound is not None and span.lies_in(bound)
        yield _is_filled(wanted) and never_empty(term, rules)


def _same(term: Term, wanted: Term) -> bool:
    given, asked = term.test, wanted.test
    if given.operator.name != asked.operator.name or term.holds is not wanted.holds:
        return False
    if given.expected == asked.expected:
        return True
    if not isinstance(given.expected, tuple) or not isinstance(asked.expected, tuple):
        return False
    few, many = set(given.expected), set(asked.expected)
    if given.operator.name in _WIDER:
        return few <= many if term.holds else few >= many
    if given.operator.name in ("not_in", "not_in_team", "not_in_group", "all_words"):
        return few >= many if term.holds else few <= many
    if given.operator.name == "under" and term.holds:
        return all(any(lies_under(one, each) for each in many) for one in few)
    return False


def _is_denied_by(term: Term, given: Term) -> bool:
    """Whether *term* says no to what follows from *given*: contains x, and not contains x."""
    return given.holds and not term.holds and _same(given, Term(term.test, True))


def _is_filled(wanted: Term) -> bool:
    return wanted.test.operator.name == "empty" and (wanted.test.expected is False) is wanted.holds


def _branches_apart(terms: list[Term]) -> bool:
    """Whether category branches exclude each other: two trees, or below what is ruled out."""
    under = [term for term in terms if term.test.operator.name == "under"]
    allowed = [_paths(term) for term in under if term.holds]
    refused = [path for term in under if not term.holds for path in _paths(term)]
    for number, first in enumerate(allowed):
        if all(any(lies_under(path, branch) for branch in refused) for path in first):
            return True
        for second in allowed[number + 1 :]:
            if not any(lies_under(a, b) or lies_under(b, a) for a in first for b in second):
                return True
    return False


def _paths(term: Term) -> tuple[object, ...]:
    expected = term.test.expected
    return expected if isinstance(expected, tuple) else (expected,)


def _never_a_change(pattern: EventPattern | None) -> bool:
    return pattern is not None and pattern.kind is not EventKind.CHANGED


def _is_change_of(narrow: Transition, wide: Transition) -> bool:
    if narrow.field.name != wide.field.name:
        return False
    return narrow == wide or not (wide.before or wide.after or wide.unwanted)


def _together(terms: list[Term]) -> str:
    said = [f"'{term}'" for term in dict.fromkeys(map(str, terms))]
    if len(said) == 1:
        return f"{said[0]} can never be so"
    return f"{', '.join(said[:-1])} and {said[-1]} exclude each other"
