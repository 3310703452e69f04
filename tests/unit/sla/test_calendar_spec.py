"""What a calendar in rules.yaml may say, and how mistakes are answered."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from kace_bridge.sla.calendar import Calendar, CalendarSpec

OFFICE = {"mon-fri": ["08:00-12:00", "13:00-17:00"]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            {"week": OFFICE, "timezone": "America/NewYork"},
            "no time zone is called 'America/NewYork': write one such as America/New_York. "
            "Did you mean America/New_York?",
            id="an unknown zone is answered with the nearest",
        ),
        pytest.param(
            {"week": OFFICE, "timezone": "../../etc/passwd"},
            "no time zone is called",
            id="a path is no zone",
        ),
        pytest.param(
            {"week": {"mon-fry": ["08:00-17:00"]}},
            "'mon-fry' names no weekdays: write mon, mon-fri or mon,wed. Did you mean fri?",
            id="a misspelt weekday",
        ),
        pytest.param(
            {"week": {"mon-fri": ["08:00-17:00"], "fri": ["08:00-12:00"]}},
            "fri is given twice: name each weekday once",
            id="one weekday in two keys",
        ),
        pytest.param(
            {"week": {"mon": ["08:00-12:00", "11:30-17:00"]}},
            "the hours 08:00-12:00 and 11:30-17:00 overlap",
            id="overlapping hours",
        ),
        pytest.param(
            {"week": {"mon": ["22:00-06:00"]}},
            "'22:00-06:00' ends before it starts: hours over midnight are two stretches",
            id="reversed hours",
        ),
        pytest.param(
            {"week": {"mon": ["08:00-24:01"]}},
            "'08:00-24:01' names a time no day has: hours run from 00:00 to 24:00",
            id="a minute after midnight",
        ),
        pytest.param({"week": {"mon": ["08:60-12:00"]}}, "names a time no day has", id="minute 60"),
        pytest.param(
            {"week": {"mon": ["8 to 5"]}},
            "'8 to 5' is not a stretch of hours: write 08:00-12:00",
            id="hours in words",
        ),
        pytest.param({"week": {}}, "the calendar is never open", id="no weekday at all"),
        pytest.param({"week": {"mon-sun": []}}, "the calendar is never open", id="no hours"),
        pytest.param(
            {"week": OFFICE, "holidays": {"country": "XX"}},
            "no public holidays are known for the country 'XX'",
            id="an unknown country",
        ),
        pytest.param(
            {"week": OFFICE, "holidays": {"country": "HolidayBase"}},
            "no public holidays are known for the country 'HolidayBase'",
            id="a name inside the library is no country",
        ),
        pytest.param(
            {"week": OFFICE, "holidays": {"country": "us"}},
            "Did you mean US?",
            id="a country in small letters",
        ),
        pytest.param(
            {"week": OFFICE, "holidays": {"country": "US", "subdivision": "QQ"}},
            "US has no subdivision 'QQ'",
            id="an unknown subdivision",
        ),
        pytest.param(
            {"week": OFFICE, "closed": ["24.12.2026"]},
            "'24.12.2026' is not a date: write 2026-12-24",
            id="a date in another notation",
        ),
        pytest.param({"week": OFFICE, "closed": ["2026-02-30"]}, "is not a date", id="30 February"),
        pytest.param({"week": OFFICE, "closed": ["20261224"]}, "is not a date", id="no dashes"),
        pytest.param(
            {"week": OFFICE, "closed": ["2026-12-24/2026-12-01"]},
            "ends before it starts",
            id="a reversed span of dates",
        ),
        pytest.param(
            {"week": OFFICE, "closed": ["2026-12-24/2062-12-26"]},
            "is longer than a year",
            id="a span with a swapped digit",
        ),
        pytest.param(
            {"week": OFFICE, "open": {"2026-12-19": []}},
            "2026-12-19 has no hours: list it under closed instead",
            id="an open date without hours",
        ),
        pytest.param(
            {"week": OFFICE, "open": {"2026-12-19/2026-12-20": ["09:00-13:00"]}},
            "is a span: give hours date by date",
            id="a span of open dates",
        ),
        pytest.param(
            {"week": OFFICE, "open": {"2026-12-24": ["09:00-13:00"]}, "closed": ["2026-12-24"]},
            "2026-12-24 is both open and closed",
            id="a date both open and closed",
        ),
        pytest.param(
            {"week": OFFICE, "day": "1bd"},
            "'1bd' is no length of a working day: write 8h or 450m",
            id="a working day measured in working days",
        ),
        pytest.param({"week": OFFICE, "day": "25h"}, "is no length of a working day", id="25 h"),
        pytest.param({"week": OFFICE, "day": "0h"}, "is no length of a working day", id="0 h"),
        pytest.param({"week": OFFICE, "day": "all"}, "'all' is not a duration", id="no duration"),
        pytest.param({"week": OFFICE, "tz": "UTC"}, "Extra inputs", id="an unknown key"),
        pytest.param({"week": {"mon": [8]}}, "valid string", id="a number for hours"),
        pytest.param({}, "Field required", id="no week"),
    ],
)
def test_refuses_a_wrong_calendar(given: object, words: str) -> None:
    """Every mistake is answered with what is wrong and what to write."""
    with pytest.raises(ValidationError) as caught:
        CalendarSpec.model_validate_json(json.dumps(given))
    assert words in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("week", "open_days"),
    [
        pytest.param({"mon": ["08:00-09:00"]}, [0], id="one day"),
        pytest.param({"mon-wed,fri": ["08:00-09:00"]}, [0, 1, 2, 4], id="a span and a day"),
        pytest.param({"sat-mon": ["08:00-09:00"]}, [0, 5, 6], id="a span over the week-end"),
        pytest.param({"Mon": ["08:00-09:00"], "tue": []}, [0], id="capitals, and a closed day"),
    ],
)
def test_weekdays_by_name(week: dict[str, list[str]], open_days: list[int]) -> None:
    """Weekdays are named alone, in lists and in spans."""
    calendar = Calendar.from_spec("office", CalendarSpec(week=week))
    monday = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert [day for day in range(7) if calendar.is_open(monday + timedelta(day))] == open_days


@pytest.mark.parametrize(
    ("spec", "length"),
    [
        pytest.param(CalendarSpec(week=OFFICE), timedelta(hours=8), id="hours less lunch"),
        pytest.param(
            CalendarSpec(week={"mon-thu": ["08:00-17:00"], "fri": ["08:00-12:00"]}),
            timedelta(hours=9),
            id="the most usual length",
        ),
        pytest.param(
            CalendarSpec(week={"mon,tue": ["08:00-12:00"], "wed,thu": ["08:00-17:00"]}),
            timedelta(hours=9),
            id="the longer of two equally usual ones",
        ),
        pytest.param(CalendarSpec(week=OFFICE, day="450m"), timedelta(hours=7.5), id="as given"),
        pytest.param(CalendarSpec(week={"mon-sun": ["00:00-24:00"]}), timedelta(1), id="24 hours"),
    ],
)
def test_length_of_a_working_day(spec: CalendarSpec, length: timedelta) -> None:
    """1bd is the usual open length of an open day, unless the calendar says otherwise."""
    assert Calendar.from_spec("office", spec).day_length == length


def test_a_specification_is_read_only() -> None:
    """A calendar cannot change under a rule set that was checked with it."""
    with pytest.raises(ValidationError, match="frozen"):
        CalendarSpec(week=OFFICE).timezone = "UTC"
