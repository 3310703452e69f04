"""Many keywords in one pass find what each finds by itself."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.rules.compiled.keywords import FEW, Keywords
from kace_bridge.rules.words import fold, spell_words

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


@pytest.mark.usefixtures("engine")
def test_a_very_long_word_is_searched_too() -> None:
    """An attachment pasted into the text hides nothing."""
    keywords = Keywords(fold)
    for number in range(FEW + 5):
        keywords.add(1 << number, [f"word{number:02}"])
    keywords.seal()
    assert keywords.ways_in("x" * 5000 + "word03" + "y" * 5000) == 1 << 3
