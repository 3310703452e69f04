"""Every failure of the catalogue and every security control has a test that bears its number."""

import ast

import pytest

from tests.support.catalogue import ROWS, TESTS, UNTESTED, _marks_in, marks, page

COVERED = marks()


def test_the_catalogue_is_whole() -> None:
    """108 failures and 30 controls."""
    assert len(ROWS) == 138
    assert sum(row.startswith("S") for row in ROWS) == 30


@pytest.mark.parametrize("row", ROWS)
def test_the_row_has_a_test(row: str) -> None:
    """Or a reason why none is possible here."""
    assert row in COVERED or row in UNTESTED, f"{row}: {ROWS[row]}"


def test_no_mark_is_misspelt() -> None:
    """A mark names a row there is."""
    assert sorted(COVERED.keys() - ROWS.keys()) == []


def test_a_reason_is_given_up_once_there_is_a_test() -> None:
    """Nobody reads that a row cannot be tested while it is."""
    assert sorted(UNTESTED.keys() & COVERED.keys()) == []


def test_the_page_is_written_from_the_marks() -> None:
    """Write it anew with: python -m tests.support.catalogue."""
    assert (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8") == page()


def test_a_mark_is_found_wherever_it_stands() -> None:
    """On a function, a module, a row of a table."""
    tree = ast.parse(
        "pytestmark = [pytest.mark.catalogue('A01')]\n"
        "class T:\n  @pytest.mark.catalogue('A02')\n  def test_x(self): pass\n"
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.catalogue('A03'))])\n"
        "def test_y(a): pass\n"
    )
    assert {row for row, _ in _marks_in(tree, "f.py")} == {"A01", "A02", "A03"}
