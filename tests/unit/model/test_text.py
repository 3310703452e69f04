"""Hostile text made plain."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.text import clean_line, clean_text, html_to_text, plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        pytest.param("<p>VPN drops</p>", "VPN drops", id="a paragraph"),
        pytest.param("a<br>b", "a\nb", id="a line break"),
        pytest.param("<script>alert(1)</script>hi", "hi", id="scripts are no text"),
        pytest.param("Tom &amp; Jerry &lt;3", "Tom & Jerry <3", id="entities"),
        pytest.param(
            "if a < b then c > d", "if a < b then c > d", id="plain text with signs stays"
        ),
        pytest.param("one\n\n\n\n\ntwo", "one\n\ntwo", id="runs of blank lines are folded"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_html_reads_as_its_words(markup: str, text: str) -> None:
    """Markup becomes the words a reader would see."""
    assert html_to_text(markup) == text


@pytest.mark.catalogue("S13")
@pytest.mark.parametrize(
    "bad",
    ["\x1b[31m", "\x07", "\u202e", "\u2066", "\u2028", "\x85", "\ud800", "\ufeff", "\x00"],
)
def test_a_clean_line_has_nothing_that_acts(bad: str) -> None:
    """Escapes, bells, direction marks, exotic line ends and lone surrogates are gone."""
    line = clean_line(f"safe{bad}text\nnext")
    assert "\n" not in line
    assert bad.replace("[31m", "") not in line


@pytest.mark.catalogue("S13")
@given(st.text(max_size=300))
def test_a_clean_line_is_one_printable_line(text: str) -> None:
    """Whatever comes in, one line of encodable text of bounded length comes out."""
    line = clean_line(text, 80)
    assert len(line) <= 80
    assert len(line.splitlines()) <= 1
    line.encode("utf-8")


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """Cleaned text is stable, so it can be cleaned at every edge."""
    once = clean_text(text)
    assert clean_text(once) == once


def test_a_long_run_of_marks_is_cut() -> None:
    """A run of combining marks that would stall normalizing is shortened first."""
    assert len(clean_text("e" + "\u0301" * 100_000)) < 100


def test_an_unfinished_declaration_is_only_text() -> None:
    """Markup that the standard parser stumbles over does not stop a run."""
    assert "foo" in html_to_text("<p><![foo bar")


@given(st.text(alphabet="<>![]-&;/pbrscriptCDATA \n\"'=", max_size=60))
def test_any_markup_reads_without_an_error(markup: str) -> None:
    """No sequence of tag-like characters raises."""
    html_to_text(markup)


MOSTLY_PLAIN = st.text(st.sampled_from("ab <>&;\n\t\r\x00é\u00ad"), max_size=40) | st.text()


@given(MOSTLY_PLAIN)
def test_the_short_way_gives_what_the_long_way_gives(text: str) -> None:
    """Texts that need no cleaning are told apart from those that do."""
    assert plain_text(text) == html_to_text(clean_text(text))
    folded = " ".join(clean_text(re.sub(r"[\r\n\t\v\f\x85\u2028\u2029]+", " ", text)).split())
    assert clean_line(text, len(folded) + 1) == folded
