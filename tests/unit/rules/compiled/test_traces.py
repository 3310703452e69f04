"""A trace written down quickly is the reference's, to the last character."""

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.model.event import Event
from kace_bridge.rules.compiled.matcher import Matcher
from kace_bridge.rules.compiled.table import MOST_VALUES
from kace_bridge.rules.compiled.traces import Trace, trace_of
from kace_bridge.rules.condition import Condition
from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.facts import Facts
from tests.unit.rules.compiled.questions import conditions, facts, questions, read
from tests.unit.rules.picture import make_event, make_facts, make_ticket

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.none() | conditions(), st.lists(facts(), max_size=4))
def test_any_condition_on_any_tickets(condition: Condition | None, seen: list[Facts]) -> None:
    """What was remembered of one ticket is right for the next, as stored and as an object."""
    trace = trace_of(condition)
    for each in seen * 2:
        wanted = evaluate(condition, each)
        assert trace(each) == wanted
        assert repr(trace(each).as_data()) == repr(wanted.as_data())


@SLOW
@given(
    st.lists(conditions(), min_size=1, max_size=5), st.lists(facts(), max_size=4),
    st.none() | st.just(make_event("closed")),
)  # fmt: skip
def test_what_was_read_to_match_is_shown_of_that_alone(
    asked: list[Condition], seen: list[Facts], event: Event | None
) -> None:
    """Also where the matcher has looked at other facts since, or at the same with an event."""
    matcher = Matcher(asked)
    traces = [trace_of(condition, matcher.seen) for condition in asked]
    for each in seen:
        matcher.matches(each)
        for given_facts in (each, each.with_event(event), *seen):
            for condition, trace in zip(asked, traces, strict=True):
                assert trace(given_facts) == evaluate(condition, given_facts)


@cache
def everything() -> list[tuple[Condition, Trace]]:
    """Each field with each operator and value, each made ready once."""
    return [(condition, trace_of(condition)) for condition in map(read, questions())]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(facts())
def test_every_question_there_is(seen: Facts) -> None:
    """Thousands of steps, one ticket after the other."""
    for condition, trace in everything():
        assert trace(seen) == evaluate(condition, seen)


def test_starting_over_changes_nothing() -> None:
    """A field that turns out to hold anything is forgotten from time to time."""
    condition = read({"status": {"is": "New"}})
    trace = trace_of(condition)
    for number in range(MOST_VALUES + 2):
        seen = make_facts(make_ticket(status={"name": f"New {number}"}))
        assert trace(seen) == evaluate(condition, seen)
