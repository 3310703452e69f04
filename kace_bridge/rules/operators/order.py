"""More and less: numbers, dates, durations, and names that have a rank."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from operator import gt, lt

from kace_bridge.model.ticket import Reference
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field, Kind
from kace_bridge.rules.operators._registry import (
    Answer,
    Case,
    Preparation,
    Prepared,
    operator,
    plainly,
    to_number,
    unknown,
)
from kace_bridge.rules.operators._values import Moment, read_bound, read_bounds, read_span
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold

_RANKED = (int, float, datetime, timedelta, Reference)


def _prepare_rank(*wanted: int) -> Preparation:
    """Ready for a number or a stretch of time, or for a name with a rank."""

    def prepare(expected: object, field: Field) -> Prepared | None:
        if isinstance(expected, int | float) and not isinstance(expected, bool):
            test = _by_number(expected, field.kind is Kind.CUSTOM, wanted)
            return Prepared(test, explain=plainly(test))
        if isinstance(expected, timedelta):
            test = _by_span(expected, wanted)
            return Prepared(test, explain=plainly(test))
        if isinstance(expected, str) and field.kind is Kind.NAME:
            return Prepared(_by_rank(expected, field, wanted), by_value=False)
        return None

    return prepare


def _by_number(
    limit: float, as_text: bool, wanted: tuple[int, ...]
) -> Callable[[object, Facts], bool | None]:
    def test(value: object, facts: Facts) -> bool | None:
        del facts
        number = to_number(value) if as_text and isinstance(value, str) else value
        if not isinstance(number, int | float):
            return None
        return (number > limit) - (number < limit) in wanted

    return test


def _by_span(limit: timedelta, wanted: tuple[int, ...]) -> Callable[[object, Facts], bool | None]:
    def test(value: object, facts: Facts) -> bool | None:
        del facts
        if not isinstance(value, timedelta):
            return None
        return (value > limit) - (value < limit) in wanted

    return test


def _by_rank(
    name: str, field: Field, wanted: tuple[int, ...]
) -> Callable[[object, Facts], bool | None]:
    ranked = field.name.removeprefix("before.")

    def test(value: object, facts: Facts) -> bool | None:
        if not isinstance(value, str):
            return None
        place = _place_in(facts.desk.orders.get(ranked, ()), value, name)
        return None if place is None else place in wanted

    return test


def _prepare_age(holds: Callable[[timedelta, timedelta], bool]) -> Preparation:
    """Ready for a moment or a stretch of time."""

    def prepare(expected: timedelta, field: Field) -> Prepared | None:
        if field.kind is Kind.CUSTOM:
            return None  # a date written as text: the judge reads it

        def test(value: object, facts: Facts) -> bool | None:
            if isinstance(value, timedelta):
                return holds(value, expected)
            return holds(facts.now - value, expected) if isinstance(value, datetime) else None

        return Prepared(test, by_value=False, explain=plainly(test))

    return prepare


@operator("at_least", expects=_RANKED, value=read_bound, prepare=_prepare_rank(0, 1))
def at_least(actual: object, expected: object, case: Case) -> Answer:
    """This or more. For dates: this day or later; for priority and impact: this rank or higher.

    The appliance ranks names by their order in the queue, the first being the highest.

    Example:
        priority: {at_least: Medium}
    """
    return _rank(actual, expected, case, (0, 1))


@operator("at_most", expects=_RANKED, value=read_bound, prepare=_prepare_rank(-1, 0))
def at_most(actual: object, expected: object, case: Case) -> Answer:
    """This or less. For dates: this day or earlier; for priority and impact: this rank or lower.

    Example:
        days_since_closed: {at_most: 14}
    """
    return _rank(actual, expected, case, (-1, 0))


@operator("more_than", expects=_RANKED, value=read_bound, prepare=_prepare_rank(1))
def more_than(actual: object, expected: object, case: Case) -> Answer:
    """More than this. For dates: after it; for priority and impact: a higher rank.

    Example:
        moved: {more_than: 2}
    """
    return _rank(actual, expected, case, (1,))


@operator("less_than", expects=_RANKED, value=read_bound, prepare=_prepare_rank(-1))
def less_than(actual: object, expected: object, case: Case) -> Answer:
    """Less than this. For dates: before it; for priority and impact: a lower rank.

    Example:
        due_date: {less_than: "2026-04-01"}
    """
    return _rank(actual, expected, case, (-1,))


@operator("between", expects=_RANKED, value=read_bounds)
def between(actual: object, expected: tuple[object, object], case: Case) -> Answer:
    """From the first to the second, both included.

    Example:
        created: {between: ["2026-03-01", "2026-03-31"]}
    """
    low = _rank(actual, expected[0], case, (0, 1))
    high = _rank(actual, expected[1], case, (-1, 0))
    return low if low.verdict is not Verdict.YES and high.verdict is not Verdict.NO else high


@operator("older_than", expects=(datetime, timedelta), value=read_span, prepare=_prepare_age(gt))
def older_than(actual: datetime | timedelta, expected: timedelta, case: Case) -> bool:
    """The moment lies further back than this, nights and week-ends counted (``m h d w``).

    Example:
        created: {older_than: 2d}
    """
    return _age(actual, case) > expected


@operator("younger_than", expects=(datetime, timedelta), value=read_span, prepare=_prepare_age(lt))
def younger_than(actual: datetime | timedelta, expected: timedelta, case: Case) -> bool:
    """The moment lies less far back than this, or still ahead.

    Example:
        modified: {younger_than: 30m}
    """
    return _age(actual, case) < expected


@operator("within", expects=(datetime, timedelta), value=read_span)
def within(actual: datetime | timedelta, expected: timedelta, case: Case) -> bool:
    """The moment is no further off than this, ahead or back: due soon, or just past.

    Example:
        due_date: {within: 4h}
    """
    return abs(_age(actual, case)) <= expected


def _age(actual: datetime | timedelta, case: Case) -> timedelta:
    return actual if isinstance(actual, timedelta) else case.facts.now - actual


def _rank(actual: object, expected: object, case: Case, wanted: tuple[int, ...]) -> Answer:
    place = _place(actual, expected, case)
    if place is None:
        return unknown("the two cannot be ranked against each other")
    return Answer(Verdict.of(place in wanted))


def _place(actual: object, expected: object, case: Case) -> int | None:
    """-1, 0 or 1: *actual* is below, at or above *expected*; None where nobody can tell."""
    if isinstance(actual, datetime) and isinstance(expected, Moment):
        return expected.place(actual, case.facts.ticket.zone)
    if isinstance(actual, timedelta) and isinstance(expected, timedelta):
        return (actual > expected) - (actual < expected)
    if isinstance(actual, int | float) and isinstance(expected, int | float):
        return (actual > expected) - (actual < expected)
    if isinstance(actual, Reference) and isinstance(expected, str):
        return _place_name(actual.name, expected, case)
    return None


def _place_name(actual: str, expected: str, case: Case) -> int | None:
    order = case.facts.desk.orders.get(case.field.name.removeprefix("before."), ())
    return _place_in(tuple(order), actual, expected)


@lru_cache(maxsize=1024)
def _place_in(order: tuple[str, ...], actual: str, expected: str) -> int | None:
    ranks = {fold(name): rank for rank, name in enumerate(order)}
    mine, other = ranks.get(fold(actual)), ranks.get(fold(expected))
    if fold(actual) == fold(expected):
        return 0
    if mine is None or other is None:
        return None
    return (mine < other) - (mine > other)
