"""Opening hours, weekdays and dates as an admin writes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import pairwise

Hours = tuple[tuple[int, int], ...]
"""Open stretches of one local day: wall-clock seconds since midnight, ascending, disjoint."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_DAY: Hours = ((0, 86_400),)

_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")


def parse_hours(spans: Iterable[str]) -> Hours:
    """The hours that ``["08:00-12:00", "13:00-24:00"]`` mean; raises ValueError in plain words."""
    found = sorted((_parse_span(span), span) for span in spans)
    for (before, first), (after, second) in pairwise(found):
        if after[0] < before[1]:
            raise ValueError(f"the hours {first} and {second} overlap: give each minute once")
    return tuple(stretch for stretch, _ in found)


def parse_week(week: Mapping[str, Sequence[str]]) -> tuple[Hours, ...]:
    """Seven days' hours, Monday first, of ``{"mon-fri": ["08:00-17:00"]}``.

    Raises ValueError in plain words, also where no day is ever open.
    """
    days: dict[int, Hours] = {}
    for key, spans in week.items():
        hours = parse_hours(spans)
        for day in _parse_days(key):
            if day in days:
                raise ValueError(f"{WEEKDAYS[day]} is given twice: name each weekday once")
            days[day] = hours
    if not any(days.values()):
        raise ValueError("the calendar is never open: give hours, as in mon-fri: ['08:00-17:00']")
    return tuple(days.get(day, ()) for day in range(7))


def parse_dates(text: str) -> tuple[date, ...]:
    """The dates of ``2026-12-24`` or ``2026-12-24/2027-01-01``; ValueError in plain words."""
    first, slash, last = text.partition("/")
    start = _parse_date(first)
    end = _parse_date(last) if slash else start
    days = (end - start).days
    if days < 0:
        raise ValueError(f"{text!r} ends before it starts: write the earlier date first")
    if days > 366:
        raise ValueError(f"{text!r} is longer than a year: check the dates")
    return tuple(start + timedelta(days=day) for day in range(days + 1))


def nearest(word: str, known: Iterable[str]) -> str:
    """`` Did you mean X?``, or nothing where no known word is near."""
    by_fold = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return f" Did you mean {by_fold[near[0]]}?" if near else ""


def _parse_span(span: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(span.strip())
    if found is None:
        raise ValueError(f"{span!r} is not a stretch of hours: write 08:00-12:00")
    hour, minute, last_hour, last_minute = (int(part) for part in found.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or end > 1440 or start >= 1440:
        raise ValueError(f"{span!r} names a time no day has: hours run from 00:00 to 24:00")
    if end <= start:
        raise ValueError(
            f"{span!r} ends before it starts: hours over midnight are two stretches, "
            "until 24:00 and from 00:00 on the next day"
        )
    return start * 60, end * 60


def _parse_days(key: str) -> list[int]:
    days: list[int] = []
    for part in key.split(","):
        first, dash, last = (name.strip() for name in part.partition("-"))
        start = _parse_weekday(first, key)
        count = (_parse_weekday(last, key) - start) % 7 if dash else 0
        days += [(start + step) % 7 for step in range(count + 1)]
    return days


def _parse_weekday(name: str, key: str) -> int:
    folded = name.casefold()
    if folded in WEEKDAYS:
        return WEEKDAYS.index(folded)
    raise ValueError(
        f"{key!r} names no weekdays: write mon, mon-fri or mon,wed.{nearest(folded[:3], WEEKDAYS)}"
    )


def _parse_date(text: str) -> date:
    try:
        # fromisoformat also reads 20261224 and 2026-W52-4, which nobody means here.
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
            raise ValueError(text)
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a date: write 2026-12-24") from None
