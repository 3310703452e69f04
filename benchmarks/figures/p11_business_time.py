"""P11: working time between two instants, with lunch, holidays and daylight saving."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from kace_bridge.sla.calendar import Calendar, CalendarSpec, HolidaySpec

FIGURES = ("P11",)
_ZONE = ZoneInfo("America/New_York")
_CLOSED = {date(2026, 12, 24), *holidays.country_holidays("US", years=range(2025, 2028))}
_OFFICE = CalendarSpec(
    timezone="America/New_York", week={"mon-fri": ["08:00-12:00", "13:00-17:00"]},
    holidays=HolidaySpec(country="US"), closed=["2026-12-24"],
)  # fmt: skip


def measure(setting: Setting) -> list[Line]:
    """Spans of up to sixty days in 2025 and 2026. The table of both years is made before."""
    office = Calendar.from_spec("office", _OFFICE)
    chance = random.Random(11)
    spans = []
    for _ in range(setting.pick(20_000, 500)):
        start = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(800_000))
        spans.append((start, start + timedelta(minutes=chance.randrange(86_400))))
    some = spans[:: len(spans) // 50]
    assert all(office.open_time(*span) == _by_days(*span) for span in some)

    def table() -> None:
        for start, end in spans:
            office.open_time(start, end)

    def days() -> None:
        for start, end in some:
            _by_days(start, end)

    found = time_rounds(
        {"ours": Case(table, len(spans)), "day by day": Case(days, len(some))},
        setting.rounds, computing=True,
    )  # fmt: skip
    return [
        Line(
            "P11", "working time between two instants", found.median("ours") / 1000, "us", 1.0,
            peer=found.median("day by day") / 1000, peer_name="day by day",
            peer_ratio=found.ratio("day by day", "ours"),
            note="the goal speaks of the time itself, whatever the machine",
        )
    ]  # fmt: skip


def _by_days(start: datetime, end: datetime) -> timedelta:
    """The same without a table: every local day in turn, its two stretches cut to the span."""
    total = timedelta()
    day, last = start.astimezone(_ZONE).date(), end.astimezone(_ZONE).date()
    while day <= last:
        if day.weekday() < 5 and day not in _CLOSED:
            for opens, shuts in ((8, 12), (13, 17)):
                low = max(datetime.combine(day, time(opens), _ZONE).astimezone(UTC), start)
                high = min(datetime.combine(day, time(shuts), _ZONE).astimezone(UTC), end)
                total += max(high - low, timedelta())
        day += timedelta(days=1)
    return total
