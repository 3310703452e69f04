"""Office hours in whole minutes of a wall clock: plain arithmetic, nobody else's calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Office:
    """Hours in minutes after midnight, the same on every working day."""

    spans: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    closed: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether anybody works that day."""
        return day.weekday() in self.weekdays and day not in self.closed

    def hours(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The stretches worked that day."""
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- a wall clock
        if self.is_open(day):
            for start, end in self.spans:
                yield midnight + start * MINUTE, midnight + end * MINUTE

    def worked(self, start: datetime, end: datetime) -> int:
        """Minutes worked between two instants."""
        total, day = timedelta(0), start.date()
        while day <= end.date():
            for opens, closes in self.hours(day):
                total += max(min(closes, end) - max(opens, start), timedelta(0))
            day += DAY
        return total // MINUTE

    def after(self, start: datetime, minutes: int) -> datetime:
        """The earliest instant at which so many minutes are worked."""
        left, day = minutes * MINUTE, start.date()
        while True:
            for opens, closes in self.hours(day):
                begins = max(opens, start)
                if closes > begins:
                    if closes - begins >= left:
                        return begins + left
                    left -= closes - begins
            day += DAY

    def syncs(self, first: datetime, last: datetime, every: int = 15) -> list[datetime]:
        """The instants of the scheduled syncs: from the opening to the close of each day."""
        found, day = [], first.date()
        while day <= last.date():
            hours = list(self.hours(day))
            moment = hours[0][0] if hours else None
            while moment is not None and moment <= hours[-1][1]:
                found.append(moment)
                moment += every * MINUTE
            day += DAY
        return [moment for moment in found if first <= moment <= last]
