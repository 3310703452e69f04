"""Which of one recipient's messages leave as one summary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.notify.gather import Candidate, folded


def line(kinds: str) -> list[Candidate]:
    """Messages by letter: t(ogether), s(ingle), w(aited for room), p(rompt: never counted)."""
    return [
        Candidate(f"{kind}{place}", together=kind == "t", counted=kind != "p", waited=kind == "w")
        for place, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "room", "expected"),
    [
        pytest.param("", None, "", id="nothing waits"),
        pytest.param("sss", None, "", id="without a limit all leave by themselves"),
        pytest.param("ttt", None, "t0 t1 t2", id="what belongs together leaves together"),
        pytest.param("t", None, "", id="one is no summary"),
        pytest.param("tst", None, "t0 t2", id="others stay out of it"),
        pytest.param("ssss", 4, "", id="just enough room"),
        pytest.param("ssss", 3, "s2 s3", id="the last place is the summary's"),
        pytest.param("ssss", 1, "s0 s1 s2 s3", id="room for one mail"),
        pytest.param("ssss", 0, "", id="no room: all wait"),
        pytest.param("tttt", 0, "", id="no room for a summary either"),
        pytest.param("s", 1, "", id="one message and room for it"),
        pytest.param("ttss", 2, "t0 t1 s3", id="what is too much joins the summary"),
        pytest.param("pppp", 1, "", id="receipts need no room"),
        pytest.param("psps", 1, "s1 s3", id="receipts leave by themselves"),
        pytest.param("ww", 20, "w0 w1", id="who waited for room gets one mail"),
        pytest.param("wt", 20, "w0 t1", id="together with what is gathered"),
        pytest.param("w", 20, "", id="one that waited leaves as it is"),
    ],
)
def test_who_is_in_the_summary(kinds: str, room: int | None, expected: str) -> None:
    """In the order of the outbox."""
    assert " ".join(folded(line(kinds), room)) == expected


@given(st.text("tswp", max_size=30), st.integers(0, 30))
def test_the_room_is_kept_and_a_summary_is_of_several(kinds: str, room: int) -> None:
    """Whatever waits: never more mails than there is room for, receipts apart."""
    candidates = line(kinds)
    keys = folded(candidates, room)
    assert len(keys) != 1
    assert list(keys) == [one.key for one in candidates if one.key in keys]
    left = sum(one.counted for one in candidates if one.key not in keys) + bool(keys)
    assert left <= room or room == 0
    assert not any(key.startswith("p") for key in keys)
