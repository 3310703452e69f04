"""Single parts of a condition made callable. Answers are True, False, or None for UNKNOWN."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from types import NoneType
from typing import Final, cast

from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Value
from kace_bridge.rules.operators._registry import Case, Prepared
from kace_bridge.rules.verdict import Verdict

Answer = bool | None
OfValue = Callable[[object, Facts], Answer]
"""The answer for a field's brief value."""

_ANSWERS: dict[Verdict, Answer] = {Verdict.YES: True, Verdict.NO: False, Verdict.UNKNOWN: None}
VERDICTS: dict[Answer, Verdict] = {answer: verdict for verdict, answer in _ANSWERS.items()}


class _Unread(Enum):
    UNREAD = "not read yet"


UNREAD: Final = _Unread.UNREAD


class View:
    """The facts of one ticket, each field read at most once; lives for one question.

    A slot holds the value of a field, or the answer to a part that several rules share.
    """

    __slots__ = ("facts", "values")

    def __init__(self, facts: Facts, slots: int) -> None:
        self.facts = facts
        self.values: list[object] = [UNREAD] * slots

    def read(self, field: Field, slot: int) -> object:
        """The brief value of *field*, kept in *slot*."""
        value = self.values[slot]
        if value is UNREAD:
            value = self.values[slot] = read_brief(field, self.facts)
        return value


Ask = Callable[[View], Answer]


def prepared_of(test: Comparison) -> Prepared | None:
    """The comparison made ready by its operator; None where only the operator's judge can tell."""
    prepare = test.operator.prepare
    return prepare(test.expected, test.field) if prepare is not None else None


def answer_of_value(test: Comparison, ready: Prepared) -> OfValue:
    """What `Operator.answer` gives, from a value read briefly."""
    judge = ready.test
    expects, takes_none, when_empty = _expected(test)

    def answer(value: object, facts: Facts) -> Answer:
        if value is None:
            return judge(None, facts) if takes_none else when_empty
        if value is MISSING or not isinstance(value, expects):
            return None
        return judge(value, facts)

    return answer


def ask_value(test: Comparison, ready: Prepared, slot: int) -> Ask:
    """The comparison asked of its field, which the view keeps in *slot*.

    The same as `answer_of_value`, in one call instead of three: this is where the time goes.
    """
    field, judge = test.field, ready.test
    expects, takes_none, when_empty = _expected(test)

    def ask(view: View) -> Answer:
        value = view.values[slot]
        if value is UNREAD:
            value = view.values[slot] = read_brief(field, view.facts)
        if value is None:
            return judge(None, view.facts) if takes_none else when_empty
        if value is MISSING or not isinstance(value, expects):
            return None
        return judge(value, view.facts)

    return ask


def ask_judge(test: Comparison) -> Ask:
    """The operator asked as the reference asks it: for operators that prepare nothing."""
    operator, expected, field = test.operator, test.expected, test.field

    def ask(view: View) -> Answer:
        found, _ = operator.answer(expected, Case(view.facts, field))
        return _ANSWERS[found.verdict]

    return ask


def remember(ask: Ask, slot: int) -> Ask:
    """*ask*, at most once per view: for parts that several rules share."""

    def once(view: View) -> Answer:
        found = view.values[slot]
        if found is UNREAD:
            found = view.values[slot] = ask(view)
        return cast("Answer", found)

    return once


def read_brief(field: Field, facts: Facts) -> object:
    """The value as operators compare it: people and named things by name."""
    if field.brief is not None:
        ticket = facts.before if field.earlier else facts.ticket
        return MISSING if ticket is None else field.brief(ticket)
    return as_brief(field.read(facts))


def as_brief(value: Value) -> object:
    """A person's login name, a named thing's name; anything else as it is."""
    if isinstance(value, Person):
        return value.user_name
    return value.name if isinstance(value, Reference) else value


def negation(answer: Answer) -> Answer:
    """The opposite; of UNKNOWN, UNKNOWN."""
    return None if answer is None else not answer


def all_hold(answers: Iterable[Answer]) -> Answer:
    """One False decides, else one None leaves it open."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            found = None
    return found


def one_holds(answers: Iterable[Answer]) -> Answer:
    """One True decides, else one None leaves it open."""
    found: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            found = None
    return found


def _expected(test: Comparison) -> tuple[tuple[type, ...], bool, bool]:
    """Types of brief values the operator compares; whether it takes None; else its answer."""
    return expected_types(test), NoneType in test.operator.expects, test.operator.when_empty


def expected_types(test: Comparison) -> tuple[type, ...]:
    """Types of brief values the operator compares, NoneType apart."""
    named = {str if each in (Person, Reference) else each for each in test.operator.expects}
    return tuple(named - {NoneType})


def join_asks(asks: Sequence[Ask], *, every: bool) -> Ask:
    """All of *asks*, or one of them: Kleene's tables once more, without a generator."""

    def ask_all(view: View) -> Answer:
        found: Answer = True
        for ask in asks:
            answer = ask(view)
            if answer is False:
                return False
            if answer is None:
                found = None
        return found

    def ask_any(view: View) -> Answer:
        found: Answer = False
        for ask in asks:
            answer = ask(view)
            if answer:
                return True
            if answer is None:
                found = None
        return found

    return ask_all if every else ask_any


def joined_of_value(condition: Condition) -> OfValue:
    """A condition all of whose comparisons are prepared and concern one field."""
    if isinstance(condition, Comparison):
        ready = prepared_of(condition)
        assert ready is not None
        return answer_of_value(condition, ready)
    if isinstance(condition, Not):
        inner = joined_of_value(condition.part)
        return lambda value, facts: negation(inner(value, facts))
    parts = [joined_of_value(part) for part in condition.parts]
    join = all_hold if isinstance(condition, AllOf) else one_holds
    return lambda value, facts: join(part(value, facts) for part in parts)
