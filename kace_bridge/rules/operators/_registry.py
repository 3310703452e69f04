"""How operators register themselves, and how one is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from kace_bridge.discover import import_all
from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field, Kind, Missing, Value
from kace_bridge.rules.issue import Known, Unfit, suggest
from kace_bridge.rules.verdict import Verdict


class Answer(NamedTuple):
    """What an operator finds; ``detail`` says by what (``matched: vpn``) or why it cannot tell."""

    verdict: Verdict
    detail: str = ""


class Case(NamedTuple):
    """What an operator may look at beside the field's value."""

    facts: Facts
    field: Field


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value was written: beside which field, with which names known."""

    field: Field
    operator: str
    known: Known


Judge = Callable[..., Answer | bool]
"""Called as ``judge(actual, expected, case)``."""
Reading = Callable[[object, Slot], object]
"""Turns what the admin wrote into what the operator compares with; raises Unfit."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operator made ready for one expected value, for asking it of thousands of tickets.

    ``test`` gives what ``judge`` gives, None for UNKNOWN. It is handed a value of a type the
    operator expects, a person or a named thing as its name whatever the operator expects.
    ``by_value``: the answer depends on the value alone, so it may be remembered. ``keys``: the
    answer is yes for exactly these values (text folded and stripped), or for all others where
    ``negated``. ``parts``: the answer is yes exactly where one of these stands in the text as
    ``spell`` writes it. ``explain`` gives the judge's own answer, detail and all, for traces;
    None where only the judge can. Without it the judge is asked.
    """

    test: Callable[[Any, Facts], bool | None]
    by_value: bool = True
    keys: frozenset[object] | None = None
    negated: bool = False
    parts: tuple[str, ...] = ()
    spell: Callable[[str], str] | None = None
    explain: Callable[[Any, Facts], Answer | None] | None = None


Preparation = Callable[[Any, Field], Prepared | None]
"""Makes an expected value ready for a field; None where only the judge can tell."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``expects`` are the types it compares; any other makes it UNKNOWN.

    A person or a named thing is handed over as its name, unless the operator expects Person or
    Reference. ``when_empty`` is the answer for a field that is empty, unless it expects NoneType.
    ``history`` operators look at events, whatever the field's value. ``prepare`` is optional:
    it makes an operator that many rules use quick to ask (see rules/compiled).
    """

    name: str
    judge: Judge
    expects: tuple[type, ...]
    read: Reading
    when_empty: bool = False
    history: bool = False
    doc: str = ""
    prepare: Preparation | None = None

    def fits(self, field: Field) -> bool:
        """Whether asking this of *field* makes sense at all."""
        if self.history:
            return field.tracked
        return any(kind in self.expects for kind in HANDED[field.kind])

    def answer(self, expected: object, case: Case) -> tuple[Answer, Value]:
        """The answer for the facts of *case*, and the value it was given for. Never raises."""
        actual = case.field.read(case.facts)
        if self.history:
            return _as_answer(self.judge(actual, expected, case)), actual
        if isinstance(actual, Missing):
            return Answer(Verdict.UNKNOWN, "the field is not known"), actual
        if actual is None and type(None) not in self.expects:
            return Answer(Verdict.of(self.when_empty), "the field is empty"), actual
        handed = self._hand(actual, expected, case)
        if not isinstance(handed, self.expects):
            return Answer(Verdict.UNKNOWN, f"'{self.name}' cannot compare this"), actual
        return _as_answer(self.judge(handed, expected, case)), actual

    def _hand(self, actual: Value, expected: object, case: Case) -> object:
        if isinstance(actual, self.expects):
            return actual
        if isinstance(actual, Person):
            return actual.user_name
        if isinstance(actual, Reference):
            return actual.name
        if isinstance(actual, str) and case.field.kind is Kind.CUSTOM:
            return read_custom(actual, expected, case)
        return actual


HANDED: dict[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.NAME: (Reference, str),
    Kind.PERSON: (Person, str),
    Kind.NUMBER: (int, float),
    Kind.DATE: (datetime,),
    Kind.DURATION: (timedelta,),
    Kind.CUSTOM: (str, int, float, datetime),
}
"""What an operator can be handed for each kind of field."""

OPERATORS: dict[str, Operator] = {}


def operator(
    name: str,
    *,
    expects: tuple[type, ...] = (),
    value: Reading,
    when_empty: bool = False,
    history: bool = False,
    prepare: Preparation | None = None,
) -> Callable[[Judge], Judge]:
    """Register the decorated function as the operator *name*."""

    def register(judge: Judge) -> Judge:
        doc = judge.__doc__ or ""
        OPERATORS[name] = Operator(name, judge, expects, value, when_empty, history, doc, prepare)
        return judge

    return register


@cache
def load_operators() -> None:
    """Import every file of this folder, so that its operators are registered."""
    from kace_bridge.rules import operators

    import_all(operators)


_OTHER_WORDS = {
    "equals": "is", "equal": "is", "eq": "is", "==": "is", "=": "is", "not_equals": "is_not",
    "ne": "is_not", "!=": "is_not", "one_of": "in", "none_of": "not_in", "includes": "contains",
    "like": "contains", "regex": "matches", "below": "under", "gt": "more_than", ">": "more_than",
    "lt": "less_than", "<": "less_than", "ge": "at_least", "gte": "at_least", ">=": "at_least",
    "le": "at_most", "lte": "at_most", "<=": "at_most", "exists": "empty", "is_empty": "empty",
}  # fmt: skip
"""What other languages call our operators."""


def find_operator(name: str, field: Field) -> Operator:
    """The operator *name*, which must make sense for *field*. Raises Unfit."""
    load_operators()
    found = OPERATORS.get(name)
    if found is None:
        fitting = [each.name for each in OPERATORS.values() if each.fits(field)]
        meant = _OTHER_WORDS.get(name.lower(), "")
        near = f"Did you mean '{meant}'?" if meant in fitting else suggest(name, fitting)
        cure = near or f"For {field.name}: {', '.join(sorted(fitting))}."
        raise Unfit(f"unknown operator '{name}'", cure)
    if not found.fits(field):
        fitting = sorted(each.name for each in OPERATORS.values() if each.fits(field))
        raise Unfit(
            f"'{name}' does not fit {field.name}, which is {field.kind}",
            f"Use one of: {', '.join(fitting)}.",
        )
    return found


def plainly(
    test: Callable[[Any, Facts], bool | None],
) -> Callable[[Any, Facts], Answer | None]:
    """`Prepared.explain` for a judge that says no more than yes or no."""
    return lambda value, facts: _PLAIN[test(value, facts)]


def unknown(why: str) -> Answer:
    """The answer of an operator that cannot tell."""
    return Answer(Verdict.UNKNOWN, why)


def read_custom(text: str, expected: object, case: Case) -> object:
    """The number or date in a custom field's *text*, as the *expected* value suggests."""
    if isinstance(expected, int | float) or (
        isinstance(expected, tuple) and all(isinstance(part, int | float) for part in expected)
    ):
        return to_number(text)
    return parse_stamp(text.strip(), case.facts.ticket.zone)


def to_number(text: str) -> float | None:
    """The number *text* is, None for any other text."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


_PLAIN: dict[bool | None, Answer | None] = {
    True: Answer(Verdict.YES), False: Answer(Verdict.NO), None: None,
}  # fmt: skip


def _as_answer(found: Answer | bool) -> Answer:
    return Answer(Verdict.of(found)) if isinstance(found, bool) else found
