"""Durations and levels as an admin writes them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.sla.duration import Duration, Level, parse_duration, parse_level


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("1bd", Duration("bd", 1), id="a working day"),
        pytest.param("4bh", Duration("bh", 4), id="working hours"),
        pytest.param("90bm", Duration("bm", 90), id="working minutes"),
        pytest.param("30m", Duration("m", 30), id="plain minutes"),
        pytest.param("2d", Duration("d", 2), id="plain days"),
        pytest.param("1w", Duration("w", 1), id="a week"),
        pytest.param(" 45s ", Duration("s", 45), id="blanks around are ignored"),
        pytest.param("0h", Duration("h", 0), id="nothing, to switch a wait off"),
        pytest.param({"end_of": "1bd"}, Duration("bd", 1, end_of=True), id="close of a day"),
    ],
)
def test_reads_a_duration(text: object, meant: Duration) -> None:
    """Each documented spelling means what the reference says."""
    assert parse_duration(text) == meant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "1 day",
            "'1 day' is not a duration: write 1bd, 4bh, 30m, 2h or 2d",
            id="words instead of a unit",
        ),
        pytest.param(30, "'30' is not a duration: write 1bd, 4bh, 30m, 2h or 2d", id="no unit"),
        pytest.param("-1h", "'-1h' is not a duration", id="negative"),
        pytest.param("1.5h", "'1.5h' is not a duration", id="a broken number"),
        pytest.param("1BD", "'1BD' is not a duration", id="capitals"),
        pytest.param("\u0661h", "is not a duration", id="digits of another script"),
        pytest.param("", "'' is not a duration", id="empty"),
        pytest.param(None, "'None' is not a duration", id="nothing given"),
        pytest.param("4000d", "'4000d' is longer than ten years", id="more than ten years"),
        pytest.param({"end": "1bd"}, "is not a duration", id="an unknown key"),
        pytest.param(
            {"end_of": "4h"}, "end_of counts working days, not '4h': write end_of: 1bd", id="end 4h"
        ),
        pytest.param({"end_of": 1}, "end_of counts working days, not '1'", id="end of a number"),
        pytest.param({"end_of": {"end_of": "1bd"}}, "end_of counts working days", id="nested"),
    ],
)
def test_refuses_what_is_no_duration(text: object, words: str) -> None:
    """A wrong duration is answered in one sentence with the cure."""
    with pytest.raises(ValueError, match=r"duration|ten years|end_of") as caught:
        parse_duration(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("50%", Level(fraction=0.5), id="half the target"),
        pytest.param("12.5%", Level(fraction=0.125), id="a broken share"),
        pytest.param("150%", Level(fraction=1.5), id="past the target"),
        pytest.param("2bd", Level(duration=Duration("bd", 2)), id="a duration"),
        pytest.param({"end_of": "1bd"}, Level(duration=Duration("bd", 1, True)), id="a close"),
    ],
)
def test_reads_a_level(text: object, meant: Level) -> None:
    """A level is a share of the target or a duration."""
    assert parse_level(text) == meant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            "half",
            "'half' is not a level: write 50%, 1bd, 4bh, 30m or {end_of: 1bd}",
            id="a word",
        ),
        pytest.param(
            "fifty%", "'fifty%' is not a share of the target: write 50% or 100%", id="word and %"
        ),
        pytest.param("-5%", "'-5%' is not a share of the target", id="a negative share"),
        pytest.param(50, "'50' is not a level", id="a bare number"),
        pytest.param({"end_of": "2h"}, "end_of counts working days", id="a wrong end_of"),
        pytest.param("9999w", "is longer than ten years", id="too long"),
    ],
)
def test_refuses_what_is_no_level(text: object, words: str) -> None:
    """A wrong level is answered in one sentence with the cure."""
    with pytest.raises(ValueError, match=r"level|share|end_of|ten years") as caught:
        parse_level(text)
    assert words in str(caught.value)


@given(
    st.builds(
        Duration,
        st.sampled_from(["bd", "bh", "bm", "w", "d", "h", "m", "s"]),
        st.integers(0, 500),
    )
)
def test_a_duration_reads_back_as_shown(duration: Duration) -> None:
    """What a trace prints can be pasted into a rule."""
    assert parse_duration(str(duration)) == duration
    assert parse_level(str(Level(duration=duration))) == Level(duration=duration)


@pytest.mark.parametrize("share", ["0%", "33.3%", "50%", "100%", "250%", "0.125%"])
def test_a_share_reads_back_as_shown(share: str) -> None:
    """A share of the target is shown as written."""
    assert str(parse_level(share)) == share


def test_an_end_of_day_is_shown_in_words() -> None:
    """The close of a day is not mistaken for a working day counted on."""
    assert str(parse_duration({"end_of": "2bd"})) == "end of 2bd"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1w", timedelta(7)),
        ("2d", timedelta(2)),
        ("90m", timedelta(hours=1.5)),
        ("4bh", timedelta(hours=4)),
    ],
)
def test_plain_units_have_a_plain_length(text: str, length: timedelta) -> None:
    """A plain day is 24 hours whatever the clocks do."""
    assert parse_duration(text).nominal == length
