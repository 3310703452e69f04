"""The ping-pong stop: a ticket that teams keep handing on is no longer moved by rules.

It stays where it is until a person moves it, it is re-opened, or the moves are long enough ago;
the event ``bounced`` tells somebody. Only the timeline is asked, so the answer is the same on
every machine. Being taken, dropped or passed on within a team is no move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import Bounced, RuleSet
from kace_bridge.sla.calendar import ALWAYS, Calendar

MOVING = frozenset({"owner", "queue"})
"""The fields that rules leave alone on a stopped ticket."""


@dataclass(frozen=True, slots=True)
class TeamMove:
    """One move from team to team; ``before`` and ``after`` are the teams' titles."""

    at: datetime
    by: str
    before: str
    after: str
    cause: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Why rules leave the ticket where it is: the ``moves`` that count, and who has it."""

    moves: tuple[TeamMove, ...]
    owner: str

    def told(self, zone: tzinfo) -> str:
        """``moved between teams 3 times since 2026-03-02 09:00: it stays with bkim``."""
        since = self.moves[0].at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        times = "once" if len(self.moves) == 1 else f"{len(self.moves)} times"
        return f"moved between teams {times} since {since}: it stays with {self.owner}"

    @property
    def way(self) -> str:
        """The teams in order."""
        return way_of(self.moves)


def way_of(moves: Sequence[TeamMove]) -> str:
    """``Service Desk -> LEAD Network -> Service Desk``; *moves* are not empty."""
    return " -> ".join([moves[0].before, *(move.after for move in moves)])


def team_moves(timeline: Sequence[Event], desk: Desk) -> tuple[TeamMove, ...]:
    """Every move from team to team, oldest first."""
    found: list[TeamMove] = []
    last = None
    for event in timeline:
        change = event.change_of("owner") if event.kind is EventKind.CHANGED else None
        if change is None:
            continue
        for user in (change.before, change.after):
            team = desk.team_of(user)
            if team is None:
                continue
            if last is not None and team.name != last.name:
                by = "the rules" if event.own else str(event.author or "somebody")
                found.append(TeamMove(event.at, by, last.shown, team.shown, event.cause))
            last = team
    return tuple(found)


def since_reopened(timeline: Sequence[Event], desk: Desk) -> tuple[TeamMove, ...]:
    """The moves after the last re-opening: with it the story starts over."""
    again = max((e.at for e in timeline if e.kind is EventKind.REOPENED), default=None)
    return tuple(move for move in team_moves(timeline, desk) if again is None or move.at > again)


def recent_moves(
    rules: RuleSet, timeline: Sequence[Event], desk: Desk, now: datetime
) -> tuple[TeamMove, ...]:
    """The moves that count at *now*: those not older than ``within``."""
    given = rules.bounced
    if given is None:
        return ()
    calendar = rules.calendars.get(rules.calendar or "", ALWAYS)
    return tuple(
        move
        for move in since_reopened(timeline, desk)
        if move.at <= now and _young(given, calendar, move, now)
    )


def stopped(
    rules: RuleSet, timeline: Sequence[Event], desk: Desk, now: datetime, owner: str | None
) -> Stop | None:
    """What keeps rules from moving the ticket; None where nothing does, or nobody has it."""
    moves = recent_moves(rules, timeline, desk, now)
    if rules.bounced is None or owner is None or len(moves) < rules.bounced.moves:
        return None
    return Stop(moves, owner)


def bounces(
    rules: RuleSet, timeline: Sequence[Event], desk: Desk, events: Sequence[Event]
) -> tuple[Event, ...]:
    """For each of *events* that makes one move too many, an event of kind ``bounced``.

    *events* that are not on the *timeline* yet are taken to follow it. A further move of a ticket
    that is stopped already is not told again.
    """
    given = rules.bounced
    if given is None or not any(event.change_of("owner") for event in events):
        return ()
    whole = (*timeline, *(event for event in events if event not in timeline))
    found = []
    for event in events:
        if event.kind is not EventKind.CHANGED or event.change_of("owner") is None:
            continue
        known = whole[: whole.index(event) + 1]
        moves = recent_moves(rules, known, desk, event.at)
        own = sum(move.cause == event.cause for move in moves)
        if own and len(moves) >= given.moves > len(moves) - own:
            found.append(replace(event, kind=EventKind.BOUNCED))
    return tuple(found)


def _young(given: Bounced, calendar: Calendar, move: TeamMove, now: datetime) -> bool:
    if given.within is None:
        return True
    return now < calendar.add(move.at, given.within)
