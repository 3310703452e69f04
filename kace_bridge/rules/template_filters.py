"""The filters of message templates; plain text in, plain text out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial


@dataclass(frozen=True, slots=True)
class Dates:
    """How a language writes dates: names, and ``str.format`` patterns of their order."""

    months: tuple[str, ...]
    days: tuple[str, ...]
    day: str
    long: str


_DATES: Mapping[str, Dates] = {
    "": Dates(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "{weekday} {day} {month} {year}", "{date}, {time}",
    ),
    "de": Dates(
        ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
         "Oktober", "November", "Dezember"),
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        "{weekday}, {day}. {month} {year}", "{date}, {time} Uhr",
    ),
}  # fmt: skip
"""Languages not listed write numbers, which everybody can read: 2026-03-02."""


def lines(value: object, most: int = 10) -> str:
    """The first *most* lines of a text; an ellipsis says that there were more."""
    found = _text(value).strip().split("\n")
    kept = found[: max(most, 1)]
    return "\n".join([*kept, "…"] if len(found) > len(kept) else kept)


def quote(value: object, most: int = 30) -> str:
    """A text as a quotation: each line after ``> ``, at most *most* lines."""
    return "\n".join(f"> {line}".rstrip() for line in lines(value, most).split("\n"))


def truncate(value: object, most: int = 80) -> str:
    """A text cut to *most* characters, at a blank where one is near, with an ellipsis."""
    text = _text(value)
    if len(text) <= most:
        return text
    cut = text[: max(most - 1, 0)]
    word = cut.rstrip().rpartition(" ")[0]
    return (word if len(word) * 2 > len(cut) else cut.rstrip()) + "…"


def date(value: object, style: str = "long", *, language: str = "") -> str:
    """A date for readers: ``long`` (Monday 2 March 2026, 09:01), ``day`` or ``time``.

    In the zone the date carries. Empty stays empty; raises ValueError for what is no date.
    """
    text = _text(value)
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a date") from None
    time, names = f"{at:%H:%M}", _DATES.get(language)
    if names is None:
        day, long = f"{at:%Y-%m-%d}", f"{at:%Y-%m-%d} {time}"
    else:
        day = names.day.format(
            weekday=names.days[at.weekday()], day=at.day, month=names.months[at.month - 1],
            year=at.year,
        )  # fmt: skip
        long = names.long.format(date=day, time=time)
    shown = {"long": long, "day": day, "time": time}
    if style not in shown:
        raise ValueError(f"unknown date style '{style}'. Known: {', '.join(shown)}.")
    return shown[style]


def _text(value: object) -> str:
    # An unknown name raises here, as it does everywhere else in a template.
    return "" if value is None else str(value)


FILTERS: Mapping[str, Callable[..., str]] = {
    "date": date,
    "lines": lines,
    "quote": quote,
    "truncate": truncate,
}


def filters_for(language: str) -> dict[str, Callable[..., str]]:
    """The filters of the templates in *language* (``de``, ``de-AT``); empty for English."""
    return {**FILTERS, "date": partial(date, language=language.partition("-")[0])}
