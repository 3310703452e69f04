"""Being the same as a value, or as one of several. Text is compared whatever its case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import NoneType

from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field, Kind
from kace_bridge.rules.operators._registry import Answer, Case, Prepared, operator, plainly
from kace_bridge.rules.operators._values import Moment, read_flag, read_value, read_values
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold, key_of

_COMPARED = (str, int, float, datetime)
_ANYTHING = (NoneType, str, int, float, datetime, timedelta, Person, Reference)


def prepare_same(expected: object, field: Field) -> Prepared | None:
    """Ready for one value; a date is left to the judge, which knows the zone."""
    return prepare_one_of((expected,), field)


def prepare_one_of(expected: tuple[object, ...], field: Field) -> Prepared | None:
    """Ready for a list of values."""
    del field
    if any(isinstance(each, Moment) for each in expected):
        return None
    keys = frozenset(key_of(each) for each in expected)
    return _ready(lambda value, _: key_of(value) in keys, keys)


def prepare_none_of(expected: object, field: Field) -> Prepared | None:
    """Ready for whatever must not be there: one value or a list."""
    several = expected if isinstance(expected, tuple) else (expected,)
    found = prepare_one_of(several, field)
    if found is None or found.keys is None:
        return None
    keys = found.keys
    return _ready(lambda value, _: key_of(value) not in keys, keys, negated=True)


def prepare_empty(expected: bool, field: Field) -> Prepared:
    """Ready: a person or a named thing that is there is never blank."""
    if field.kind in (Kind.NAME, Kind.PERSON):
        return _ready(lambda value, _: (value is None) == expected)
    return _ready(
        lambda value, _: (
            (value is None or (isinstance(value, str) and not value.strip())) == expected
        )
    )


def _ready(
    test: Callable[[object, Facts], bool],
    keys: frozenset[object] | None = None,
    *,
    negated: bool = False,
) -> Prepared:
    return Prepared(test, keys=keys, negated=negated, explain=plainly(test))


@operator("is", expects=_COMPARED, value=read_value, prepare=prepare_same)
def is_same(actual: object, expected: object, case: Case) -> bool:
    """The field is exactly this: a text whatever its case, a number, or a day.

    People are compared by login name. An empty field is nothing, so the answer is no.

    Example:
        status: {is: "Need More Info"}
    """
    return _same(actual, expected, case)


@operator("is_not", expects=_COMPARED, value=read_value, when_empty=True, prepare=prepare_none_of)
def is_not(actual: object, expected: object, case: Case) -> bool:
    """The field is anything but this; an empty field is, too.

    Example:
        priority: {is_not: High}
    """
    return not _same(actual, expected, case)


@operator("in", expects=_COMPARED, value=read_values, prepare=prepare_one_of)
def is_in(actual: object, expected: tuple[object, ...], case: Case) -> bool:
    """The field is one of a list.

    Example:
        category: {in: [Hardware, Software]}
    """
    return any(_same(actual, each, case) for each in expected)


@operator("not_in", expects=_COMPARED, value=read_values, when_empty=True, prepare=prepare_none_of)
def not_in(actual: object, expected: tuple[object, ...], case: Case) -> bool:
    """The field is none of a list; an empty field is none of them.

    Example:
        status: {not_in: [New, Closed]}
    """
    return not any(_same(actual, each, case) for each in expected)


@operator("empty", expects=_ANYTHING, value=read_flag, prepare=prepare_empty)
def empty(actual: object, expected: bool, case: Case) -> Answer:
    """Nothing stands in the field: no owner, no date, a blank text. ``false`` asks the opposite.

    Example:
        owner: {empty: true}
    """
    del case
    blank = actual is None or (isinstance(actual, str) and not actual.strip())
    return Answer(Verdict.of(blank == expected))


def _same(actual: object, expected: object, case: Case) -> bool:
    if isinstance(actual, datetime) and isinstance(expected, Moment):
        return expected.place(actual, case.facts.ticket.zone) == 0
    if isinstance(actual, str) and isinstance(expected, str):
        return fold(actual).strip() == fold(expected).strip()
    return actual == expected
