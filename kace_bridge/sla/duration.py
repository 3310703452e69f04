"""Lengths of time as an admin writes them: ``1bd``, ``4bh``, ``30m``, ``{end_of: 1bd}``, ``50%``.

``bd``, ``bh`` and ``bm`` are working days, hours and minutes: they pass only while a calendar is
open. ``w``, ``d``, ``h``, ``m`` and ``s`` pass always; ``1d`` is 24 hours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal, cast

Unit = Literal["bd", "bh", "bm", "w", "d", "h", "m", "s"]

BUSINESS_UNITS = frozenset({"bd", "bh", "bm"})
LONGEST = timedelta(days=3660)
"""Ten years: longer is a slip of the keyboard, and would lead out of the calendars' table."""

_SECONDS: Mapping[str, int] = {
    "bd": 86_400,  # for the bound alone: a working day's length is the calendar's
    "bh": 3_600,
    "bm": 60,
    "w": 604_800,
    "d": 86_400,
    "h": 3_600,
    "m": 60,
    "s": 1,
}
_DURATION = re.compile(r"([0-9]{1,12})(bd|bh|bm|w|d|h|m|s)")
_PERCENT = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?)%")


@dataclass(frozen=True, slots=True)
class Duration:
    """So many units; with ``end_of``, the close of the working day so many working days on."""

    unit: Unit
    amount: int
    end_of: bool = False

    @property
    def kind(self) -> Unit:
        """The unit, for those who ask what kind of time this is."""
        return self.unit

    @property
    def is_business(self) -> bool:
        """Whether it passes only while a calendar is open."""
        return self.unit in BUSINESS_UNITS

    @property
    def nominal(self) -> timedelta:
        """The length on a clock that never stops; a working day stands as 24 hours."""
        return timedelta(seconds=self.amount * _SECONDS[self.unit])

    def __str__(self) -> str:
        text = f"{self.amount}{self.unit}"
        return f"end of {text}" if self.end_of else text


@dataclass(frozen=True, slots=True)
class Level:
    """A point on a clock: a fraction of its target, or a duration since its start.

    Exactly one of the two is given. A fraction may exceed 1: ``150%``.
    """

    fraction: float | None = None
    duration: Duration | None = None

    def __str__(self) -> str:
        if self.fraction is not None:
            return f"{round(self.fraction * 100, 3):g}%"
        return str(self.duration)


def parse_duration(text: object) -> Duration:
    """The duration that ``"1bd"`` or ``{"end_of": "1bd"}`` means.

    Raises ValueError, in words for the person who wrote it.
    """
    if isinstance(text, str):
        return _read(text)
    if isinstance(text, Mapping) and set(text) == {"end_of"}:
        return _read_end(text["end_of"])
    raise ValueError(_refusal(text))


def parse_level(text: object) -> Level:
    """The level that ``"50%"``, ``"1bd"`` or ``{"end_of": "1bd"}`` means.

    Raises ValueError, in words for the person who wrote it.
    """
    if isinstance(text, str) and text.strip().endswith("%"):
        found = _PERCENT.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not a share of the target: write 50% or 100%")
        return Level(fraction=float(found[1]) / 100)
    try:
        return Level(duration=parse_duration(text))
    except ValueError as error:
        if str(error) != _refusal(text):
            raise
        raise ValueError(
            f"{_shown(text)} is not a level: write 50%, 1bd, 4bh, 30m or {{end_of: 1bd}}"
        ) from None


@lru_cache(maxsize=1024)
def _read(text: str) -> Duration:
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError(_refusal(text))
    duration = Duration(cast("Unit", found[2]), int(found[1]))
    if duration.amount * _SECONDS[duration.unit] > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than ten years: write a shorter duration")
    return duration


def _read_end(text: object) -> Duration:
    days = parse_duration(text) if isinstance(text, str) else None
    if days is None or days.unit != "bd":
        raise ValueError(f"end_of counts working days, not {_shown(text)}: write end_of: 1bd")
    return Duration("bd", days.amount, end_of=True)


def _refusal(text: object) -> str:
    return f"{_shown(text)} is not a duration: write 1bd, 4bh, 30m, 2h or 2d"


def _shown(text: object) -> str:
    if isinstance(text, Mapping):
        return "{" + ", ".join(f"{key}: {value}" for key, value in text.items()) + "}"
    return repr(text) if isinstance(text, str) else f"'{text}'"
