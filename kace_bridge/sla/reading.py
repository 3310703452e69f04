"""What a clock shows at one instant, with the stretches that add up to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from kace_bridge.sla.calendar import ALWAYS, Calendar
from kace_bridge.sla.duration import Duration, Level

Kind = Literal["running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a clock's life; ``end`` is None while it goes on.

    ``cause`` is a phrase for people: what began it. ``worked`` is the working time inside, zero
    unless running.
    """

    start: datetime
    end: datetime | None
    kind: Kind
    cause: str
    worked: timedelta
    episode: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock as it stood at ``now``. All instants are in UTC.

    ``started`` is when it last began at zero, ``since`` when the present episode began; they
    differ where a re-opened ticket's clock went on from where it stopped. ``started`` is None
    where the clock does not apply to the ticket (yet). ``cause`` names the event that began the
    episode by appliance data alone: ``created`` or the event's own cause. ``worked`` and
    ``target`` are working time of the clock's calendar; only a target in plain units (``2d``) is
    plain time, and is compared with the plain time the clock ran.
    """

    name: str
    started: datetime | None
    episode: int
    cause: str
    running: bool
    paused: bool
    stopped_at: datetime | None
    worked: timedelta
    target: timedelta | None
    stretches: tuple[Stretch, ...]
    since: datetime | None
    now: datetime
    calendar: Calendar = field(repr=False)
    goal: Duration | None = field(default=None, repr=False)
    counted_from: int = field(default=0, repr=False)

    def due(self, level: Level) -> datetime | None:
        """The instant *level* was or will be reached, should the clock just run on.

        None where it stopped or stands still short of it, has not started, has no target to
        take a share of, or would reach it only beyond the calendar's table. A duration counts
        running time since ``started``. The close of a day counts from ``since``: a close that
        passes while the clock stands still is replaced by the first close it is running at.
        """
        if self.started is None:
            return None
        try:
            if level.duration is None:
                if self.target is None:
                    return None
                return self._after(self.target * (level.fraction or 0.0), self._measure(self.goal))
            if level.duration.end_of:
                return self._close(level.duration.amount)
            return self._after(self.calendar.length(level.duration), self._measure(level.duration))
        except OverflowError:
            return None

    def reached(self, level: Level) -> bool:
        """Whether *level* was reached by ``now``."""
        due = self.due(level)
        return due is not None and due <= self.now

    @property
    def fraction(self) -> float | None:
        """The share of the target that is used up; None without a target."""
        if self.started is None or not self.target:
            return None
        measure = self._measure(self.goal)
        if measure is self.calendar:
            return self.worked / self.target
        spans = ((stretch.start, stretch.end or self.now) for stretch in self._counted())
        used = sum((measure.open_time(start, end) for start, end in spans), timedelta(0))
        return used / self.target

    def _counted(self) -> Iterator[Stretch]:
        """The running stretches since the clock last began at zero."""
        for stretch in self.stretches:
            if stretch.kind == "running" and stretch.episode >= self.counted_from:
                yield stretch

    def _measure(self, duration: Duration | None) -> Calendar:
        plain = duration is not None and not duration.is_business
        return ALWAYS if plain else self.calendar

    def _after(self, amount: timedelta, measure: Calendar) -> datetime | None:
        for stretch in self._counted():
            if stretch.end is None:
                return measure.add(stretch.start, amount)
            used = measure.open_time(stretch.start, stretch.end)
            if used >= amount:
                return measure.add(stretch.start, amount)
            amount -= used
        return None

    def _close(self, days: int) -> datetime | None:
        if self.since is None:
            return None
        close = self.calendar.close_of_day(self.since, days)
        for stretch in self._counted():
            if stretch.episode != self.episode:
                continue
            if close < stretch.start:
                close = self.calendar.close_of_day(stretch.start, 0)
            if stretch.end is None or close <= stretch.end:
                return close
        return None
