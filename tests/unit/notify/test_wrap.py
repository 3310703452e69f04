"""Lines of a mail's text part."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.notify.wrap import WIDTH, wrapped

LONG = "word " * 30
ADDRESS = "https://kace.example.org/adminui/ticket.php?ID=41&" + "x" * 80


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=400))
def test_no_word_is_lost_and_none_added(text: str) -> None:
    """Only blanks become line ends; marks of a quotation are repeated, nothing else is."""
    before, after = text.replace(">", " ").split(), wrapped(text).replace(">", " ").split()
    assert after == before


@settings(deadline=None)
@given(st.lists(st.text("abc>- ", max_size=200)))
def test_no_line_that_can_be_broken_is_too_long(lines: list[str]) -> None:
    """One word alone may be."""
    for line in wrapped("\n".join(lines)).split("\n"):
        assert len(line) <= WIDTH or " " not in line.strip("> -").strip()


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        pytest.param("> " + LONG, "> ", id="a quotation"),
        pytest.param("> > " + LONG, "> > ", id="a quotation in one"),
        pytest.param("- " + LONG, "  ", id="an entry of a list"),
        pytest.param(LONG, "word", id="a paragraph"),
    ],
)
def test_what_is_broken_stays_what_it_was(text: str, lead: str) -> None:
    """Each line begins as its kind does."""
    assert all(line.startswith(lead) for line in wrapped(text).split("\n")[1:])


def test_an_address_stays_whole() -> None:
    """It would not open otherwise."""
    assert ADDRESS in wrapped(f"Open the ticket, please, as soon as you can: {ADDRESS}").split("\n")
