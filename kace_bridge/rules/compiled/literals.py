"""Many literal texts looked for at once by RE2, where the optional package is installed."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

_MEMORY = 64 * 1024 * 1024
"""Bytes RE2 may use for one set; it grows as texts are seen."""


def literal_set(
    literals: Sequence[str], pattern: str
) -> Callable[[bytes], list[int] | None] | None:
    """A function that gives the places in *literals* of those that stand in an ASCII text.

    The place after the last means that *pattern* is found, which costs the search nothing.
    None without google-re2 or literals, or where one is not printable ASCII: the time of a search
    grows with the text, never with the literals, but only plain characters are sure to mean
    themselves.
    """
    try:
        engine: Any = import_module("re2")
    except ImportError:
        return None
    if not literals or not all(literal.isascii() and literal.isprintable() for literal in literals):
        return None
    options = engine.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    found = engine.Set.SearchSet(options)
    try:
        for literal in literals:
            found.Add(engine.escape(literal))
        found.Add(pattern)
        found.Compile()
    except engine.error:
        return None
    match: Callable[[bytes], list[int] | None] = found.Match
    # A set too large for its memory would find nothing, and not say so.
    return match if 0 in (match(literals[0].encode()) or ()) else None
