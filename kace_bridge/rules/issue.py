"""What is wrong in a condition, where, and what to do; and the names it may refer to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

Path = tuple[str | int, ...]
"""Keys and list positions that lead from the top of the data to a value."""

_LONGEST_NAME = 80
"""Comparing names is quadratic in length, and nobody mistypes one this long."""
_SHORT_LIST = 12


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to put right; ``fix`` is a whole sentence, empty where there is none."""

    path: Path
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Names a condition may use. What is None was not learnt, so nothing is refused for it.

    ``values`` holds legal names of fields (``{"status": {"New", "Opened"}}``), learnt from the
    appliance; ``labels`` its custom-field labels to their keys (``{"asset tag": "custom_3"}``).
    """

    teams: Collection[str] | None = None
    groups: Collection[str] | None = None
    clocks: Collection[str] | None = None
    calendars: Collection[str] | None = None
    labels: Mapping[str, str] | None = None
    values: Mapping[str, Collection[str]] = field(default_factory=lambda: MappingProxyType({}))


class Unfit(ValueError):
    """A value that an operator or an event cannot use; becomes an Issue where it stands."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def suggest(word: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest known word, else all of a short list, else nothing."""
    names = {name.casefold(): name for name in sorted(known)}
    if len(word) <= _LONGEST_NAME:
        close = get_close_matches(word.casefold(), names, 1)
        if close:
            return f"Did you mean '{names[close[0]]}'?"
    if names and len(names) <= _SHORT_LIST:
        return f"Known: {', '.join(names.values())}."
    return ""
