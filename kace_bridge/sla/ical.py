"""Closed days from an iCalendar file, as offices publish their holidays.

A reader of its own, since only whole-day events matter here: times, zones, alarms and free-busy
rules would need a library several times the size of this package. What it cannot read it refuses
by name, because a holiday passed over in silence is a wrong due date.
Source: RFC 5545, sections 3.1, 3.6.1, 3.8.4.4, 3.8.5.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

LAST_YEAR = 2100
"""Yearly events without an end are read up to this year."""

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{6})(Z?))?")
_NTH_DAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_LENGTH = re.compile(r"\+?P(?:([0-9]{1,3})W|([0-9]{1,4})D)(?:T0+[HMS])?")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_Event = dict[str, list[str]]


def closed_days(text: str) -> list[date]:
    """The dates covered by whole-day events of an .ics *text*, ascending, each once.

    Events with a time of day and cancelled ones are passed over; single dates, spans, yearly
    repetition (by date or by weekday of a month), extra and excepted dates are read. Raises
    ValueError in plain words for a file that is no calendar or a repetition not yearly.
    """
    lines = re.sub(r"\r?\n[ \t]", "", text.removeprefix("\ufeff")).splitlines()
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        raise ValueError("this is no iCalendar file: it has no BEGIN:VCALENDAR line")
    found: set[date] = set()
    for event in _events(lines):
        found.update(_covered(event))
    return sorted(found)


def _events(lines: list[str]) -> Iterator[_Event]:
    event: _Event | None = None
    nested = 0
    for line in lines:
        head, _, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        kind = value.strip().upper()
        if name == "BEGIN" and event is None:
            event = {} if kind == "VEVENT" else None
        elif name in ("BEGIN", "END") and kind != "VEVENT":
            nested += 1 if name == "BEGIN" else -1 if nested else 0
        elif name == "END" and event is not None:
            yield event
            event, nested = None, 0
        elif event is not None and not nested:
            event.setdefault(name, []).append(value.strip())


def _covered(event: _Event) -> Iterator[date]:
    title = event.get("SUMMARY", ["without a title"])[0]
    if "DTSTART" not in event or event.get("STATUS", [""])[0].upper() == "CANCELLED":
        return
    start = _whole_day(event["DTSTART"][0], title)
    if start is None:
        return
    if "RECURRENCE-ID" in event:
        raise ValueError(
            f"the event {title!r} moves one day of a series, which is not read: "
            "list its days under closed instead"
        )
    days = _days(event, start, title)
    begins = set(_repeated(event.get("RRULE", []), start, title))
    begins |= _listed(event.get("RDATE", []), title)
    begins -= _listed(event.get("EXDATE", []), title)
    for begin in begins:
        yield from (begin + timedelta(day) for day in range(days))


def _whole_day(text: str, title: str) -> date | None:
    """The date *text* names; None where it names a time of day that is not midnight."""
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"the event {title!r} has no readable date: {text!r}") from None
    return day if found[4] in (None, "000000") and not found[5] else None


def _days(event: _Event, start: date, title: str) -> int:
    """How many days an event covers. An end is the first day after; none means one day."""
    if "DTEND" in event:
        end = _whole_day(event["DTEND"][0], title)
        days = (end - start).days if end else 0
    elif "DURATION" in event:
        found = _LENGTH.fullmatch(event["DURATION"][0])
        days = int(found[1] or 0) * 7 + int(found[2] or 0) if found else 0
    else:
        # At midnight sharp but without an end, it is a reminder, not a day.
        return 1 if "T" not in event["DTSTART"][0] else 0
    if days > 366:
        raise ValueError(f"the event {title!r} lasts longer than a year: check its end")
    # Some programs write the same date as start and end of a single day.
    return max(days, 1) if "T" not in event["DTSTART"][0] else max(days, 0)


def _listed(values: list[str], title: str) -> set[date]:
    texts = [part for value in values for part in value.split(",") if part]
    return {day for text in texts if (day := _whole_day(text, title)) is not None}


def _repeated(rules: list[str], start: date, title: str) -> Iterator[date]:
    yield start
    for rule in rules:
        parts = dict(part.upper().partition("=")[::2] for part in rule.split(";") if part)
        strange = parts.keys() - {
            "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST",
        }  # fmt: skip
        if parts.get("FREQ") != "YEARLY" or strange:
            raise ValueError(
                f"the event {title!r} repeats by {rule!r}; only yearly repetition is read: "
                "list its days under closed instead"
            )
        yield from _yearly(parts, start, title)


def _yearly(parts: dict[str, str], start: date, title: str) -> Iterator[date]:
    try:
        step, count = int(parts.get("INTERVAL", 1)), int(parts.get("COUNT", 0))
        month = int(parts.get("BYMONTH", start.month))
        until = _DATE.match(parts["UNTIL"]) if "UNTIL" in parts else None
        last = date(*(int(part) for part in until.groups()[:3])) if until else date.max
        seen = 0
        for year in range(start.year, min(LAST_YEAR, last.year) + 1, max(step, 1)):
            day = _day_of_year(year, month, parts, start)
            if day is None or day < start:
                continue
            seen += 1
            if day > last or (count and seen > count):
                return
            yield day
    except ValueError:
        raise ValueError(f"the event {title!r} repeats by a rule that cannot be read") from None


def _day_of_year(year: int, month: int, parts: dict[str, str], start: date) -> date | None:
    """The day a yearly rule means in *year*; None in years without it (29 February)."""
    length = calendar.monthrange(year, month)[1]
    if "BYDAY" not in parts:
        number = int(parts.get("BYMONTHDAY", start.day))
        number = length + 1 + number if number < 0 else number
        return date(year, month, number) if 1 <= number <= length else None
    found = _NTH_DAY.fullmatch(parts["BYDAY"])
    if found is None:
        raise ValueError(parts["BYDAY"])
    nth, weekday = int(found[1]), _WEEKDAYS.index(found[2])
    days = [day for day in range(1, length + 1) if date(year, month, day).weekday() == weekday]
    place = nth - 1 if nth > 0 else nth
    return date(year, month, days[place]) if -len(days) <= place < len(days) else None
