"""Why a rule fires, written down quickly.

What is given is the reference's own judgement. Where it depends on the value of one field alone
it is remembered for that value, so a step that many tickets share is judged and shown once.
"""

from collections.abc import Callable
from functools import partial
from types import NoneType

from kace_bridge.rules.compiled.table import MOST_VALUES, fits_table
from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not
from kace_bridge.rules.evaluate import Judgement, evaluate, judge_comparison
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Missing
from kace_bridge.rules.verdict import Verdict, negate

_NO, _UNKNOWN, _YES = Verdict
Trace = Callable[[Facts], Judgement]

_TOLD_APART = frozenset((str, int, NoneType, Missing))
"""Types of which no two values are equal and yet shown differently, as 1 and 1.0 and True are."""


def trace_of(condition: Condition | None) -> Trace:
    """*condition* made ready: called with facts it gives what `evaluate` gives."""
    field = fits_table(condition) if condition is not None else None
    if condition is not None and field is not None:
        return _remembered(condition, field)
    if condition is None:
        return lambda facts: evaluate(None, facts)
    if isinstance(condition, Comparison):
        return partial(judge_comparison, condition)
    if isinstance(condition, Not):
        return _trace_not(trace_of(condition.part), condition)
    parts = [trace_of(part) for part in condition.parts]
    path = condition.path
    label = "all" if isinstance(condition, AllOf) else "any"
    decides, otherwise = (_NO, _YES) if label == "all" else (_YES, _NO)

    def trace(facts: Facts) -> Judgement:
        children = tuple([part(facts) for part in parts])
        verdict = otherwise
        for child in children:  # conjoin or disjoin, without a call for each ticket
            if child.verdict is decides:
                verdict = decides
                break
            if child.verdict is _UNKNOWN:
                verdict = _UNKNOWN
        return Judgement(verdict, label, "", "", "", "", "", path, children)

    return trace


def _trace_not(part: Trace, condition: Not) -> Trace:
    path = condition.path

    def trace(facts: Facts) -> Judgement:
        child = part(facts)
        return Judgement(negate(child.verdict), "not", path=path, children=(child,))

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
