"""When a breaker opens, for how long, and what closes it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.breaker import CLOSED, LIMIT, LONGEST, WINDOW, Breaker, read_breaker
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


def told(story: str) -> Breaker:
    """Attempts one after another: x failed, . was answered."""
    breaker, now = CLOSED, MORNING
    for attempt in story:
        now = breaker.rests_until(now) or now
        breaker = breaker.failed(now, "flapping") if attempt == "x" else breaker.answered()
    return breaker


@pytest.mark.parametrize(
    ("story", "opens"),
    [
        pytest.param("x" * 4 + "." + "x" * 4 + "." + "xx", False, id="ten of twelve"),
        pytest.param("x" * 4 + "." + "x" * 4 + "." + "xxx", True, id="eleven of thirteen"),
        pytest.param(".x" * 200, False, id="every other"),
        pytest.param("x.x" * 5 + "x", True, id="two of three, the eleventh of sixteen"),
        pytest.param("x." * 10 + ".x" * 10, False, id="ten of twenty at any time"),
        pytest.param("x.xx" + "." * 17 + "x.x" * 5, False, id="older than twenty does not count"),
    ],
)
def test_more_than_half_of_the_last_twenty_open_it(story: str, opens: bool) -> None:
    """However few of them came in a row."""
    assert told(story).is_open == opens


def test_who_fails_more_often_than_not_rests_like_who_fails_in_a_row() -> None:
    """A minute first, then one attempt; a fault doubles the rest, an answer begins anew."""
    breaker = told("x.x" * 5 + "x")
    assert breaker.until == MORNING + MINUTE
    assert breaker.story == "after 11 faults in the last 16 attempts"
    assert breaker.failed(MORNING + MINUTE, "down").until == MORNING + 3 * MINUTE
    assert breaker.answered() == CLOSED


@pytest.mark.parametrize(
    ("breaker", "story"),
    [
        (told("x" * 7), "after 7 faults in a row"),
        (told("x" * 33), "after 20 or more faults in a row"),
        (CLOSED.failed(MORNING, "535", at_once=True), "after a fault"),
        (CLOSED.failed(MORNING, "busy", asked_s=30), "as it asked"),
    ],
)
def test_it_tells_what_opened_it(breaker: Breaker, story: str) -> None:
    """No fault in a row is told that did not come in a row."""
    assert breaker.story == story


def test_answers_alone_leave_nothing_to_keep() -> None:
    """So that what is well costs no write: nor does what was, twenty answers later."""
    assert told("." * 50) == CLOSED
    assert told("xxx" + "." * WINDOW) == CLOSED
    assert told("xxx" + "." * (WINDOW - 1)) != CLOSED


def test_a_store_that_told_only_the_faults_in_a_row_is_read() -> None:
    """They were in a row."""
    old = read_breaker('{"faults": 3, "until": null, "why": "down"}')
    assert old == Breaker(3, None, "down", "xxx")
    assert old.failed(MORNING, "down").failed(MORNING, "down").story == "after 5 faults in a row"


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
     '{"faults": 9, "until": "soon", "why": ""}',
     '{"faults": 9, "until": null, "why": "", "recent": "yes"}'],
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
    """It rests only after five faults in a row, more than half of twenty or as asked, survives
    being written down, and an answer closes it."""
    breaker, now, recent = CLOSED, MORNING, ""
    for what, passed in story:
        now += passed
        if breaker.rests_until(now):
            continue
        match what:
            case "fault":
                recent, breaker = (recent + "x")[-WINDOW:], breaker.failed(now, "down")
                opens = recent.endswith("x" * LIMIT) or recent.count("x") > WINDOW / 2
                assert (breaker.rests_until(now) is not None) == opens
            case "wait":
                breaker = breaker.failed(now, "busy", asked_s=passed.total_seconds() + 1)
            case _:
                recent = "" if breaker.is_open else recent + "."
                breaker = breaker.answered()
                assert not breaker.is_open
        assert (breaker.rests_until(now) or now) - now <= LONGEST
        assert read_breaker(breaker.as_text()) == breaker


def test_who_is_gone_is_not_asked_however_long_ago_it_was() -> None:
    """Neither time nor a clock that was set back has it asked again; a word of somebody does."""
    gone = after(2).left("HTTP 410")
    for moment in (MORNING, MORNING + timedelta(days=400), MORNING - timedelta(days=400)):
        assert gone.rests_until(moment) == moment + LONGEST
    assert read_breaker(gone.as_text()) == gone
    assert gone.answered() == CLOSED


def test_the_moment_is_kept_to_the_microsecond() -> None:
    """And in its zone."""
    odd = Breaker(6, datetime.fromisoformat("2026-03-02T09:00:00.123456-05:00"), "Grüße")
    assert read_breaker(odd.as_text()) == odd
