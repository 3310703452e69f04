"""Working time: examples an admin can check by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.sla.calendar import ALWAYS, Calendar, CalendarSpec, HolidaySpec
from kace_bridge.sla.duration import parse_duration

NEW_YORK = ZoneInfo("America/New_York")
WEEK = {"mon-fri": ["08:00-12:00", "13:00-17:00"]}
OFFICE = Calendar.from_spec(
    "office",
    CalendarSpec(
        timezone="America/New_York",
        week=WEEK,
        holidays=HolidaySpec(country="US"),
        closed=["2026-12-24", "2026-12-28/2026-12-31"],
        open={"2026-12-19": ["09:00-13:00"], "2026-07-03": ["08:00-10:00"]},
    ),
)
NIGHTS = Calendar.from_spec(
    "nights",
    CalendarSpec(timezone="America/New_York", week={"mon-sun": ["00:00-03:00", "22:00-24:00"]}),
)
ROUND_THE_CLOCK = Calendar.from_spec(
    "noc", CalendarSpec(timezone="America/New_York", week={"mon-sun": ["00:00-24:00"]})
)


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        pytest.param(
            "2026-03-06T16:00", "1bd", "2026-03-09T16:00",
            id="Friday afternoon plus a working day is Monday, over week-end and clock change",
        ),
        pytest.param(
            "2026-03-06T16:00", "4bh", "2026-03-09T11:00", id="hours go on Monday morning"
        ),
        pytest.param("2026-03-02T11:30", "60bm", "2026-03-02T13:30", id="lunch does not count"),
        pytest.param("2026-03-02T12:20", "1bh", "2026-03-02T14:00", id="starting at lunch"),
        pytest.param("2026-03-02T08:00", "1bd", "2026-03-02T17:00", id="a full day ends at close"),
        pytest.param("2026-03-02T20:00", "1bd", "2026-03-03T17:00", id="starting in the evening"),
        pytest.param("2026-03-07T10:00", "1bd", "2026-03-09T17:00", id="starting on Saturday"),
        pytest.param("2026-03-02T09:00", "5bd", "2026-03-09T09:00", id="five days are a week"),
        pytest.param("2026-07-02T16:00", "1bd", "2026-07-06T14:00",
                     id="one hour on 2 July, two on the 3rd, five after the 4th's week-end"),
        pytest.param("2026-12-23T16:00", "1bd", "2027-01-04T16:00",
                     id="a year's end with holidays and closed days"),
        pytest.param("2026-03-06T16:00", "2d", "2026-03-08T17:00",
                     id="plain days are 24 hours, so the clock change shows"),
        pytest.param("2026-03-06T16:00", "30m", "2026-03-06T16:30", id="plain minutes"),
        pytest.param("2026-03-07T16:00", "0bh", "2026-03-07T16:00", id="nothing is at once"),
        pytest.param("2026-03-06T16:00", {"end_of": "1bd"}, "2026-03-09T17:00",
                     id="end of one working day is Monday's close"),
        pytest.param("2026-03-07T10:00", {"end_of": "1bd"}, "2026-03-09T17:00",
                     id="end of one working day counted from Saturday is Monday's close"),
        pytest.param("2026-03-02T07:00", {"end_of": "1bd"}, "2026-03-03T17:00",
                     id="early on Monday it is Tuesday's close"),
        pytest.param("2026-03-02T23:30", {"end_of": "2bd"}, "2026-03-04T17:00",
                     id="late on Monday, two days on, it is Wednesday's close"),
        pytest.param("2026-07-02T16:00", {"end_of": "1bd"}, "2026-07-03T10:00",
                     id="a short day closes early"),
        pytest.param("2026-03-02T16:00", {"end_of": "0bd"}, "2026-03-02T17:00",
                     id="end of zero days is today's close"),
        pytest.param("2026-03-02T17:30", {"end_of": "0bd"}, "2026-03-03T17:00",
                     id="after today's close it is the next one"),
    ],
)  # fmt: skip
def test_adds_a_duration(start: str, duration: object, due: str) -> None:
    """A due time is where a person with the calendar on the wall would put it."""
    assert OFFICE.add(at(start), parse_duration(duration)) == at(due).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-03-06T16:00", "2026-03-09T16:00", 8, id="over a week-end"),
        pytest.param("2026-03-02T08:00", "2026-03-02T17:00", 8, id="a day less lunch"),
        pytest.param("2026-03-02T12:00", "2026-03-02T13:00", 0, id="lunch alone"),
        pytest.param("2026-03-02T09:00", "2026-03-02T08:30", 0, id="backwards is nothing"),
        pytest.param("2026-05-25T00:00", "2026-05-26T00:00", 0, id="Memorial Day"),
        pytest.param("2026-12-19T00:00", "2026-12-20T00:00", 4, id="a Saturday that is open"),
        pytest.param("2026-07-03T00:00", "2026-07-04T00:00", 2, id="open although a holiday"),
        pytest.param("2026-12-28T00:00", "2027-01-01T00:00", 0, id="a closed span of dates"),
        pytest.param("2028-02-28T00:00", "2028-03-01T00:00", 16, id="29 February works"),
        pytest.param("2000-01-03T00:00", "2000-01-08T00:00", 40, id="a week of the year 2000"),
        pytest.param("2100-03-01T00:00", "2100-03-02T00:00", 8, id="1 March 2100, a Monday"),
        pytest.param("1969-12-29T00:00", "1970-01-01T00:00", 0, id="before the table"),
        pytest.param("2201-01-05T00:00", "2201-01-20T00:00", 0, id="after the table"),
    ],
)
def test_counts_working_hours(start: str, end: str, hours: float) -> None:
    """Only time behind an open door counts."""
    assert OFFICE.open_time(at(start), at(end)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("calendar", "start", "end", "hours"),
    [
        pytest.param(NIGHTS, "2026-03-08T00:00", "2026-03-08T12:00", 2,
                     id="in spring the skipped hour is not worked"),
        pytest.param(NIGHTS, "2026-11-01T00:00", "2026-11-01T12:00", 4,
                     id="in autumn the repeated hour is worked twice"),
        pytest.param(NIGHTS, "2026-03-09T00:00", "2026-03-10T00:00", 5, id="an ordinary night"),
        pytest.param(ROUND_THE_CLOCK, "2026-03-08T00:00", "2026-03-09T00:00", 23,
                     id="a day of 23 hours"),
        pytest.param(ROUND_THE_CLOCK, "2026-11-01T00:00", "2026-11-02T00:00", 25,
                     id="a day of 25 hours"),
        pytest.param(ALWAYS, "2026-11-01T00:00", "2026-11-02T00:00", 25,
                     id="round the clock in UTC is plain time"),
    ],
)  # fmt: skip
def test_daylight_saving(calendar: Calendar, start: str, end: str, hours: float) -> None:
    """Opening hours are wall-clock hours, on days of 23 and 25 hours too."""
    assert calendar.open_time(at(start), at(end)) == timedelta(hours=hours)


def test_both_occurrences_of_an_hour_are_told_apart() -> None:
    """Half past one exists twice in autumn, an hour apart."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=0)
    second = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1)
    assert NIGHTS.open_time(first, second) == timedelta(hours=1)


def test_a_date_that_a_zone_skipped_is_no_working_day() -> None:
    """Samoa had no 30 December 2011: the next working day after the 29th is the 31st."""
    apia = ZoneInfo("Pacific/Apia")
    calendar = Calendar.from_spec(
        "apia", CalendarSpec(timezone="Pacific/Apia", week={"mon-sun": ["08:00-16:00"]})
    )
    thursday = at("2011-12-29T10:00", apia)
    assert calendar.close_of_day(thursday, 1) == at("2011-12-31T16:00", apia)
    assert calendar.add(thursday, parse_duration("1bd")) == at("2011-12-31T10:00", apia)


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        pytest.param("2026-03-02T09:15", "2026-03-02T09:15", id="open already"),
        pytest.param("2026-03-02T08:00", "2026-03-02T08:00", id="the minute of opening is open"),
        pytest.param("2026-03-02T12:00", "2026-03-02T13:00", id="the minute of closing is not"),
        pytest.param("2026-03-06T17:00", "2026-03-09T08:00", id="Friday's close leads to Monday"),
        pytest.param("2026-12-24T09:00", "2027-01-04T08:00", id="a long closure"),
        pytest.param("1960-05-01T00:00", "1970-01-02T08:00", id="before the table"),
    ],
)
def test_finds_the_next_opening(instant: str, opens: str) -> None:
    """The next opening is the instant itself while open."""
    found = OFFICE.next_open(at(instant))
    assert found == at(opens).astimezone(UTC)
    assert OFFICE.is_open(found)


def test_instants_come_back_in_utc() -> None:
    """Results carry UTC, so that subtracting two of them is always right."""
    start = at("2026-03-06T16:00")
    found = [
        OFFICE.add(start, parse_duration("1bd")), OFFICE.add(start, parse_duration("1d")),
        OFFICE.add(start, timedelta(0)), OFFICE.next_open(start), OFFICE.close_of_day(start, 1),
    ]  # fmt: skip
    assert [instant.tzinfo for instant in found] == [UTC] * 5


@pytest.mark.parametrize("ask", ["add", "next_open", "close_of_day"])
def test_says_where_the_table_ends(ask: str) -> None:
    """Beyond the year 2200 there is no due time, and no endless search for one."""
    late = datetime(2200, 12, 31, 23, tzinfo=UTC)
    asked = {
        "add": lambda: OFFICE.add(late, timedelta(hours=1)),
        "next_open": lambda: OFFICE.next_open(late),
        "close_of_day": lambda: OFFICE.close_of_day(late, 1),
    }
    with pytest.raises(OverflowError, match="'office' reaches no further than 2200"):
        asked[ask]()


def test_naive_instants_are_refused() -> None:
    """An instant without a zone is a programming error, not a guess."""
    with pytest.raises(TypeError, match="offset-naive"):
        OFFICE.is_open(datetime(2026, 3, 2, 9))  # noqa: DTZ001 -- the point of the test


@pytest.mark.parametrize(
    ("country", "subdivision", "holiday"),
    [
        pytest.param("US", None, "2026-11-26", id="Thanksgiving"),
        pytest.param("US", "CA", "2027-03-31", id="a state's own day, 31 March in California"),
        pytest.param("GB", "SCT", "2026-11-30", id="Saint Andrew's Day in Scotland"),
        pytest.param("DE", "BY", "2026-01-06", id="Epiphany in Bavaria"),
        pytest.param("US", None, "2021-12-31", id="New Year's Day kept in the year before"),
        pytest.param("US", None, "2000-07-04", id="far in the past"),
        pytest.param("US", None, "2097-07-04", id="far in the future"),
    ],
)
def test_public_holidays_are_closed(country: str, subdivision: str | None, holiday: str) -> None:
    """A public holiday is no working day, the weekday after is."""
    kept = HolidaySpec(country=country, subdivision=subdivision)
    plain = Calendar.from_spec("plain", CalendarSpec(week=WEEK))
    keeping = Calendar.from_spec("keeping", CalendarSpec(week=WEEK, holidays=kept))
    noon = datetime.fromisoformat(f"{holiday}T11:00").replace(tzinfo=UTC)
    assert plain.is_open(noon)
    assert not keeping.is_open(noon)
