"""Calendars that take their closed days from iCalendar files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kace_bridge.config.load import load
from tests.unit.config.rulefile import problems_of

RULES = (
    "calendars: {office: {week: {mon-fri: ['08:00-17:00']}, ical: [%s],"
    " open: {'2026-12-31': ['08:00-12:00']}}}\n"
)
DAYS = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Between the years
DTSTART;VALUE=DATE:20261228
DTEND;VALUE=DATE:20270101
END:VEVENT
END:VCALENDAR
"""


def test_whole_day_events_close_the_calendar(tmp_path: Path) -> None:
    """Closed from the file, but for the day whose hours the calendar gives itself."""
    (tmp_path / "days.ics").write_text(DAYS, encoding="utf-8")
    assert problems_of(tmp_path, rules=RULES % "days.ics") == []
    site = load(tmp_path / "rules.yaml", environ={}, secrets=False)
    office = site.rules.calendars["office"]
    noons = [datetime(2026, 12, day, 10, tzinfo=UTC) for day in (24, 28, 30, 31)]
    assert [office.is_open(noon) for noon in noons] == [True, False, False, True]


def test_another_file_is_another_configuration(tmp_path: Path) -> None:
    """A plan made with the old holidays is not applied with the new ones."""
    hashes = []
    for text in (DAYS, DAYS.replace("20261228", "20261227")):
        (tmp_path / "days.ics").write_text(text, encoding="utf-8")
        problems_of(tmp_path, rules=RULES % "days.ics")
        site = load(tmp_path / "rules.yaml", environ={}, secrets=False)
        hashes.append(site.config_hash)
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("gone.ics", b"", "'gone.ics' cannot be read (No such file or directory)"),
        ("../days.ics", b"", "'../days.ics' leaves the configuration's folder. Move it inside"),
        ("days.ics", b"<html>", "'days.ics': this is no iCalendar file"),
        ("days.ics", b"\xff\xfe", "'days.ics' is not UTF-8"),
        ("days.ics", b"a" * 1048577, "'days.ics': it is larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, file: str, data: bytes, said: str
) -> None:
    """One line, at the place that names the file."""
    (tmp_path / "days.ics").write_bytes(data)
    [problem] = problems_of(tmp_path, rules=RULES % file)
    assert problem.startswith(f"rules.yaml:1:63: {said}")
