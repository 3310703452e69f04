"""Small things that every command prints with."""

import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.cli.logs import EventFormatter
from kace_bridge.cli.options import exit_codes
from kace_bridge.cli.output import (
    age,
    count,
    cut,
    display_width,
    linked,
    print_table,
    shown,
    shown_value,
)
from kace_bridge.cli.progress import _Display, show_progress


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=59), "0m"),
        (timedelta(minutes=59), "59m"),
        (timedelta(hours=5, minutes=3), "5h 3m"),
        (timedelta(days=3, hours=4), "3d 4h"),
        (timedelta(days=45, hours=4), "45d"),
        (timedelta(minutes=-5), "0m"),
    ],
)
def test_ages_name_two_units(span: timedelta, text: str) -> None:
    """Short enough for a column; a clock that runs ahead gives no negative age."""
    assert age(span) == text


@given(st.text(alphabet="aé漢\u0301 ", max_size=30), st.integers(min_value=1, max_value=20))
def test_a_cut_text_fits(text: str, width: int) -> None:
    """Wide and combining characters are counted as the terminal does."""
    assert display_width(cut(text, width)) <= max(width, 1)
    if display_width(text) <= width:
        assert cut(text, width) == text


@pytest.mark.parametrize(("value", "text"), [(None, "-"), ("", "-"), (0, "0"), ("a\nb", "a b")])
def test_cells_are_one_line(value: object, text: str) -> None:
    """Nothing is a dash; line breaks do not break tables."""
    assert shown(value) == text


def test_counts_agree_with_their_noun() -> None:
    """One ticket, two tickets, three tries."""
    assert (count(1, "ticket"), count(2, "ticket")) == ("1 ticket", "2 tickets")
    assert count(3, "try", "tries") == "3 tries"


def test_exit_codes_may_be_worded_anew() -> None:
    """A command says what a code means for it."""
    text = exit_codes(0, 1, _1="a test failed")
    assert text.splitlines()[2:] == ["  0   done", "  1   a test failed"]


def test_a_log_line_carries_its_fields_and_no_controls() -> None:
    """Events with fields, cleaned like anything else on a terminal."""
    record = logging.makeLogRecord(
        {"msg": "row %s", "args": ("x\x1b[2J",), "levelname": "WARNING", "ticket": 41}
    )
    assert EventFormatter().format(record) == "warning: row x[2J ticket=41"


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Logs of schedulers hold no spinners."""
    with show_progress() as progress:
        progress("read", 500)
    assert capsys.readouterr() == ("", "")


def test_progress_waits_a_moment_and_then_counts() -> None:
    """Quick runs stay quiet; long ones say how far they are."""
    times = iter([0.0, 0.5, 1.5])
    display = _Display(lambda: next(times))
    display.advance("read", 500)
    assert display.text is None
    display.advance("read", 250)
    assert display.text == "750 tickets read"
    display.close()


URL = "https://kace.example.org/adminui/ticket.php?ID=41"


def test_a_terminal_gets_a_link_and_a_file_does_not() -> None:
    """The text alone where nobody can click."""
    assert linked("#41", URL, terminal=True) == f"\x1b]8;;{URL}\x1b\\#41\x1b]8;;\x1b\\"
    assert linked("#41", URL, terminal=False) == "#41"
    assert linked("#41", "", terminal=True) == "#41"


@given(st.text())
def test_no_address_breaks_out_of_its_link(url: str) -> None:
    """Whatever it holds, what is between the marks is plain ASCII without control characters."""
    whole = linked("#41", url or "x", terminal=True)
    inside = whole.removeprefix("\x1b]8;;").partition("\x1b\\")[0]
    assert inside.isascii()
    assert inside.isprintable() or inside == ""


def test_a_table_in_a_file_is_plain_and_aligned() -> None:
    """Links take no room and leave no trace there."""
    lines: list[str] = []
    print_table(("Ticket", "Title"), [(7, "a"), (4411, "b")], stretch=1, right=(0,),
                say=lines.append, links=[URL, URL])  # fmt: skip
    assert lines[1:] == ["     7  a", "  4411  b"]


def test_what_is_empty_is_nobody_only_for_people() -> None:
    """An owner is taken from nobody, a resolution from none."""
    values = [shown_value(field, None) for field in ("owner", "submitter", "resolution")]
    assert values == ["nobody", "nobody", "none"]
    assert shown_value("owner", "bkim") == "bkim"
