"""Working time: laws that hold for every calendar, and a second opinion minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.sla.calendar import ALWAYS, Calendar, CalendarSpec, HolidaySpec

WEEK = {
    "mon-thu": ["08:00-12:00", "13:00-17:00"],
    "fri": ["08:15-12:45"],
    "sat": ["00:00-03:00", "22:30-24:00"],
    "sun": ["00:00-01:45", "23:00-24:00"],
}
HOURS = {
    0: [(480, 720), (780, 1020)], 1: [(480, 720), (780, 1020)], 2: [(480, 720), (780, 1020)],
    3: [(480, 720), (780, 1020)], 4: [(495, 765)], 5: [(0, 180), (1350, 1440)],
    6: [(0, 105), (1380, 1440)],
}  # fmt: skip
QUARTER = timedelta(minutes=15)
ZONES = [
    pytest.param("America/New_York", 2026, id="two changes at night"),
    pytest.param("Europe/London", 2027, id="changes at one in the morning UTC"),
    pytest.param("Australia/Lord_Howe", 2026, id="half an hour of daylight saving, southern"),
    pytest.param("Africa/Cairo", 2024, id="changes at midnight"),
    pytest.param("America/St_Johns", 2010, id="a change at one minute past midnight"),
    pytest.param("Asia/Kathmandu", 2028, id="no change, a quarter hour, a leap year"),
    pytest.param("Pacific/Apia", 2011, id="a date left out"),
]


def make_calendar(zone: str, year: int) -> Calendar:
    spec = CalendarSpec(
        timezone=zone, week=WEEK, closed=[f"{year}-05-05"], open={f"{year}-06-14": ["03:00-21:00"]}
    )
    return Calendar.from_spec(zone, spec)


def is_open_by_the_wall_clock(instant: datetime, zone: ZoneInfo, year: int) -> bool:
    """The definition, spelt out without any table."""
    local = instant.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if local.date() == date(year, 5, 5):
        return False
    hours = [(180, 1260)] if local.date() == date(year, 6, 14) else HOURS[local.weekday()]
    return any(start <= minute < end for start, end in hours)


def changes_of_offset(zone: ZoneInfo, year: int) -> list[datetime]:
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(day) for day in range(367)]
    return [
        a
        for a, b in pairwise(days)
        if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]


@pytest.mark.parametrize(("zone", "year"), ZONES)
def test_agrees_with_the_wall_clock_all_year(zone: str, year: int) -> None:
    """Counting quarter hours by the wall clock gives the same working time the whole year.

    Every opening, closing and change of offset here falls on a quarter hour, but for St John's.
    """
    calendar, wall = make_calendar(zone, year), ZoneInfo(zone)
    start = at = datetime(year, 1, 1, tzinfo=UTC)
    step = timedelta(minutes=1) if zone == "America/St_Johns" else QUARTER
    counted = timedelta(0)
    while at.year == year:
        opened = is_open_by_the_wall_clock(at, wall, year)
        assert calendar.is_open(at) == opened, at
        if at.minute == 0:
            assert calendar.open_time(start, at) == counted, at
        counted += step if opened else timedelta(0)
        at += step
    assert calendar.open_time(start, at) == counted


@pytest.mark.catalogue("C17")
@pytest.mark.parametrize(("zone", "year"), ZONES)
def test_agrees_minute_by_minute_around_each_change(zone: str, year: int) -> None:
    """In the three days around every change of offset, each single minute agrees."""
    calendar, wall = make_calendar(zone, year), ZoneInfo(zone)
    changes = changes_of_offset(wall, year)
    assert bool(changes) == (zone != "Asia/Kathmandu")
    for change in changes or [datetime(year, 2, 29, tzinfo=UTC)]:
        start = at = change - timedelta(1)
        counted = timedelta(0)
        while at < start + timedelta(3):
            assert calendar.open_time(start, at) == counted, at
            counted += (
                timedelta(minutes=1) if is_open_by_the_wall_clock(at, wall, year) else timedelta(0)
            )
            at += timedelta(minutes=1)


CALENDARS = [
    Calendar.from_spec(
        "office",
        CalendarSpec(
            timezone="America/New_York",
            week={"mon-fri": ["08:00-12:00", "13:00-17:00"]},
            holidays=HolidaySpec(country="US"),
        ),
    ),
    make_calendar("Australia/Lord_Howe", 2026),
    make_calendar("America/St_Johns", 2010),
    ALWAYS,
]
calendars = st.sampled_from(CALENDARS)
instants = st.datetimes(
    datetime(2000, 1, 1), datetime(2100, 12, 31),  # noqa: DTZ001 -- hypothesis adds the zone
    timezones=st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]),
)  # fmt: skip
amounts = st.timedeltas(timedelta(0), timedelta(days=60))


@pytest.mark.catalogue("C17")
@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants, instants, instants)
def test_working_time_adds_up(
    calendar: Calendar, one: datetime, two: datetime, three: datetime
) -> None:
    """From a to c is from a to b and from b to c, to the microsecond."""
    a, b, c = sorted((one, two, three), key=lambda instant: instant.astimezone(UTC))
    assert calendar.open_time(a, c) == calendar.open_time(a, b) + calendar.open_time(b, c)


@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants, instants, amounts)
def test_working_time_never_shrinks(
    calendar: Calendar, start: datetime, end: datetime, more: timedelta
) -> None:
    """A later end never means less, and never more than the time that really passed."""
    later = end.astimezone(UTC) + more
    shorter, longer = calendar.open_time(start, end), calendar.open_time(start, later)
    assert timedelta(0) <= shorter <= longer <= shorter + more


@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants, amounts)
def test_adding_and_measuring_are_inverse(
    calendar: Calendar, start: datetime, amount: timedelta
) -> None:
    """At the due time exactly the amount has passed, and a microsecond earlier it had not."""
    due = calendar.add(start, amount)
    assert calendar.open_time(start, due) == amount
    if amount:
        assert calendar.open_time(start, due - timedelta(microseconds=1)) < amount


@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants, amounts, amounts)
def test_adding_in_two_steps_is_adding_at_once(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    """Stopping to look does not move the due time."""
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants)
def test_the_next_opening_is_the_first(calendar: Calendar, instant: datetime) -> None:
    """Nothing is worked until the next opening, and work begins right then."""
    opening = calendar.next_open(instant)
    assert calendar.is_open(opening)
    assert calendar.open_time(instant, opening) == timedelta(0)
    assert calendar.is_open(instant) == (opening == instant.astimezone(UTC))


@settings(deadline=None)  # the first look at a far year builds its table
@given(calendars, instants, st.integers(1, 12))
def test_the_close_of_a_day_follows_work_of_that_day(
    calendar: Calendar, instant: datetime, days: int
) -> None:
    """A close lies days ahead, right after open time; the next one lies strictly later."""
    close = calendar.close_of_day(instant, days)
    before = close - timedelta(microseconds=1)
    assert calendar.is_open(before)
    today, then = (moment.astimezone(calendar.zone).date() for moment in (instant, before))
    assert then >= today + timedelta(days)
    assert close < calendar.close_of_day(instant, days + 1)


@pytest.mark.parametrize("years", list(permutations([1998, 2009, 2010, 2030])))
def test_the_order_of_questions_does_not_matter(years: tuple[int, ...]) -> None:
    """A table that grows backwards or forwards gives the same answers."""
    calendar = Calendar.from_spec("small", CalendarSpec(week={"mon": ["08:00-09:00"]}))
    for year in years:
        start = datetime(year, 1, 1, tzinfo=UTC)
        end = start.replace(month=12, day=31)
        assert calendar.open_time(start, end) == timedelta(hours=52)
    start, end = datetime(1998, 1, 5, 8, tzinfo=UTC), datetime(2030, 12, 30, 8, tzinfo=UTC)
    assert calendar.open_time(start, end) == timedelta(hours=(end - start).days // 7)
    assert calendar.add(start, calendar.open_time(start, end)) == end - timedelta(7, -3600)
