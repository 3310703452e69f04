"""What comes for one ticket if nothing else happens, on the evaluator production uses."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from kace_bridge.errors import UsageError
from kace_bridge.model.effect import AddComment, Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.clocks import read_clocks
from kace_bridge.rules.decide import Deliberation
from kace_bridge.rules.play import Play
from kace_bridge.sla.calendar import Calendar
from kace_bridge.sla.duration import Level, parse_duration
from kace_bridge.state.rows import Absence
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import Known, Watcher, detect
from kace_bridge.sync.family import parents_of
from kace_bridge.sync.machine import recognised
from kace_bridge.sync.planner import own_values
from kace_bridge.sync.wire import Bridge

FURTHEST = timedelta(days=366)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(rf"({'|'.join(_DAYS)})[a-z]*(?: +([0-9]{{1,2}}:[0-9]{{2}}))?")


@dataclass(frozen=True, slots=True)
class Coming:
    """One decision to come. ``now`` are those a sync would take at once."""

    at: datetime
    decision: Decision
    now: bool

    @property
    def changes(self) -> list[tuple[str, str | None, str | None]]:
        """Fields with what they were and will be."""
        return [
            (name, effect.before.get(name), value)
            for effect in self.decision.effects
            if isinstance(effect, UpdateTicket)
            for name, value in effect.values.items()
        ]

    @property
    def messages(self) -> list[SendMessage]:
        """Whom it will tell."""
        return [effect for effect in self.decision.effects if isinstance(effect, SendMessage)]

    @property
    def comments(self) -> list[AddComment]:
        """What it will write on the ticket."""
        return [effect for effect in self.decision.effects if isinstance(effect, AddComment)]


@dataclass(slots=True)
class Simulation:
    """The timeline to come, oldest first; ``targets`` is when each running clock is breached."""

    ticket: Ticket
    start: datetime
    until: datetime
    coming: list[Coming] = field(default_factory=list)
    targets: dict[str, datetime] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    known: bool = True


def simulate(bridge: Bridge, ticket_id: TicketId, until: datetime) -> Simulation:
    """Play *ticket_id* forward from now to *until*, with what rules set carried on.

    Looks at the ticket as it is on the appliance, at absences as entered and at today's loads.
    Nothing is stored or written. Raises NotFound where there is no such ticket.
    """
    bridge.sma.login()
    start = bridge.now()
    ticket = bridge.sma.tickets.get(ticket_id)
    rows = bridge.sma.tickets.history(ticket_id)
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, start)
    book.learn([ticket])
    snapshot = bridge.store.snapshot(ticket_id)
    known = None
    if snapshot is not None:
        before = Ticket(snapshot.record, ticket.zone)
        known = Known(before, ChangeId(snapshot.last_row), snapshot.episode)
    own = own_values(bridge.store, ticket_id)
    found = detect(known, ticket, rows, Watcher(book.desk.is_staff, book.author_of, own))
    told = bridge.store.timelines([ticket_id]).get(ticket_id, ())
    found = recognised(bridge.store, book.desk, ticket, found, told)
    events: Sequence[Event] = [event for event in found.events if event not in told]
    result = Simulation(ticket, start, until, known=snapshot is not None)

    def hear(at: datetime, outcome: Deliberation) -> None:
        result.coming += [Coming(at, d, at == start) for d in outcome.decisions if d.effects]
        result.problems += [str(conflict) for conflict in outcome.conflicts]

    play = Play(
        bridge.site.rules, ticket, book.desk, book.states(ticket.queue_id),
        told=hear, absent=_away(bridge.store.list_absences()),
        timeline=told, done=bridge.store.decision_ids([ticket_id])[ticket_id],
        episode=found.episode, first_row=found.last_row,
    )  # fmt: skip
    play.parent = parents_of(bridge.site.rules, bridge.store, [ticket]).get(ticket_id)
    play.before = known.ticket if known else None
    play.judge(start, events)
    if until > start:
        play.advance(until)
    result.problems = list(dict.fromkeys([*result.problems, *play.problems]))
    result.targets = _targets(bridge, play, start)
    return result


def _away(absences: Sequence[Absence]) -> Callable[[datetime], frozenset[str]]:
    """Who is away when, as entered today."""
    return lambda at: frozenset(one.user for one in absences if one.start <= at < one.until)


def _targets(bridge: Bridge, play: Play, start: datetime) -> dict[str, datetime]:
    """When each clock still running reaches its target."""
    readings = read_clocks(bridge.site.rules, play.ticket, play.timeline, start)
    targets = {name: read.due(Level(fraction=1.0)) for name, read in readings.items()
               if read.running}  # fmt: skip
    return {name: at for name, at in targets.items() if at is not None and at > start}


def parse_until(text: str, now: datetime, zone: tzinfo, calendar: Calendar | None) -> datetime:
    """The moment *text* names: ``2026-03-06T17:00``, ``fri 17:00`` or ``fri``, ``3d``, ``5bd``.

    A week-day is the next one to come. Raises UsageError for anything else, and for the past.
    """
    at = _moment(text, zone) or _weekday(text, now.astimezone(zone)) or _span(text, now, calendar)
    if at is None:
        raise UsageError(
            f"--until {text!r} is no time; write 2026-03-06T17:00, 'fri 17:00', 3d or 5bd"
        )
    if at <= now:
        raise UsageError(f"--until {text!r} lies in the past")
    if at - now > FURTHEST:
        raise UsageError(f"--until {text!r} is more than a year ahead")
    return at


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _weekday(text: str, now: datetime) -> datetime | None:
    found = _WEEKDAY.fullmatch(text.strip().lower())
    if found is None:
        return None
    hour, minute = (int(part) for part in (found[2] or "23:59").split(":"))
    if hour > 23 or minute > 59:
        return None
    days = (_DAYS.index(found[1]) - now.weekday()) % 7
    at = (now + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=7)


def _span(text: str, now: datetime, calendar: Calendar | None) -> datetime | None:
    try:
        duration = parse_duration(text)
    except ValueError:
        return None
    if not duration.is_business:
        return now + duration.nominal
    if calendar is None:
        raise UsageError(f"--until {text!r} needs a calendar: name one as 'calendar:' in the file")
    return calendar.add(now, calendar.length(duration))
