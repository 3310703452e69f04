"""When a breaker opens, for how long, and what closes it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.breaker import CLOSED, LIMIT, LONGEST, Breaker, read_breaker
from tests.support.make import MORNING

MINUTE = timedelta(minutes=1)


def after(faults: int) -> Breaker:
    """So many faults in a row, each the moment asking is right again."""
    breaker, now = CLOSED, MORNING
    for _ in range(faults):
        now = breaker.rests_until(now) or now
        breaker = breaker.failed(now, "down")
    return breaker


@pytest.mark.parametrize(
    ("faults", "minutes"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10, 15), (5000, 15)],
)
def test_the_fifth_fault_in_a_row_opens_it_and_each_more_doubles_the_rest(
    faults: int, minutes: int
) -> None:
    """A minute, two, four, eight, then a quarter of an hour each time."""
    now = MORNING
    breaker = Breaker(max(faults - 1, 0))
    breaker = breaker.failed(now, "down") if faults else breaker
    until = breaker.rests_until(now)
    assert (until - now if until else 0 * MINUTE) == minutes * MINUTE
    assert breaker.faults == faults


def test_after_the_rest_one_is_asked_again() -> None:
    """At that moment, not before it."""
    breaker = after(5)
    assert breaker.until is not None
    assert breaker.rests_until(breaker.until - timedelta(microseconds=1)) == breaker.until
    assert breaker.rests_until(breaker.until) is None


def test_a_wait_that_is_asked_for_is_kept_and_is_no_fault() -> None:
    """A quarter of an hour at most, however long it is."""
    breaker = after(3).failed(MORNING, "slow down", asked_s=600)
    assert (breaker.faults, breaker.until) == (3, MORNING + 10 * MINUTE)
    assert CLOSED.failed(MORNING, "no", asked_s=1e9).until == MORNING + LONGEST


def test_refused_credentials_open_it_at_once() -> None:
    """Trying four times more could lock the account."""
    first = CLOSED.failed(MORNING, "535", at_once=True)
    assert first.rests_until(MORNING) == MORNING + MINUTE
    assert first.failed(MORNING, "535", at_once=True).until == MORNING + 2 * MINUTE


def test_a_clock_that_was_set_back_does_not_lengthen_the_rest() -> None:
    """A moment further away than the longest wait was never meant."""
    assert after(9).rests_until(MORNING - timedelta(days=400)) is None


@pytest.mark.parametrize(
    "text",
    [None, "", "no json", "[]", "5", '{"faults": 1}', '{"faults": "x", "until": null, "why": ""}',
     '{"faults": 9, "until": "2026-03-02T09:00:00", "why": ""}',
     '{"faults": 9, "until": "soon", "why": ""}'],
)  # fmt: skip
def test_what_cannot_be_read_is_closed(text: str | None) -> None:
    """A damaged entry must not keep the desk from its appliance."""
    assert read_breaker(text) == CLOSED


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["fault", "answer", "wait"]), st.timedeltas(0 * MINUTE, 40 * MINUTE)
        )
    )
)
def test_whatever_happens_it_never_rests_longer_than_a_quarter_of_an_hour(
    story: list[tuple[str, timedelta]],
) -> None:
    """It rests only after five faults in a row or as asked, survives being written down, and an
    answer closes it."""
    breaker, now, row = CLOSED, MORNING, 0
    for what, passed in story:
        now += passed
        if breaker.rests_until(now):
            continue
        match what:
            case "fault":
                row, breaker = row + 1, breaker.failed(now, "down")
                assert (breaker.rests_until(now) is not None) == (row >= LIMIT)
            case "wait":
                breaker = breaker.failed(now, "busy", asked_s=passed.total_seconds() + 1)
            case _:
                row, breaker = 0, CLOSED
        assert breaker.faults == row
        assert (breaker.rests_until(now) or now) - now <= LONGEST
        assert read_breaker(breaker.as_text()) == breaker


def test_the_moment_is_kept_to_the_microsecond() -> None:
    """And in its zone."""
    odd = Breaker(6, datetime.fromisoformat("2026-03-02T09:00:00.123456-05:00"), "Grüße")
    assert read_breaker(odd.as_text()) == odd
