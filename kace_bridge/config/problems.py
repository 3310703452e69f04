"""What is wrong in a configuration, where, and what to do about it: values, never raised here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kace_bridge.model.text import clean_line

Severity = Literal["error", "warning"]

_CLOSE_ENOUGH = 0.6
# Comparing is quadratic in length, and nobody mistypes a name this long.
_LONGEST_WORD = 80
_SHORT_LIST = 8
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file as editors count it: line and column from 1."""

    file: str
    line: int
    column: int

    @property
    def short(self) -> str:
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. *place* is None where no single line is to blame.

    Problems sort as a reader goes through them: those without a place, then by file and line.
    """

    place: Place | None
    message: str
    fix: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        what = f"warning: {self.message}" if self.severity == "warning" else self.message
        stop = "" if what.endswith((".", "!", "?")) else "."
        said = f"{where}{what}{stop} {self.fix}" if self.fix else where + what
        # Keys and values are quoted as they were written, line breaks and all.
        return said if said.isprintable() else clean_line(said, _LONGEST_LINE)

    def __lt__(self, other: "Problem") -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[bool, Place, str, str]:
        nowhere = Place("", 0, 0)
        return (self.place is not None, self.place or nowhere, self.message, self.fix)


def nearest(word: str, known: Iterable[str], n: int = 1) -> list[str]:
    """Up to *n* of the *known* words that look like *word* whatever the case, best first."""
    if len(word) > _LONGEST_WORD:
        return []
    spelled: dict[str, str] = {}
    for name in known:
        spelled.setdefault(name.casefold(), name)
    from difflib import get_close_matches  # only where something is misspelt

    found = get_close_matches(word.casefold(), spelled, n, _CLOSE_ENOUGH)
    return [spelled[name] for name in found]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with the nearest word, else the whole list if it is short, else nothing."""
    names = list(dict.fromkeys(known))
    if close := nearest(word, names):
        return f"Did you mean '{close[0]}'?"
    if names and len(names) <= _SHORT_LIST:
        return f"Known: {', '.join(names)}."
    return ""
