"""A condition as ways to be met: any one way, all of whose parts hold.

Verdicts of three outcomes form a distributive lattice with an involution (Kleene), so moving
``not`` inwards and spreading ``any`` over ``all`` keeps every verdict, UNKNOWN included.
"""

from collections.abc import Callable, Sequence

from kace_bridge.rules.condition import AllOf, AnyOf, Comparison, Condition, Not

Way = tuple[Condition, ...]
MOST = 8
"""Ways one condition is spread into at most; beyond, its ``any`` is asked as it stands."""


def ways_of(condition: Condition | None, quick: Callable[[Condition], bool]) -> Sequence[Way]:
    """The ways in which *condition* can be met; no condition is met in one way without parts.

    An ``any`` is spread only where that helps: where nothing beside it is *quick* to answer and
    each of its branches has something that is.
    """
    return ((),) if condition is None else _spread(_inwards(condition, negated=False), quick)


def _inwards(condition: Condition, *, negated: bool) -> Condition:
    """The same condition with ``not`` around comparisons only."""
    if isinstance(condition, Comparison):
        return Not(condition, condition.path) if negated else condition
    if isinstance(condition, Not):
        return _inwards(condition.part, negated=not negated)
    parts = tuple(_inwards(part, negated=negated) for part in condition.parts)
    every = isinstance(condition, AllOf) is not negated
    return AllOf(parts, condition.path) if every else AnyOf(parts, condition.path)


def _spread(condition: Condition, quick: Callable[[Condition], bool]) -> Sequence[Way]:
    parts = _flat(condition)
    if any(quick(part) for part in parts):
        return (parts,)
    for place, part in enumerate(parts):
        if not isinstance(part, AnyOf):
            continue
        rest = parts[:place] + parts[place + 1 :]
        ways = [way for branch in part.parts for way in _spread(branch, quick)]
        if len(ways) <= MOST and all(any(quick(each) for each in way) for way in ways):
            return tuple((*way, *rest) for way in ways)
    return (parts,)


def _flat(condition: Condition) -> Way:
    if not isinstance(condition, AllOf):
        return (condition,)
    return tuple(each for part in condition.parts for each in _flat(part))
