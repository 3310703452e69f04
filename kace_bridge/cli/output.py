"""Printing: JSON for programs, lines and tables for people; ticket text only when cleaned."""

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import zip_longest

import click

from kace_bridge.model.text import clean_line

NARROWEST = 60
_GAP = "  "


def print_json(data: object) -> None:
    """One object on one line. ASCII only, so that no text in it can steer a terminal."""
    click.echo(json.dumps(data, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def shown(value: object, limit: int = 200) -> str:
    """*value* on one line, cleaned; a dash where there is none."""
    return clean_line(str(value), limit) if value not in (None, "") else "-"


def shown_value(field: str, value: str | None) -> str:
    """What a ticket's *field* reads, for a change shown as before -> after."""
    return shown(value or ("nobody" if field in {"owner", "submitter"} else "none"), 80)


def width_now() -> int:
    """Columns of the terminal; 80 where there is none."""
    return max(NARROWEST, shutil.get_terminal_size((80, 24)).columns)


def print_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    stretch: int,
    right: Sequence[int] = (),
    say: Callable[[str], None] = click.echo,
    links: Sequence[str] = (),
) -> None:
    """Aligned columns; the column *stretch* is cut so that every row fits the terminal.

    *links* are addresses, one for each row, that its first column leads to.
    """
    cells = [[shown(value) for value in row] for row in rows]
    widths = [
        max(display_width(row[column]) for row in [list(headers), *cells])
        for column in range(len(headers))
    ]
    spare = width_now() - sum(widths) - len(_GAP) * (len(widths) - 1)
    widths[stretch] = max(12, min(widths[stretch], widths[stretch] + spare))
    say(click.style(_line(headers, widths, right), bold=True))
    for row, url in zip_longest(cells, links[: len(cells)], fillvalue=""):
        say(_line(row, widths, right, url))


def linked(text: str, url: str, *, terminal: bool | None = None) -> str:
    """*text* leading to *url* (OSC 8) on a *terminal*; without it stdout is looked at.

    Nothing in the address can break out: it is cleaned and kept to ASCII. *text* is the caller's.
    """
    if terminal is None:
        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if not url or not terminal:
        return text
    from urllib.parse import quote

    safe = quote(clean_line(url, 500), safe=":/?&=%#.-_~[]@")
    return f"\x1b]8;;{safe}\x1b\\{text}\x1b]8;;\x1b\\"


def print_indented(text: str, fg: str | None = None) -> None:
    """*text* under a heading, cleaned and wrapped to the terminal."""
    from textwrap import wrap

    for line in wrap(
        shown(text, 500), width_now() - 1, initial_indent="  ", subsequent_indent="    "
    ):
        click.secho(line, fg=fg)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int], url: str = "") -> str:
    parts = []
    for column, text in enumerate(row):
        text = cut(text, widths[column])
        blanks = " " * (widths[column] - display_width(text))
        text = linked(text, url) if column == 0 else text
        parts.append(blanks + text if column in right else text + blanks)
    return _GAP.join(parts).rstrip()


def display_width(text: str) -> int:
    """Terminal columns *text* takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, width: int) -> str:
    """*text* in at most *width* columns, with an ellipsis where something was cut."""
    if display_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if display_width(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def age(span: timedelta) -> str:
    """How long, in the two largest units that matter: 3d 4h, 5h 10m, 12m."""
    minutes = max(0, int(span.total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h" if days < 10 else f"{days}d"
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def stamp(at: datetime | None, zone: tzinfo | None = None) -> str:
    """A moment to the minute, in *zone* (this machine's where none is given)."""
    return "-" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def count(number: int, thing: str, things: str = "") -> str:
    """``1 ticket``, ``3 tickets``."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"
