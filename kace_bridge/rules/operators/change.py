"""What happened to a field: in the event being judged, or so far."""

from collections.abc import Callable, Mapping

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field, Kind
from kace_bridge.rules.issue import Unfit
from kace_bridge.rules.operators._registry import (
    Answer,
    Case,
    Slot,
    find_operator,
    operator,
    unknown,
)
from kace_bridge.rules.operators._values import read_texts
from kace_bridge.rules.transition import Check, Transition, read_transition
from kace_bridge.rules.verdict import Verdict, conjoin, disjoin
from kace_bridge.rules.words import fold

_COUNT = Field("times_changed", Kind.NUMBER, lambda _: None)
_AUTHOR = Field("last_changed_by", Kind.PERSON, lambda _: None)


@operator(
    "changed", value=lambda raw, slot: read_transition(raw, slot.field, slot.known), history=True
)
def changed(actual: object, expected: Transition, case: Case) -> Answer:
    """The event being judged changed the field, perhaps ``from``, ``to``, not ``other_than``.

    Each end is a value, a list, nothing (``null``), or operators; for a status also
    ``{state: closed}``. Not known where no event is being judged, as on a clock's level.

    Example:
        priority: {changed: {from: [Low, Medium], to: High}}
    """
    del actual
    if case.facts.event is None:
        return unknown("no event is being judged")
    return expected.judge(case.facts.event, case.facts)


def read_counts(raw: object, slot: Slot) -> tuple[Check, ...]:
    """Comparisons with a number: ``{at_least: 3}``."""
    if not isinstance(raw, Mapping) or not raw:
        raise Unfit("'times_changed' needs a comparison", "Write {at_least: 3}.")
    return _read_checks(raw, _COUNT, slot)


@operator("times_changed", value=read_counts, history=True)
def times_changed(actual: object, expected: tuple[Check, ...], case: Case) -> Answer:
    """How often the field has changed, as far as the bridge has seen.

    Example:
        owner: {times_changed: {at_least: 3}}
    """
    del actual
    key = case.field.key_in(case.facts)
    if not key:
        return unknown("the field is not known")
    times = len(_changes(key, case.facts))
    verdict = conjoin([check.ask(times, case.facts) for check in expected])
    return Answer(verdict, f"changed {times} times")


def read_authors(raw: object, slot: Slot) -> tuple[str, ...] | tuple[Check, ...]:
    """submitter, owner, staff, login names; or operators on the person."""
    if isinstance(raw, Mapping) and raw:
        return _read_checks(raw, _AUTHOR, slot)
    return read_texts(raw, slot)


@operator("last_changed_by", value=read_authors, history=True)
def last_changed_by(
    actual: object, expected: tuple[str, ...] | tuple[Check, ...], case: Case
) -> Answer:
    """Who changed the field last: ``submitter``, ``owner``, ``staff``, a login name, or a list.

    Or operators on the person. No where it never changed.

    Example:
        status: {last_changed_by: submitter}
    """
    del actual
    key = case.field.key_in(case.facts)
    if not key:
        return unknown("the field is not known")
    events = _changes(key, case.facts)
    if not events:
        return Answer(Verdict.NO, "it never changed")
    last = events[-1]
    if last.author is None:
        return unknown("it is not known who changed it")
    person = case.facts.desk.person(last.author)
    checks = [each for each in expected if isinstance(each, Check)]
    if checks:
        verdict = conjoin([check.ask(person, case.facts) for check in checks])
    else:
        verdict = disjoin([judge_role(str(each), last, case.facts) for each in expected])
    return Answer(verdict, f"last changed by {last.author}")


def judge_role(role: str, event: Event, facts: Facts) -> Verdict:
    """Whether the author of *event* is the ``submitter``, the ``owner``, ``staff``, a login name.

    UNKNOWN where the author is not known.
    """
    if role == "staff" and event.staff:
        return Verdict.YES
    if event.author is None:
        return Verdict.UNKNOWN
    if role == "staff":
        return Verdict.of(facts.desk.is_staff(event.author))
    ticket = facts.ticket
    named: dict[str, Callable[[], str | None]] = {
        "submitter": lambda: ticket.value("submitter"),
        "owner": lambda: ticket.value("owner"),
    }
    login = named[role]() if role in named else role
    return Verdict.of(login is not None and fold(login) == fold(event.author))


def _read_checks(raw: Mapping[object, object], field: Field, slot: Slot) -> tuple[Check, ...]:
    checks = []
    for name, value in raw.items():
        found = find_operator(str(name), field)
        checks.append(Check(field, found, found.read(value, Slot(field, str(name), slot.known))))
    return tuple(checks)


def _changes(key: str, facts: Facts) -> list[Event]:
    timeline = list(facts.timeline)
    if facts.event is not None and facts.event in timeline:
        timeline = timeline[: timeline.index(facts.event) + 1]
    return [each for each in timeline if each.kind is EventKind.CHANGED and each.change_of(key)]
