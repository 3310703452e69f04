"""What a rule may look at: one frozen picture of a ticket and of the desk around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from kace_bridge.model.event import Event
from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.calendar import Calendar

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Team:
    """A team as configured: people in order, perhaps a lead, perhaps a title."""

    name: str
    members: tuple[UserName, ...]
    lead: UserName | None = None
    title: str = ""
    calendar: str | None = None
    pick: str = "least_loaded"
    email: str = ""

    @property
    def shown(self) -> str:
        """What a reader should see."""
        return self.title or self.name

    def has_member(self, user: object) -> bool:
        """Whether *user* is picked for and told with the team; login names know no case."""
        return isinstance(user, str) and (
            user in self.members or any(_alike(user, member) for member in self.members)
        )

    def __contains__(self, user: object) -> bool:
        """Whether *user* is a member or the lead."""
        return self.has_member(user) or (isinstance(user, str) and _alike(user, self.lead))


@dataclass(frozen=True, slots=True)
class Group:
    """People named for conditions: by login name, by e-mail pattern, by location."""

    name: str
    users: frozenset[str] = frozenset()
    emails: tuple[str, ...] = ()
    locations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """The organisation around the tickets, as configured and as the appliance knows it.

    ``people`` is keyed by login name. ``loads`` counts each engineer's tickets waiting for
    work; ``turns`` remembers whom each team's pick named last; ``absent`` are people away now.
    """

    teams: Mapping[str, Team] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    loads: Mapping[str, int] = field(default_factory=dict)
    turns: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    """Custom-field labels, case-folded, to their keys: ``{"asset tag": "custom_3"}``."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Ranked names, highest first: ``{"priority": ("High", "Medium", "Low")}``."""

    def person(self, user: str) -> Person:
        """The person behind a login name, bare where the appliance has not told more."""
        known = self.people.get(user)
        if known is None:
            known = next((one for name, one in self.people.items() if _alike(user, name)), None)
        return known or Person(UserName(user))

    def is_away(self, user: str) -> bool:
        """Whether *user* cannot be given work now: absent, or archived on the appliance."""
        away = user in self.absent or any(_alike(user, name) for name in self.absent)
        return away or self.person(user).archived

    def team_of(self, user: str | None) -> Team | None:
        """The first configured team *user* is a member of, else the first one they lead."""
        teams = self.teams.values()
        member = next((team for team in teams if team.has_member(user)), None)
        return member or next((team for team in teams if user in team), None)

    def is_staff(self, user: str | None) -> bool:
        """Whether *user* is in any team."""
        return user is not None and self.team_of(user) is not None


@dataclass(frozen=True, slots=True, init=False)
class Facts:
    """One ticket at one moment. ``event`` is the happening being judged, if any.

    ``timeline`` holds everything known to have happened, oldest first, ``event`` included.
    ``clocks`` maps a clock's name to the working time it has run.
    """

    ticket: Ticket
    now: datetime
    desk: Desk
    before: Ticket | None
    event: Event | None
    timeline: Sequence[Event]
    clocks: Mapping[str, timedelta]
    calendars: Mapping[str, Calendar]
    parent: Ticket | None
    """The ticket this one belongs to, where the bridge knows it."""
    origin: Ticket | None
    """The ticket as the appliance shows it, where ``ticket`` already has planned values."""

    def __init__(
        self,
        ticket: Ticket,
        now: datetime,
        desk: Desk,
        before: Ticket | None = None,
        event: Event | None = None,
        timeline: Sequence[Event] = (),
        clocks: Mapping[str, timedelta] = _NOTHING,
        calendars: Mapping[str, Calendar] = _NOTHING,
        parent: Ticket | None = None,
        origin: Ticket | None = None,
    ) -> None:
        # Made for every event of every ticket: what a frozen dataclass writes here by itself
        # finds each attribute by its name, and takes twice as long.
        _set_ticket(self, ticket)
        _set_now(self, now)
        _set_desk(self, desk)
        _set_before(self, before)
        _set_event(self, event)
        _set_timeline(self, timeline)
        _set_clocks(self, clocks)
        _set_calendars(self, calendars)
        _set_parent(self, parent)
        _set_origin(self, origin)

    def with_event(self, event: Event | None) -> "Facts":
        """The same facts, *event* being judged. Spelt out: it is asked for every event."""
        return Facts(
            ticket=self.ticket, now=self.now, desk=self.desk, before=self.before, event=event,
            timeline=self.timeline, clocks=self.clocks, calendars=self.calendars,
            parent=self.parent, origin=self.origin,
        )  # fmt: skip

    def same_as(self, other: "Facts") -> bool:
        """Whether *other* is made of the very same objects; asked instead of ``==``, at no cost."""
        return (
            self.ticket is other.ticket and self.event is other.event
            and self.before is other.before and self.desk is other.desk
            and self.now is other.now and self.timeline is other.timeline
            and self.clocks is other.clocks and self.calendars is other.calendars
            and self.parent is other.parent and self.origin is other.origin
        )  # fmt: skip

    def after(self, values: Mapping[str, object]) -> "Facts":
        """The same facts once *values* are set on the ticket: what the next phase sees."""
        origin = self.origin or self.ticket
        return replace(self, ticket=self.ticket.with_values(values), origin=origin)

    def owners(self) -> list[str]:
        """Everybody known to have owned the ticket, the present or latest owner first."""
        found = [self.ticket.value("owner")]
        for event in reversed(self.timeline):
            change = event.change_of("owner")
            if change:
                found += [change.after, change.before]
        found.append(self.before.value("owner") if self.before else None)
        return list(dict.fromkeys(name for name in found if name))


(
    _set_ticket, _set_now, _set_desk, _set_before, _set_event, _set_timeline, _set_clocks,
    _set_calendars, _set_parent, _set_origin,
) = (vars(Facts)[each.name].__set__ for each in fields(Facts))  # fmt: skip


def _alike(user: str, other: str | None) -> bool:
    return other is not None and user.casefold() == other.casefold()
