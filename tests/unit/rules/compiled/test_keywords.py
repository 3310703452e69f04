"""Many keywords in one pass find what each finds by itself."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.rules.compiled.keywords import FEW, Keywords
from kace_bridge.rules.fields._brief import raw_text
from kace_bridge.rules.fields._registry import find_field
from kace_bridge.rules.words import fold, spell_words
from tests.unit.rules.operators.test_pattern import HAS_RE2
from tests.unit.rules.picture import KNOWN, make_facts, make_ticket

LETTERS = "abß é1-_.日か\u00ad\n\t"
TEXTS = st.text(st.sampled_from(LETTERS), max_size=30) | st.text(max_size=90)


@pytest.fixture(params=["with re2", "without re2"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the optional package, and as if it were not installed."""
    if request.param == "without re2":
        monkeypatch.setitem(sys.modules, "re2", None)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("spell", [fold, spell_words])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=FEW + 1, max_size=40), st.lists(TEXTS, min_size=1, max_size=5))
def test_one_pass_finds_what_each_keyword_finds(
    spell: Callable[[str], str], words: list[str], texts: list[str]
) -> None:
    """In any script, for any keywords, in texts that come one after the other."""
    parts = [part for word in words if (part := spell(word)).strip()]
    keywords = Keywords(spell)
    for number, part in enumerate(parts):
        keywords.add(1 << number, [part])
    keywords.seal()
    for text in [*texts, " ".join(words), "".join(words)]:
        wanted = sum(1 << n for n, part in enumerate(parts) if part in spell(text))
        assert keywords.ways_in(text) == wanted


TEXT = find_field("text", KNOWN)
MESSY = st.text(st.sampled_from("ab  \n\n\t\r\x00<&;é"), max_size=25)


def twenty() -> Keywords:
    """Words, some with a blank at an end, enough of them for one pass."""
    keywords = Keywords(fold)
    for number, part in enumerate(("a", "b", "ab", "a b", " a", "b ", "aa", "ba", *map(str, FILL))):
        keywords.add(1 << number, [part])
    keywords.seal()
    return keywords


FILL = range(100, 100 + FEW)


@given(MESSY, MESSY)
def test_a_text_searched_as_it_was_sent_needed_no_cleaning(title: str, summary: str) -> None:
    """Whatever cleaning would take away is noticed, and the search is not trusted then."""
    ticket = make_ticket(title=title, summary=summary)
    raw, value = raw_text(ticket), TEXT.read(make_facts(ticket))
    assert raw is not None
    found = twenty().ways_in_raw(raw)
    if found is not None:
        assert raw == value
        assert found == twenty().ways_in(raw)


@pytest.mark.skipif(not HAS_RE2, reason="google-re2 is not installed")
@pytest.mark.parametrize(
    ("summary", "clean"),
    [
        ("A plain text, over\ntwo lines.", True),
        ("two  blanks", False),
        ("a blank before \nthe end of a line", False),
        ("<b>marked</b>", False),
        ("R&amp;D", False),
        ("a\ttab", False),
        ("caf\u00e9", False),
    ],
)
def test_what_needs_cleaning(summary: str, clean: bool) -> None:
    """A plain text is searched as it was sent; it is the usual case."""
    raw = raw_text(make_ticket(title="Title", summary=summary))
    assert raw is not None
    assert (twenty().ways_in_raw(raw) is not None) == clean


@pytest.mark.usefixtures("engine")
def test_a_very_long_word_is_searched_too() -> None:
    """An attachment pasted into the text hides nothing."""
    keywords = Keywords(fold)
    for number in range(FEW + 5):
        keywords.add(1 << number, [f"word{number:02}"])
    keywords.seal()
    assert keywords.ways_in("x" * 5000 + "word03" + "y" * 5000) == 1 << 3
