"""Being the same as a value, or as one of several. Text is compared whatever its case."""

from datetime import datetime, timedelta
from types import NoneType

from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.operators._registry import Answer, Case, operator
from kace_bridge.rules.operators._values import Moment, read_flag, read_value, read_values
from kace_bridge.rules.verdict import Verdict
from kace_bridge.rules.words import fold

_COMPARED = (str, int, float, datetime)
_ANYTHING = (NoneType, str, int, float, datetime, timedelta, Person, Reference)


@operator("is", expects=_COMPARED, value=read_value)
def is_same(actual: object, expected: object, case: Case) -> bool:
    """The field is exactly this: a text whatever its case, a number, or a day.

    People are compared by login name. An empty field is nothing, so the answer is no.

    Example:
        status: {is: "Need More Info"}
    """
    return _same(actual, expected, case)


@operator("is_not", expects=_COMPARED, value=read_value, when_empty=True)
def is_not(actual: object, expected: object, case: Case) -> bool:
    """The field is anything but this; an empty field is, too.

    Example:
        priority: {is_not: High}
    """
    return not _same(actual, expected, case)


@operator("in", expects=_COMPARED, value=read_values)
def is_in(actual: object, expected: tuple[object, ...], case: Case) -> bool:
    """The field is one of a list.

    Example:
        category: {in: [Hardware, Software]}
    """
    return any(_same(actual, each, case) for each in expected)


@operator("not_in", expects=_COMPARED, value=read_values, when_empty=True)
def not_in(actual: object, expected: tuple[object, ...], case: Case) -> bool:
    """The field is none of a list; an empty field is none of them.

    Example:
        status: {not_in: [New, Closed]}
    """
    return not any(_same(actual, each, case) for each in expected)


@operator("empty", expects=_ANYTHING, value=read_flag)
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
