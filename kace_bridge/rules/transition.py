"""What a field was and became: ``{from: ..., to: ..., other_than: ...}``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.people import to_int
from kace_bridge.model.text import clean_line
from kace_bridge.model.ticket import Reference, Ticket
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Kind, Value, find_field
from kace_bridge.rules.issue import Known, Unfit, suggest
from kace_bridge.rules.operators._registry import (
    Answer,
    Case,
    Operator,
    Slot,
    find_operator,
    unknown,
)
from kace_bridge.rules.verdict import Verdict, conjoin, negate


@dataclass(frozen=True, slots=True)
class Check:
    """One operator with its value, asked of one end of a change."""

    field: Field
    operator: Operator
    expected: object

    def ask(self, value: Value, facts: Facts) -> Verdict:
        """The verdict for *value* standing in the field."""
        posed = replace(self.field, read=lambda _: value)
        return self.operator.answer(self.expected, Case(facts, posed))[0].verdict


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of ``field`` to look for; no checks at all means any change."""

    field: Field
    before: tuple[Check, ...] = ()
    after: tuple[Check, ...] = ()
    unwanted: tuple[Check, ...] = ()

    def judge(self, event: Event, facts: Facts) -> Answer:
        """Whether *event* is such a change; only CHANGED events carry changes for this.

        CLOSED and REOPENED repeat the change of status, and nothing may fire twice for one row.
        """
        key = self.field.key_in(facts)
        if not key:
            return unknown("the field is not known")
        change = event.change_of(key) if event.kind is EventKind.CHANGED else None
        if change is None:
            return Answer(Verdict.NO, f"{self.field.name} did not change")
        old = [_ask(check, change, False, event, facts) for check in self.before]
        new = [_ask(check, change, True, event, facts) for check in self.after]
        bad = [_ask(check, change, True, event, facts) for check in self.unwanted]
        verdict = conjoin([*old, *new, *([negate(conjoin(bad))] if bad else [])])
        return Answer(verdict, show_change(change))


def read_transition(raw: object, field: Field, known: Known) -> Transition:
    """The transition an admin wrote for *field*: ``true`` for any, or a map. Raises Unfit."""
    if not field.tracked:
        raise Unfit(
            f"no event tells that {field.name} changed", "It is computed, or never changes."
        )
    if raw is True:
        return Transition(field)
    if not isinstance(raw, Mapping) or not raw:
        raise Unfit(
            f"cannot read the change of {field.name}",
            "Write {from: ..., to: ...}, {other_than: ...}, or true for any change.",
        )
    ends = {"from": (), "to": (), "other_than": ()} | {
        str(end): _read_end(value, field, known) for end, value in raw.items() if end in _ENDS
    }
    strange = next((str(key) for key in raw if key not in _ENDS), None)
    if strange is not None:
        raise Unfit(f"unknown key '{strange}' of a change", suggest(strange, _ENDS))
    return Transition(field, ends["from"], ends["to"], ends["other_than"])


def show_change(change: FieldChange) -> str:
    """``status: New -> Opened``, cleaned and short."""
    old, new = (
        clean_line(text, 40) if text else "nothing" for text in (change.before, change.after)
    )
    return f"{change.field}: {old} -> {new}"


_ENDS = ("from", "to", "other_than")


def _read_end(raw: object, field: Field, known: Known) -> tuple[Check, ...]:
    if raw is None:
        return (_read_check("empty", True, field, known),)
    if not isinstance(raw, Mapping):
        several = list(raw) if isinstance(raw, list | tuple) else [raw]
        return (_read_check("in", several, field, known),)
    if not raw:
        raise Unfit("the map is empty", "Write a value, or an operator and its value.")
    checks = []
    for key, value in raw.items():
        if key == "state" and field.name == "status":
            several = list(value) if isinstance(value, list | tuple) else [value]
            checks.append(_read_check("in", several, find_field("state", known), known))
        else:
            checks.append(_read_check(str(key), value, field, known))
    return tuple(checks)


def _read_check(name: str, raw: object, field: Field, known: Known) -> Check:
    operator = find_operator(name, field)
    if operator.history:
        raise Unfit(f"'{name}' cannot be asked of one end of a change")
    return Check(field, operator, operator.read(raw, Slot(field, name, known)))


def _ask(check: Check, change: FieldChange, after: bool, event: Event, facts: Facts) -> Verdict:
    if check.field.name == "state" and change.field == "status":
        return check.ask(_find_state(change, after, event, facts), facts)
    text = change.after if after else change.before
    return check.ask(_revive(text, check.field, facts), facts)


def _find_state(change: FieldChange, after: bool, event: Event, facts: Facts) -> Value:
    state = event.change_of("state")
    if state is not None:
        return (state.after if after else state.before) or MISSING
    # The state did not change with the status: either end's ticket tells it, if still at hand.
    for ticket, name in ((facts.ticket, change.after), (facts.before, change.before)):
        if ticket is not None and name is not None and ticket.value("status") == name:
            return ticket.state or MISSING
    return MISSING


def _revive(text: str | None, field: Field, facts: Facts) -> Value:
    """The value of *field* that an event reports as *text*."""
    if field.kind in (Kind.TEXT, Kind.CUSTOM):
        return text or ""
    if text is None:
        return None
    if field.name == "queue":
        return _find_queue(text, facts)
    if field.kind is Kind.PERSON:
        return facts.desk.person(text)
    if field.kind is Kind.NUMBER:
        number = to_int(text)
        return MISSING if number is None else number
    if field.kind is Kind.DATE:
        return parse_stamp(text, facts.ticket.zone) or MISSING
    return Reference(text)


def _find_queue(number: str, facts: Facts) -> Value:
    if to_int(number) is None:
        return Reference(number)  # a planned move: only its name is known yet
    tickets: tuple[Ticket | None, ...] = (facts.ticket, facts.before)
    for ticket in tickets:
        if ticket is not None and ticket.queue_id == to_int(number):
            return ticket.reference("queue") or MISSING
    return MISSING
