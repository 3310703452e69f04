"""Regular expressions, through RE2 only: its time grows with the text, never with the pattern.

Python's own ``re`` can be stopped by one unlucky ticket (26 characters, 2 seconds), so it is no
substitute; without the optional package the operator is refused when the rules are read.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

from kace_bridge.model.text import clean_text
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field
from kace_bridge.rules.issue import Unfit
from kace_bridge.rules.operators._registry import Answer, Case, Prepared, Slot, operator, unknown
from kace_bridge.rules.operators._values import read_text
from kace_bridge.rules.verdict import Verdict

_LONGEST = 64 * 1024
_MEMORY = 8 * 1024 * 1024
_SIGN = "\x00sign\x00"
"""What stands in no cleaned text."""


def read_pattern(raw: object, slot: Slot) -> Any:
    """A compiled RE2 pattern."""
    text = read_text(raw, slot)
    try:
        engine: Any = import_module("re2")
    except ImportError:
        raise Unfit(
            "'matches' needs the package google-re2, which is not installed",
            "Install it (pip install google-re2), or use contains, starts_with or any_word.",
        ) from None
    try:
        return _compile(engine, text)
    except (engine.error, UnicodeError) as refused:
        why = refused.args[0] if refused.args else "it cannot be read"
        shown = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise Unfit(
            f"not a regular expression RE2 can read: {shown}",
            "RE2 has no look-ahead, no back-references, and no more than 1000 repeats.",
        ) from None


@lru_cache(maxsize=1024)
def _compile(engine: Any, text: str) -> Any:
    """The pattern *text*: one object however many rules write it, so that they share its answer."""
    return engine.compile(text, _options(engine))


@lru_cache(maxsize=1024)
def _finder(text: str) -> Callable[[bytes], list[int] | None] | None:
    """Whether the pattern *text* is found, and no more: half the time a search takes.

    A set of patterns answers that, here of two. It says nothing where the pattern is too large for
    its memory (a search then takes a slower way), so it is asked for a sign that is surely there.
    None where it does not find that.
    """
    engine: Any = import_module("re2")
    found = engine.Set.SearchSet(_options(engine))
    try:
        found.Add(text)
        found.Add(_SIGN)
        found.Compile()
    except engine.error:
        return None
    match: Callable[[bytes], list[int] | None] = found.Match
    return match if 1 in (match(_SIGN.encode()) or ()) else None


def _options(engine: Any) -> Any:
    options = engine.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _MEMORY
    return options


def _prepare_search(expected: Any, field: Field) -> Prepared:
    del field
    search, find = expected.search, _finder(expected.pattern)

    def test(value: str, facts: Facts) -> bool | None:
        del facts
        text = clean_text(value)
        data = text[:_LONGEST].encode()  # the package would encode it with more ado
        if search(data) if find is None else 0 in (find(data) or ()):
            return True
        return False if len(text) <= _LONGEST else None

    def explain(value: str, facts: Facts) -> Answer | None:
        del facts
        # Of an ASCII text the bytes that match are the characters that match.
        found = search(clean_text(value).encode()) if value.isascii() else None
        if found is None or len(value) > _LONGEST:
            return None
        return Answer(Verdict.YES, f"matched: {found.group(0).decode()}")

    return Prepared(test, explain=explain)


@operator("matches", expects=(str,), value=read_pattern, prepare=_prepare_search)
def matches(actual: str, expected: Any, case: Case) -> Answer:
    r"""A regular expression (RE2 syntax) is found in the text, whatever the case.

    ``\d``, ``\w`` and ``\b`` know ASCII only: write ``\pL`` and ``\pN`` for letters and digits of
    any script, ``(?-i)`` to mind the case. The first 64 KiB are searched. Needs ``google-re2``.

    Example:
        title: {matches: "^(re|fwd?):"}
    """
    del case
    text = clean_text(actual)
    found = expected.search(text[:_LONGEST])
    if found:
        return Answer(Verdict.YES, f"matched: {found.group(0)}")
    if len(text) > _LONGEST:
        return unknown("the text is longer than 64 KiB; its beginning does not match")
    return Answer(Verdict.NO)
