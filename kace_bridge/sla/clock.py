"""Reading a ticket's clock off its history.

Nothing about a clock is stored: every reading replays the timeline, so a restart, a lost store
or a corrected history cannot leave a wrong clock behind.

What is decided here, beside what ClockSpec says:
- A closed ticket owes nothing: closing stops every clock that starts at creation or re-opening.
- A comment counts as a staff or submitter reply only after the event that began the episode, and
  never when the bridge itself or an answering machine wrote it.
- An engineer who comments on a ticket of their own is its submitter, unless they also own it.
- Moving between two statuses that both start a clock does not restart it while it runs; after a
  reply stopped it, such a move is a new question and does.
- A clock that starts at re-opening begins at zero each time; ``on_reopen`` is for the others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.calendar import Calendar
from kace_bridge.sla.clock_spec import ClockSpec, StateIs, StatusIn
from kace_bridge.sla.duration import Duration
from kace_bridge.sla.reading import Kind, Reading, Stretch
from kace_bridge.sla.situation import Situation, first_situation, situation_after

__all__ = ["ClockSpec", "Reading", "StateIs", "StatusIn", "Stretch", "read_clock"]


def read_clock(
    name: str,
    spec: ClockSpec,
    calendar: Calendar,
    ticket: Ticket,
    timeline: Sequence[Event],
    now: datetime,
    priority: str | None,
) -> Reading:
    """The clock *name* of *ticket* as it stood at *now*; later events are not looked at.

    *timeline* is oldest first. A ticket without a creation event began at its own stamp.
    *priority* chooses among targets that differ by priority.
    """
    now = now.astimezone(UTC)
    creation = next((event for event in timeline if event.kind is EventKind.CREATED), None)
    created = creation.at if creation else ticket.created
    born = created.astimezone(UTC) if created else now
    walk = _Walk(spec, ticket, born)
    if created is not None and born <= now:
        asks = spec.stop == "owner_assigned" or (timeline and spec.stop == "first_staff_reply")
        situation = first_situation(ticket, timeline, with_owner=bool(asks))
        walk.create(_by("created", creation), situation)
        for event in timeline:
            if event.at <= now and event.kind is not EventKind.CREATED:
                after = situation_after(situation, event)
                walk.take(event, situation, after)
                situation = after
    return _reading(name, walk, spec.target_for(priority), calendar, now)


class _Walk:
    """A clock on its way through a timeline."""

    __slots__ = (
        "born", "cause", "counted_from", "episode", "rows", "since", "spec", "started",
        "ticket",
    )  # fmt: skip

    def __init__(self, spec: ClockSpec, ticket: Ticket, born: datetime) -> None:
        self.spec = spec
        self.ticket = ticket
        self.born = born
        self.started: datetime | None = None
        self.since: datetime | None = None
        self.episode = -1
        self.counted_from = 0
        self.cause = ""
        self.rows: list[tuple[datetime, Kind, str, int]] = []

    def create(self, words: str, situation: Situation) -> None:
        """The ticket comes into being."""
        start = self.spec.start
        applies = start == "created" if isinstance(start, str) else _holds(start, situation)
        if applies:
            self._begin(self.born, "created", words, situation, event=None, from_zero=True)

    def take(self, event: Event, before: Situation, after: Situation) -> None:
        """One event happens, and leads from one situation to another."""
        # Stamps of merged sources can step back; a ledger cannot.
        at = max(event.at.astimezone(UTC), self.rows[-1][0] if self.rows else self.born)
        start = self.spec.start
        if not isinstance(start, str):
            asked_again = not self._ticking and after.status != before.status
            if _holds(start, after) and (not _holds(start, before) or asked_again):
                words = _status_words(event, after)
                self._begin(at, event.cause, words, after, event, from_zero=True)
                return
            if self._ticking and not _holds(start, after):
                self._turn(at, "stopped", _status_words(event, after))
                return
        elif self._is_reopening(event, before, after) and self._restarts:
            zero = start == "reopened" or self.spec.reopening == "restart"
            words = _by("re-opened", event)
            self._begin(at, event.cause, words, after, event, from_zero=zero)
            return
        if self._ticking:
            self._settle(at, event, after, _status_words(event, after))

    @property
    def _ticking(self) -> bool:
        return bool(self.rows) and self.rows[-1][1] != "stopped"

    @property
    def _restarts(self) -> bool:
        return self.spec.start == "reopened" or self.spec.reopening != "ignore"

    def _is_reopening(self, event: Event, before: Situation, after: Situation) -> bool:
        if event.cause == self.cause:  # a second event of the same history row
            return False
        left = before.state == "closed" and after.state not in ("closed", None)
        return event.kind is EventKind.REOPENED or left

    def _begin(
        self,
        at: datetime,
        cause: str,
        words: str,
        situation: Situation,
        event: Event | None,
        *,
        from_zero: bool,
    ) -> None:
        self.episode += 1
        self.cause = cause
        self.since = at
        if from_zero or self.started is None:
            self.started = at
            self.counted_from = self.episode
        self._settle(at, event, situation, words)

    def _settle(self, at: datetime, event: Event | None, situation: Situation, words: str) -> None:
        """Stop, pause or run, as event and situation ask."""
        stop = self._stop_words(event, situation)
        if stop:
            self._turn(at, "stopped", stop)
        elif self.spec.pause is not None and _holds(self.spec.pause, situation):
            self._turn(at, "paused", words)
        else:
            self._turn(at, "running", words)

    def _stop_words(self, event: Event | None, situation: Situation) -> str:
        """Why the clock stops now; empty where it does not."""
        stop = self.spec.stop
        closing = isinstance(self.spec.start, str) or stop == "closed"
        if closing and situation.state == "closed":
            return _by("closed", event)
        if isinstance(stop, StatusIn):
            return _status_words(event, situation) if _holds(stop, situation) else ""
        if stop == "owner_assigned":
            return _by(f"owner {situation.owner}", event) if situation.owner else ""
        if event is None or event.kind is not EventKind.COMMENTED or stop == "closed":
            return ""
        if event.cause == self.cause or event.own or event.automatic:
            return ""
        author = (event.author or "").casefold()
        asker = author != "" and author == (self.ticket.value("submitter") or "").casefold()
        if stop == "submitter_reply" and (asker or not event.staff):
            return _by("reply", event)
        helper = not asker or author == (situation.owner or "").casefold()
        if stop == "first_staff_reply" and event.staff and event.public and helper:
            return _by("first staff reply", event)
        return ""

    def _turn(self, at: datetime, kind: Kind, words: str) -> None:
        like = (kind, self.episode)
        if self.rows and (self.rows[-1][1], self.rows[-1][3]) == like:
            return
        if self.rows and self.rows[-1][0] == at:
            self.rows.pop()  # a stretch without length tells nobody anything
            if self.rows and (self.rows[-1][1], self.rows[-1][3]) == like:
                return
        self.rows.append((at, kind, words, self.episode))


def _reading(
    name: str, walk: _Walk, goal: Duration | None, calendar: Calendar, now: datetime
) -> Reading:
    rows = walk.rows
    ends = [*(row[0] for row in rows[1:]), None]
    stretches = tuple(
        Stretch(
            start, end, kind, words,
            calendar.open_time(start, end or now) if kind == "running" else timedelta(0), episode,
        )
        for (start, kind, words, episode), end in zip(rows, ends, strict=bool(rows))
    )  # fmt: skip
    last = stretches[-1] if stretches else None
    counted = (part.worked for part in stretches if part.episode >= walk.counted_from)
    return Reading(
        name=name,
        started=walk.started,
        episode=max(walk.episode, 0),
        cause=walk.cause,
        running=last is not None and last.kind == "running",
        paused=last is not None and last.kind == "paused",
        stopped_at=last.start if last is not None and last.kind == "stopped" else None,
        worked=sum(counted, timedelta(0)),
        target=_target(goal, calendar, walk.started),
        stretches=stretches,
        since=walk.since,
        now=now,
        calendar=calendar,
        goal=goal,
        counted_from=walk.counted_from,
    )


def _target(
    goal: Duration | None, calendar: Calendar, started: datetime | None
) -> timedelta | None:
    """How long the clock may run; a close of day is turned into the working time until then."""
    if goal is None or not goal.end_of:
        return None if goal is None else calendar.length(goal)
    if started is None:
        return None
    try:
        return calendar.open_time(started, calendar.close_of_day(started, goal.amount))
    except OverflowError:
        return None


def _holds(condition: StatusIn | StateIs, situation: Situation) -> bool:
    return condition.holds(situation.status, situation.state)


def _status_words(event: Event | None, situation: Situation) -> str:
    return _by(f"status {situation.status or situation.state}", event)


def _by(words: str, event: Event | None) -> str:
    return f"{words} by {event.author}" if event is not None and event.author else words
