"""Why a rule fires, written down quickly.

What is given is the reference's own judgement. Where it depends on the value of one field alone
it is remembered for that value, so a step that many tickets share is judged and shown once. A
step about a text or a stretch of time has a value of its own on each ticket: there the operator,
made ready, explains its answer, and the reference's is taken wherever it does not.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from types import NoneType

from kace_bridge.rules.compiled.answers import expected_types, prepared_of
from kace_bridge.rules.compiled.seen import Seen
from kace_bridge.rules.compiled.table import MOST_VALUES, fits_table
from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not, comparisons
from kace_bridge.rules.evaluate import (
    Judgement,
    evaluate,
    judge_comparison,
    show_text,
    show_value,
)
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Kind, Missing
from kace_bridge.rules.verdict import Verdict

_NO, _UNKNOWN, _YES = Verdict
_new = tuple.__new__
"""Makes a Judgement of all its values in half the time its own constructor takes."""
Trace = Callable[[Facts], Judgement]

_TOLD_APART = frozenset((str, int, NoneType, Missing))
"""Types of which no two values are equal and yet shown differently, as 1 and 1.0 and True are."""


def trace_of(condition: Condition | None, seen: Seen | None = None) -> Trace:
    """*condition* made ready: called with facts it gives what `evaluate` gives.

    What the matcher has *seen* on its way is not read again.
    """
    if condition is None:
        return lambda facts: evaluate(None, facts)
    if (field := fits_table(condition)) is not None:
        return _remembered(condition, field)
    if all(fits_table(each) is not None for each in comparisons(condition)):
        return _remembered_together(condition)
    if isinstance(condition, Comparison):
        return _explained(condition, seen)
    if isinstance(condition, Not):
        return _trace_not(trace_of(condition.part, seen), condition)
    parts = [trace_of(part, seen) for part in condition.parts]
    path = condition.path
    label = "all" if isinstance(condition, AllOf) else "any"
    decides, otherwise = (_NO, _YES) if label == "all" else (_YES, _NO)

    first, *others = parts
    second = others[0] if len(others) == 1 else None

    def trace(facts: Facts) -> Judgement:
        if second is not None:  # as a rule, and then a list and its tuple cost as much as a part
            children: tuple[Judgement, ...] = first(facts), second(facts)
        else:
            children = tuple([part(facts) for part in parts])
        verdict = otherwise
        for child in children:  # conjoin or disjoin, without a call for each ticket
            if child.verdict is decides:
                verdict = decides
                break
            if child.verdict is _UNKNOWN:
                verdict = _UNKNOWN
        return _new(Judgement, (verdict, label, "", "", "", "", "", path, children))

    return trace


def _remembered_together(condition: Condition) -> Trace:
    """For a condition whose answers the values of several fields decide, few of each."""
    fields = {each.field.name: each.field for each in comparisons(condition)}.values()
    asked = [(field.brief, field.earlier) for field in fields if field.brief is not None]
    known: dict[tuple[object, ...], Judgement] = {}

    def trace(facts: Facts) -> Judgement:
        ticket, before = facts.ticket, facts.before
        values = tuple([
            MISSING if (source := before if earlier else ticket) is None else brief(source)
            for brief, earlier in asked
        ])  # fmt: skip
        if not _TOLD_APART.issuperset(map(type, values)):
            return evaluate(condition, facts)
        found = known.get(values)
        if found is None:
            if len(known) >= MOST_VALUES:
                known.clear()
            found = known[values] = evaluate(condition, facts)
        return found

    return trace


def _trace_not(part: Trace, condition: Not) -> Trace:
    path = condition.path

    def trace(facts: Facts) -> Judgement:
        child = part(facts)
        verdict = child.verdict  # negate(), without what hashing a verdict takes
        verdict = _NO if verdict is _YES else _YES if verdict is _NO else _UNKNOWN
        return _new(Judgement, (verdict, "not", "", "", "", "", "", path, (child,)))

    return trace


def _explained(test: Comparison, seen: Seen | None) -> Trace:
    """For one comparison; by the operator's own explanation, where it has one."""
    ready = prepared_of(test)
    if ready is None or ready.explain is None or test.field.kind in (Kind.NAME, Kind.PERSON):
        return partial(judge_comparison, test)
    read = test.field.read if seen is None else seen.reader(test.field)
    explain, expects = ready.explain, expected_types(test)
    field, operator, expected, path = test.field.name, test.operator.name, test.shown, test.path
    label = f"{field} {operator}"
    shown = lru_cache(maxsize=64)(show_text)  # few texts: which of its keywords was found

    def trace(facts: Facts) -> Judgement:
        value = read(facts)
        answer = explain(value, facts) if isinstance(value, expects) else None
        if answer is None:
            return judge_comparison(test, facts)
        verdict, detail = answer
        detail = shown(detail) if detail else ""
        actual = show_value(value)
        return _new(
            Judgement, (verdict, label, field, operator, expected, actual, detail, path, ())
        )

    return trace


def _remembered(condition: Condition, field: Field) -> Trace:
    """For a condition about *field* alone, whose answers its value decides."""
    brief, earlier = field.brief, field.earlier
    assert brief is not None
    known: dict[object, Judgement] = {}

    def trace(facts: Facts) -> Judgement:
        ticket = facts.before if earlier else facts.ticket
        value = MISSING if ticket is None else brief(ticket)
        if type(value) not in _TOLD_APART:
            return evaluate(condition, facts)
        found = known.get(value)
        if found is None:
            if len(known) >= MOST_VALUES:
                known.clear()
            found = known[value] = evaluate(condition, facts)
        return found

    return trace
