"""The appliance's business hours. Source: contract section 7.2."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kace_bridge.sandbox.clock import STAMP
from kace_bridge.sandbox.settings import Settings


@dataclass(frozen=True, slots=True)
class Hours:
    """Open hours by weekday (Monday is 0), closed on holidays; all local to *zone*."""

    zone: ZoneInfo
    week: dict[int, tuple[time, time]]
    holidays: frozenset[date]
    for_escalation: bool
    for_sla: bool

    def add_minutes(self, start: datetime, minutes: int, business: bool) -> datetime:
        """*minutes* after *start*, counted on the clock or in open hours only."""
        left = timedelta(minutes=minutes)
        if not business or not self.week:
            return start + left
        day = start.astimezone(self.zone).date()
        # Ten years of closed days can only be a calendar that never opens.
        for _ in range(3660):
            hours = None if day in self.holidays else self.week.get(day.weekday())
            if hours:
                opens = max(start, self._at(day, hours[0]))
                closes = self._at(day, hours[1])
                if opens < closes and closes - opens >= left:
                    return opens + left
                left -= max(closes - opens, timedelta(0))
            day += timedelta(days=1)
        return start + left

    def read(self, stamp: str, days_later: int = 0) -> datetime:
        """The moment an appliance-local stamp means, in UTC; days are counted as SQL does,
        so the time of day stays when clocks change."""
        local = datetime.strptime(stamp, STAMP).replace(tzinfo=self.zone)
        return (local + timedelta(days=days_later)).astimezone(UTC)

    def write(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime(STAMP)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def hours_of(settings: Settings) -> Hours:
    week = {
        day: (time.fromisoformat(opens), time.fromisoformat(closes))
        for day, opens, closes in settings.business_hours
    }
    return Hours(
        ZoneInfo(settings.timezone),
        week,
        frozenset(date.fromisoformat(day) for day in settings.holidays),
        settings.business_hours_for_escalation,
        settings.business_hours_for_sla,
    )
