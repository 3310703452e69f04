"""How fast the client goes, judged by how long answers take."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.sma.pace import CALM, LONGEST_PAUSE_S, SLOW_S, Pace, PageSize

SECONDS = st.floats(0, 90)


def after(pace: Pace, *seconds: float) -> Pace:
    for each in seconds:
        pace = pace.after(each)
    return pace


@pytest.mark.parametrize(
    ("seconds", "parallel", "pause_s"),
    [
        pytest.param([0.3] * 50, 4, 0.0, id="quick"),
        pytest.param([4.9] * 50, 4, 0.0, id="neither quick nor slow"),
        pytest.param([5.0], 1, 5.0, id="slow once"),
        pytest.param([60.0], 1, 10.0, id="a timeout"),
        pytest.param([8.0, 3.0], 1, 8.0, id="not quick yet"),
        pytest.param([8.0, 0.3], 1, 0.0, id="quick again: no pause"),
        pytest.param([8.0, *[0.3] * CALM], 2, 0.0, id="for a while: one more"),
        pytest.param([8.0, *[0.3] * CALM * 9], 4, 0.0, id="all of them, no more"),
    ],
)
def test_one_slow_answer_is_enough_and_quick_ones_bring_it_back(
    seconds: list[float], parallel: int, pause_s: float
) -> None:
    """Down at once, up one by one."""
    pace = after(Pace(4, 4), *seconds)
    assert (pace.parallel, pace.pause_s) == (parallel, pause_s)


@given(st.integers(1, 8), st.lists(SECONDS))
def test_it_keeps_within_its_bounds(most: int, seconds: list[float]) -> None:
    """One at least, what is configured at most, and no longer pause than a lease bears."""
    pace = Pace(most, most)
    for each in seconds:
        pace = pace.after(each)
        assert 1 <= pace.parallel <= most
        assert 0 <= pace.pause_s <= LONGEST_PAUSE_S
        assert each < SLOW_S or (pace.parallel, pace.pause_s > 0) == (1, True)


def sizes(seconds_for: Callable[[int], float], pages: int) -> list[int]:
    """What is asked for, page by page, where *seconds_for* rows says how long it takes."""
    size, asked = PageSize(400, 25), []
    for _ in range(pages):
        asked.append(size.rows)
        size.after(size.rows, size.rows, seconds_for(size.rows))
    return asked


@pytest.mark.parametrize(
    ("seconds_for", "asked"),
    [
        pytest.param(lambda rows: rows / 50, [400, 200, 200, 200], id="so many a second"),
        pytest.param(lambda rows: rows, [400, 200, 100, 50, 25, 25, 25], id="very slow"),
        pytest.param(lambda _: 9.0, [400, 200, 400, 400, 400], id="whatever is asked"),
        pytest.param(lambda _: 1.0, [400, 400, 400], id="not slow"),
    ],
)
def test_pages_shrink_only_where_that_helps(
    seconds_for: Callable[[int], float], asked: list[int]
) -> None:
    """Twice the requests for nothing would be a burden, not a relief."""
    assert sizes(seconds_for, len(asked)) == asked


def test_answers_to_another_size_and_short_pages_say_nothing() -> None:
    """They were under way already, or had little to carry."""
    size = PageSize(400, 25)
    size.after(800, 800, 30.0)
    size.after(400, 200, 30.0)
    assert size.rows == 400
