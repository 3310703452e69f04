"""What the bridge must have mailed, worked out from the log alone, so that it can disagree.

Imports nothing of the program: its own office hours, its own clocks, and (incident_sight.py) its
own idea of what a sync can know. Demanded is, for each incident:

- One receipt, at the first sync after it was logged; if it is closed by then, the closing mail too.
- Not closed at one sync and closed at the next: one closing mail. The reverse: one alert. Closed
  and open again in between, or open and closed again: neither, for the detour cannot be seen.
- A level fires at the first sync at or after it falls due, once per episode, unless the clock has
  stopped by then: nobody is chased for what is answered or closed. An episode begins at creation,
  at re-opening, or, for a clock that waits for answers, with each question asked.
- A clock that resumes at re-opening is at once past what it had passed before: in the new episode
  those levels are due with the re-opening.
- A priority the bridge itself raised counts from the next sync on.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import pairwise

from benchmarks.incident_acts import Incident
from benchmarks.incident_sight import Look, Seen, looks
from benchmarks.office_hours import MINUTE, Office


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock and its levels: kind of message -> minutes, or share of the priority's target."""

    name: str
    stop: str  # answer, closed or reply
    levels: Mapping[str, int | float]
    targets: Mapping[str, int] = field(default_factory=dict)
    asks: frozenset[str] = frozenset()  # statuses that start it; else creation does
    paused: frozenset[str] = frozenset()
    resumes: bool = False

    def minutes(self, kind: str, priority: str) -> int:
        """When the level is reached, in minutes worked."""
        level = self.levels[kind]
        return level if isinstance(level, int) else round(level * self.targets[priority])


@dataclass(frozen=True, slots=True)
class Process:
    """What is promised: clocks, who is told of each kind, which kinds raise the priority."""

    office: Office
    clocks: tuple[Clock, ...]
    to: Mapping[str, tuple[str, ...]]
    raises: frozenset[str] = frozenset()
    desk: str = "desk"


@dataclass(frozen=True, slots=True)
class Expected:
    """One message: what, for which incident, to whom, at which sync; ``due`` is when it was."""

    kind: str
    incident: str
    to: str
    at: datetime
    due: datetime


def expect(
    process: Process, incident: Incident, syncs: Sequence[datetime], *, exact: bool = False
) -> list[Expected]:
    """Every message about *incident*, by the sync that sends it.

    With *exact*, as if the appliance did tell when each field changed: the difference between
    the two is what its silence costs, and is counted, not demanded.
    """
    return _Ticket(process, incident, syncs).run(looks(incident, syncs, exact=exact))


@dataclass(slots=True)
class Course:
    """A clock after what is known: worked stretches, the last one open while it runs."""

    episode: int = -1
    state: str = "idle"  # idle, running, paused or stopped
    begun: datetime | None = None
    spans: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def due(self, office: Office, minutes: int) -> datetime | None:
        """When so many minutes were or will be worked; None if it stands short of them."""
        for start, end in self.spans:
            if end is None:
                return office.after(start, minutes)
            worked = office.worked(start, end)
            if worked >= minutes:
                return office.after(start, minutes)
            minutes -= worked
        return None


def run_clock(clock: Clock, life: Iterable[Seen]) -> Course:
    """The clock's course through everything known, oldest first."""
    course = Course()
    status = ""
    for seen in life:
        status = seen.after or status
        moved = seen.what in ("created", "moved")
        if clock.asks:
            begins = moved and seen.after in clock.asks
            ends = moved and not begins
        else:
            begins = seen.what == "created" or (moved and seen.before == "Closed")
            ends = moved and status == "Closed"
        told = {"answer": "staff", "reply": "submitter"}.get(clock.stop) == seen.what
        if begins:
            if not clock.resumes or course.episode < 0:
                course.spans.clear()
            course.episode += 1
            course.begun = seen.at
            _turn(course, "running", seen.at)
        if ends or (told and course.state in ("running", "paused")):
            _turn(course, "stopped" if course.episode >= 0 else "idle", seen.at)
        elif moved and course.state in ("running", "paused"):
            _turn(course, "paused" if status in clock.paused else "running", seen.at)
    return course


def _turn(course: Course, state: str, at: datetime) -> None:
    was_open = bool(course.spans) and course.spans[-1][1] is None
    if state == "running" and not was_open:
        course.spans.append((at, None))
    elif state != "running" and was_open:
        course.spans[-1] = (course.spans[-1][0], at)
    course.state = state


class _Ticket:
    def __init__(self, process: Process, incident: Incident, syncs: Sequence[datetime]) -> None:
        self.process = process
        self.incident = incident
        self.syncs = syncs
        self.owner: str | None = None
        self.priority = "Medium"
        self.life: list[Seen] = []
        self.done: set[tuple[str, int]] = set()
        self.found: list[Expected] = []

    def run(self, found: Sequence[Look]) -> list[Expected]:
        """Look by look, and between them whatever falls due."""
        for look, following in pairwise([*found, None]):
            if look is None:
                break
            self._take(look)
            self._fire(look.sync)
            end = following.sync if following else None
            sync: datetime | None = look.sync
            while sync is not None and (sync := self._next(sync, end)):
                self._fire(sync)
        return self.found

    def _take(self, look: Look) -> None:
        first = not self.life
        self.life += look.seen
        self.owner = look.owner or self.owner
        self.priority = look.priority or self.priority
        opened = (first and look.crossing != "closed") or look.crossing == "reopened"
        if self.owner is None and opened:
            self.owner = self.process.desk
        if first:
            self._tell("receipt", look.sync, self.incident.acts[0].at)
        if look.crossing:
            self._tell(look.crossing, look.sync, look.when or look.sync)

    def _courses(self) -> Iterator[tuple[Clock, Course, str, datetime]]:
        """Every level still to be dealt with, and when it is (or was) due."""
        for clock in self.process.clocks:
            course = run_clock(clock, self.life)
            for kind in clock.levels:
                due = course.due(self.process.office, clock.minutes(kind, self.priority))
                if due is not None and (kind, course.episode) not in self.done:
                    yield clock, course, kind, due

    def _fire(self, sync: datetime) -> None:
        raised = False
        for _, course, kind, due in list(self._courses()):
            if due <= sync:
                self.done.add((kind, course.episode))
                if course.state != "stopped":
                    self._tell(kind, sync, max(due, course.begun or due))
                    raised = raised or kind in self.process.raises
        if raised:
            self.priority = "High"

    def _next(self, sync: datetime, end: datetime | None) -> datetime | None:
        """The next sync at which a level fires, if that is before *end*, when more is known."""
        waiting = [due for _, course, _, due in self._courses() if course.state != "stopped"]
        if not waiting:
            return None
        place = bisect_left(self.syncs, max(min(waiting), sync + MINUTE))
        at = self.syncs[place] if place < len(self.syncs) else None
        return at if at is not None and (end is None or at < end) else None

    def _tell(self, kind: str, sync: datetime, due: datetime) -> None:
        for role in self.process.to[kind]:
            who = {"owner": self.owner, "lead": lead_of(self.owner),
                   "submitter": self.incident.submitter}[role]  # fmt: skip
            if who:
                self.found.append(Expected(kind, self.incident.number, who, sync, due))


@cache
def lead_of(owner: str | None) -> str | None:
    """Engineers are in teams of five; each team, and the desk, has a lead."""
    if owner is None:
        return None
    return f"lead{int(owner[3:]) // 5}" if owner.startswith("eng") else f"lead-{owner}"
