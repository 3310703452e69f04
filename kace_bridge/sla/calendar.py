"""Working time between instants, from a table of every day's opening.

What is open: an instant is open when the wall clock in the calendar's zone then shows an opening
hour of that local date. Hence an opening hour that daylight saving skips does not count, and one
that it repeats counts twice, as a person with the door open would count.

How it is fast: each UTC day has one row with the instants the door opens and shuts and, for each
gap between them, what is needed to tell the time opened since an arbitrary origin. Working time
between two instants is the difference of two such readings, however far apart they are. Rows are
made a year at a time, when first asked for.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Self

from kace_bridge.sla.calendar_spec import CalendarSpec, HolidaySpec, find_zone, parse_day
from kace_bridge.sla.duration import Duration
from kace_bridge.sla.holiday import public_holidays
from kace_bridge.sla.hours import WHOLE_DAY, Hours, parse_week

__all__ = ["ALWAYS", "Calendar", "CalendarSpec", "HolidaySpec"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Outside these years every calendar counts as closed: a stamp there is a slip, not a plan."""

_DAY = 86_400
_EPOCH_ORDINAL = EPOCH.toordinal()
_ZERO = timedelta(0)

_Row = tuple[tuple[int, ...], tuple[timedelta, ...]]
"""Seconds of the UTC day at which the door opens and shuts in turn, and one value per gap.
Shut (even gaps): the time opened so far. Open (odd gaps): the time since EPOCH less the time
opened so far."""


class Calendar:
    """When a site works. Instants passed in are aware; instants returned are in UTC."""

    __slots__ = (
        "_exceptions", "_first_day", "_holidays", "_rows", "_totals", "_week", "day_length", "name",
        "zone",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        zone: tzinfo,
        week: Sequence[Hours],
        *,
        exceptions: Mapping[date, Hours] | None = None,
        holidays: Container[date] = (),
        day_length: timedelta | None = None,
    ) -> None:
        self.name = name
        self.zone = zone
        self.day_length = day_length or _usual_length(week)
        self._week = tuple(week)
        self._exceptions = dict(exceptions or {})
        self._holidays = holidays
        self._rows: dict[int, _Row] = {}
        self._first_day = 0
        # The time opened before each day of the table, and after its last.
        self._totals: list[timedelta] = []

    @classmethod
    def from_spec(cls, name: str, spec: CalendarSpec, closed: Iterable[date] = ()) -> Self:
        """The calendar *spec* describes, *closed* on more dates; what it opens stays open."""
        kept = spec.holidays
        return cls(
            name,
            find_zone(spec.timezone),
            parse_week(spec.week),
            exceptions=dict.fromkeys(closed, ()) | spec.exceptions(),
            holidays=public_holidays(kept.country, kept.subdivision) if kept else (),
            day_length=parse_day(spec.day) if spec.day else None,
        )

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants; zero where *end* is not after *start*."""
        opened = self._opened(end) - self._opened(start)
        return opened if opened > _ZERO else _ZERO

    def is_open(self, instant: datetime) -> bool:
        """Whether *instant* falls into opening hours; the minute of closing does not."""
        since = instant - EPOCH
        return bisect_right(self._row(since.days)[0], since.seconds) & 1 == 1

    def length(self, duration: Duration) -> timedelta:
        """The working time a business *duration* asks for; others keep their plain length."""
        if duration.unit == "bd":
            return self.day_length * duration.amount
        return duration.nominal

    def add(self, start: datetime, amount: Duration | timedelta) -> datetime:
        """The earliest instant at which *amount* has passed since *start*.

        A timedelta is working time; a Duration says itself whether it is, or whether it means
        the close of a day. Raises OverflowError beyond the year 2200.
        """
        if isinstance(amount, timedelta):
            return self._add_open(start, amount)
        if amount.end_of:
            return self.close_of_day(start, amount.amount)
        if amount.is_business:
            return self._add_open(start, self.length(amount))
        return start.astimezone(UTC) + amount.nominal

    def next_open(self, instant: datetime) -> datetime:
        """*instant* itself while open, else the next opening. OverflowError beyond 2200."""
        if self.is_open(instant):
            return instant.astimezone(UTC)
        since = instant - EPOCH
        day, second = since.days, since.seconds
        while True:
            edges = self._row(day)[0]
            place = bisect_right(edges, second)
            if place < len(edges):
                return EPOCH + timedelta(day, edges[place])
            day, second = self._following(day), -1

    def close_of_day(self, instant: datetime, days: int) -> datetime:
        """Close of the *days*-th working day after the local day of *instant*.

        With 0: the next close at or after *instant*. OverflowError beyond the year 2200.
        """
        local = instant.astimezone(self.zone).toordinal()
        if days == 0:
            local -= 1
        left = max(days, 1)
        while True:
            local = self._following(local - _EPOCH_ORDINAL) + _EPOCH_ORDINAL
            close = self._close_of(local)
            if close is not None and (days or close >= instant):
                left -= 1
                if left == 0:
                    return close

    def _opened(self, instant: datetime) -> timedelta:
        since = instant - EPOCH
        try:
            edges, values = self._rows[since.days]
        except KeyError:
            edges, values = self._row(since.days)
        place = bisect_right(edges, since.seconds)
        return since - values[place] if place & 1 else values[place]

    def _add_open(self, start: datetime, amount: timedelta) -> datetime:
        if amount <= _ZERO:
            return start.astimezone(UTC)
        goal = self._opened(start) + amount
        while self._totals[-1] < goal:
            self._row(self._following(self._first_day + len(self._totals) - 2))
        day = self._first_day + bisect_left(self._totals, goal) - 1
        edges, values = self._rows[day]
        # The first opening of that day by whose end the goal is reached.
        ends = (EPOCH + timedelta(day, edge) for edge in edges[1::2])
        reached = (EPOCH + goal + shift for shift in values[1::2])
        return next(at for at, end in zip(reached, ends, strict=True) if at <= end)

    def _row(self, day: int) -> _Row:
        """The row of a UTC day, numbered from EPOCH; makes the years up to it if need be."""
        found = self._rows.get(day)
        if found is not None:
            return found
        inside = min(max(day, _first_of(FIRST_YEAR)), _first_of(LAST_YEAR + 1) - 1)
        year = _year_of(inside)
        if not self._totals:
            self._grow(year)
        first = _year_of(self._first_day)
        last = _year_of(self._first_day + len(self._totals) - 2)
        for missing in (*range(first - 1, year - 1, -1), *range(last + 1, year + 1)):
            self._grow(missing)
        if day == inside:
            return self._rows[day]
        return (), (self._totals[0] if day < inside else self._totals[-1],)

    def _grow(self, year: int) -> None:
        """Add a *year* that touches the table on either side."""
        first, after = _first_of(year), _first_of(year + 1)
        pieces = [[piece[:2] for piece in self._pieces(day)] for day in range(first, after)]
        opened = timedelta(seconds=sum(end - start for row in pieces for start, end in row))
        before = bool(self._totals) and first < self._first_day
        total = self._totals[0] - opened if before else (self._totals or [_ZERO])[-1]
        totals = [total]
        for day, row in enumerate(pieces, first):
            self._rows[day], total = _make_row(day, row, total)
            totals.append(total)
        if not self._totals or before:
            self._first_day = first
        self._totals = totals[:-1] + self._totals if before else self._totals[:-1] + totals

    def _pieces(self, day: int) -> Iterator[tuple[int, int, int]]:
        """Open stretches of a UTC day in its seconds, each with the ordinal of its local date."""
        for start, end, offset in _offsets(self.zone, day):
            shift = offset + day * _DAY
            for local in range((start + shift) // _DAY, (end - 1 + shift) // _DAY + 1):
                for opens, shuts in self._hours(local + _EPOCH_ORDINAL):
                    low = max(local * _DAY + opens - shift, start)
                    high = min(local * _DAY + shuts - shift, end)
                    if low < high:
                        yield low, high, local + _EPOCH_ORDINAL

    def _hours(self, ordinal: int) -> Hours:
        local = date.fromordinal(ordinal)
        if local in self._exceptions:
            return self._exceptions[local]
        hours = self._week[local.weekday()]
        return () if hours and local in self._holidays else hours

    def _close_of(self, ordinal: int) -> datetime | None:
        """The last instant the door is open on a local date; None where it stays shut."""
        if not self._hours(ordinal):
            return None
        number = ordinal - _EPOCH_ORDINAL
        # No zone is more than a day from UTC.
        ends = [
            EPOCH + timedelta(day, end)
            for day in range(number - 1, number + 2)
            for _, end, local in self._pieces(day)
            if local == ordinal
        ]
        return max(ends, default=None)

    def _following(self, day: int) -> int:
        if day >= _first_of(LAST_YEAR + 1) - 1:
            raise OverflowError(f"the calendar {self.name!r} reaches no further than {LAST_YEAR}")
        return max(day + 1, _first_of(FIRST_YEAR))

    def __repr__(self) -> str:
        return f"Calendar({self.name!r}, {self.zone})"


def _make_row(day: int, pieces: list[tuple[int, int]], total: timedelta) -> tuple[_Row, timedelta]:
    """The row of a day that starts with *total* opened, and the total after it."""
    edges: list[int] = []
    values = [total]
    for start, end in pieces:
        edges += (start, end)
        values.append(timedelta(day, start) - total)
        total += timedelta(seconds=end - start)
        values.append(total)
    return (tuple(edges), tuple(values)), total


def _offsets(zone: tzinfo, day: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of a UTC day with one offset from UTC each: start, end and offset in seconds."""
    start, before = 0, _offset(zone, day, 0)
    after = _offset(zone, day, _DAY)
    if before != after:
        change = bisect_left(range(_DAY), True, key=lambda at: _offset(zone, day, at) != before)
        if change:
            yield start, change, before
        start = change
    yield start, _DAY, after


def _offset(zone: tzinfo, day: int, second: int) -> int:
    shift = (EPOCH + timedelta(day, second)).astimezone(zone).utcoffset()
    return 0 if shift is None else shift // timedelta(seconds=1)


def _usual_length(week: Sequence[Hours]) -> timedelta:
    lengths = Counter(sum(end - start for start, end in hours) for hours in week if hours)
    return timedelta(seconds=max(lengths, key=lambda length: (lengths[length], length)))


def _year_of(day: int) -> int:
    return date.fromordinal(day + _EPOCH_ORDINAL).year


def _first_of(year: int) -> int:
    return date(year, 1, 1).toordinal() - _EPOCH_ORDINAL


ALWAYS = Calendar("always", UTC, [WHOLE_DAY] * 7)
"""Round the clock, in UTC: its working time is plain time."""
