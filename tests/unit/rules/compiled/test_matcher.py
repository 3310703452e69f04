"""The rule set made ready answers as the plain evaluator does, on every question and ticket."""

import sys
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, fields, replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.model.event import Event
from kace_bridge.rules.compiled.matcher import Matcher
from kace_bridge.rules.condition import Condition
from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.verdict import Verdict
from tests.unit.rules.compiled.questions import conditions, facts, questions, read, tickets
from tests.unit.rules.picture import make_event, make_facts, make_ticket

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def hold_against_the_reference(
    asked: Sequence[Condition | None], seen: list[Facts], matcher: Matcher | None = None
) -> None:
    """One matcher for all of *seen*: what it remembers of one ticket must not mislead the next."""
    matcher = matcher or Matcher(asked)
    for each in seen:
        wanted = [evaluate(condition, each).verdict for condition in asked]
        met = [number for number, verdict in enumerate(wanted) if verdict is Verdict.YES]
        assert matcher.verdicts(each) == wanted
        assert matcher.matches(each) == met
        assert matcher.first(each) == (met[0] if met else None)


@SLOW
@given(st.lists(st.none() | conditions(), min_size=1, max_size=8), st.lists(facts(), max_size=4))
def test_any_rules_on_any_tickets(asked: list[Condition | None], seen: list[Facts]) -> None:
    """Verdicts, UNKNOWN included, all matches and the first one are those of the reference."""
    hold_against_the_reference(asked, seen)


@cache
def everything() -> tuple[list[Condition], Matcher]:
    """Each field with each operator and value, all in one rule set, made ready once."""
    asked = [read(each) for each in questions()]
    return asked, Matcher(asked)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(facts())
def test_every_question_there_is(seen: Facts) -> None:
    """Thousands of rules at once, one ticket after the other."""
    asked, matcher = everything()
    hold_against_the_reference(asked, [seen], matcher)


def test_without_re2_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pass over a text is then made word by word."""
    words = [f"word{number}" for number in range(40)]
    asked: list[Condition | None] = [read({"text": {"contains": word}}) for word in words]
    seen = [make_facts()]
    hold_against_the_reference(asked, seen)
    monkeypatch.setitem(sys.modules, "re2", None)
    hold_against_the_reference(asked, seen)


@pytest.mark.parametrize("summary", ["word3 and word41", "<p>word3</p>  word17", "nothing"])
def test_keywords_of_rules_that_few_tickets_concern(summary: str) -> None:
    """Kept apart from those asked for on every ticket; asked one by one, or all at once."""
    asked: list[Condition | None] = [
        read({"category": {"is": f"Area {area}"}, "text": {"contains": f"word{number}"}})
        for area, rules in enumerate((40, *[3] * 12))
        for number in range(rules)
    ]
    asked += [read({"text": {"contains": f"word{number}"}}) for number in range(30, 50)]
    areas = ("Area 0", "Area 1", "Elsewhere")
    seen = [make_facts(make_ticket(summary=summary, category={"name": area})) for area in areas]
    hold_against_the_reference(asked, seen)


def test_only_the_ways_asked_for_are_asked() -> None:
    """Rules that wait for something else are left out."""
    vpn, both = read({"title": {"contains": "vpn"}}), read({"any": [
        {"priority": {"is": "Medium"}}, {"status": {"is": "Opened"}}]})  # fmt: skip
    matcher = Matcher([vpn, both, None])
    assert matcher.matches(make_facts()) == [0, 1, 2]
    assert matcher.matches(make_facts(), matcher.ways_of_rules([1, 2])) == [1, 2]


@SLOW
@given(st.data())
def test_brief_values_are_what_operators_compare(data: st.DataObject) -> None:
    """A field's short reading is its long one, people and named things by name."""
    from kace_bridge.rules.compiled.answers import as_brief, read_brief
    from kace_bridge.rules.fields._registry import FIELDS, find_field
    from tests.unit.rules.picture import KNOWN

    ticket = data.draw(tickets())
    given_facts = make_facts(ticket, before=data.draw(st.none() | tickets()))
    for name in (*FIELDS, "custom_3", "before.status", "before.owner", "before.custom_4"):
        field = find_field(name, KNOWN)
        short, whole = read_brief(field, given_facts), as_brief(field.read(given_facts))
        assert (type(short), short) == (type(whole), whole), name


@given(facts(), st.none() | st.just(make_event("closed")))
def test_facts_with_an_event_lose_nothing(given_facts: Facts, event: Event | None) -> None:
    """Spelt out for speed, it is what replace() gives."""
    assert given_facts.with_event(event) == replace(given_facts, event=event)
    assert given_facts.with_event(event).same_as(given_facts) == (given_facts.event is event)


@pytest.mark.parametrize("name", [each.name for each in fields(Facts)])
def test_facts_are_the_same_only_in_every_part(name: str) -> None:
    """What was read of a ticket is never taken for what another moment would show."""
    seen = make_facts(before=make_ticket())
    assert seen.same_as(replace(seen))
    assert not seen.same_as(replace(seen, **{name: object()}))
    with pytest.raises(FrozenInstanceError):
        setattr(seen, name, None)
