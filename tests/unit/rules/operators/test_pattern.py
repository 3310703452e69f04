"""matches, which needs the optional package google-re2."""

import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from kace_bridge.rules.operators.pattern import _compile, _finder
from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_facts, make_ticket, read, refuse

HAS_RE2 = find_spec("re2") is not None
NO_TITLE = make_facts(make_ticket(title=None))
LONG = make_facts(make_ticket(title="x" * 70_000 + "vpn"))

ROWS = [
    Row("found anywhere, whatever the case", "title", "matches", r"v.n\s", "yes",
        detail="matched: VPN"),
    Row("not found", "title", "matches", "^drops", "no"),
    Row("case minded on request", "title", "matches", "(?-i)vpn", "no"),
    Row("an unread title matches nothing known", "title", "matches", "x", "unknown", NO_TITLE),
    Row("the end of an endless text is not known", "title", "matches", "vpn", "unknown", LONG),
    Row("a bomb is harmless", "title", "matches", "(x+x+)+y", "unknown", LONG),
    Row("any script by its properties", "title", "matches", r"^\pL+$", "yes",
        make_facts(make_ticket(title="Störung"))),
]  # fmt: skip


@pytest.mark.catalogue("C10")
@pytest.mark.skipif(not HAS_RE2, reason="google-re2 is not installed")
@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("a(?=b)", id="look-ahead"),
        pytest.param(r"(a)\1", id="back-reference"),
        pytest.param(r"a\Z", id="Python's own anchor"),
        pytest.param("a{1001}", id="too many repeats"),
        pytest.param("(", id="open bracket"),
        pytest.param("\ud800", id="lone surrogate"),
    ],
)
def test_what_re2_cannot_do_is_refused(pattern: str) -> None:
    """A pattern outside RE2 is a problem of the rules file, not of a ticket."""
    (issue,) = refuse({"title": {"matches": pattern}})
    assert "not a regular expression RE2 can read" in issue.message
    assert "look-ahead" in issue.fix


@pytest.mark.skipif(not HAS_RE2, reason="google-re2 is not installed")
@pytest.mark.parametrize("pattern", ["", "^vpn", "(?-i)A", r"\pL{3}", r"\bb\b", "(?m)^x$", r"\C$"])
def test_whether_it_is_found_is_told_as_a_search_tells_it(pattern: str) -> None:
    """The quick way, which gives no place, and the search that gives one."""
    find, search = _finder(pattern), _compile(import_module("re2"), pattern).search
    assert find is not None
    for text in ("", "a", "A vpn", "vpn", "xé1", "a b c", "y\nx\nz", "日本語", "\x00sign\x00"):
        assert (0 in (find(text.encode()) or ())) == bool(search(text.encode())), text


@pytest.mark.skipif(not HAS_RE2, reason="google-re2 is not installed")
def test_a_pattern_may_stand_under_not() -> None:
    """A compiled pattern is a value like any other."""
    assert read({"not": {"title": {"matches": "^x"}}})


def test_without_the_package_the_operator_is_refused_with_a_cure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python's own engine is never used instead: one ticket could stop it."""
    monkeypatch.setitem(sys.modules, "re2", None)
    (issue,) = refuse({"title": {"matches": "x"}})
    assert "google-re2" in issue.message
    assert "pip install google-re2" in issue.fix
