"""Text for chat programs."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.notify.chat_text import disarm, fitted

PIECES = st.sampled_from(
    ["<", ">", "!", "@", "[", "]", "(", ")", ":", "#", "|", " ", "\n", "here", "channel", "all",
     "everyone", "a", "Ä", "U1", "http://e.example", "\u200b", "`"]
)  # fmt: skip
TEXT = st.one_of(st.text(), st.lists(PIECES).map("".join))
ARMED = re.compile(r"<\S|(?<!\w)@\w|@(?:here|channel|all|everyone)\b|\][(\[:]", re.IGNORECASE)


@settings(deadline=None)
@given(TEXT)
@pytest.mark.catalogue("S15")
def test_nothing_that_acts_is_left(text: str) -> None:
    """No mention, no address behind words, no image, no tag, however it is put together."""
    shown = re.sub("<\u200b", "< ", disarm(text))
    assert ARMED.search(shown) is None


@settings(deadline=None)
@given(TEXT)
def test_no_word_is_lost(text: str) -> None:
    """Only invisible blanks are put in."""
    assert disarm(text).replace("\u200b", "") == text.replace("\u200b", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("jdoe@example.org, https://kace.example.org/t?ID=4&x=1", id="addresses"),
        pytest.param("- a list\n> a quotation (see [1])", id="plain lines"),
        pytest.param("2 < 3 and 5 > 4", id="sums"),
    ],
)  # fmt: skip
def test_harmless_text_is_left_alone(text: str) -> None:
    """What can be copied out of a chat works."""
    assert disarm(text) == text


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "https://k.example/41"]), st.integers(30, 60))
def test_what_is_cut_keeps_its_link(text: str, link: str, most: int) -> None:
    """Never longer than asked; the link is whole."""
    found = fitted(text, link, most)
    assert len(found) <= most
    assert found == text or found.endswith(link or "\u2026")
