"""Saying that somebody has a ticket in hand: its escalations wait for a while."""

from collections.abc import Sequence
from datetime import datetime

from kace_bridge.errors import UsageError
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import UserName
from kace_bridge.rules.acknowledge import acknowledged, as_change
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sla.calendar import Calendar
from kace_bridge.sla.duration import Duration, parse_duration
from kace_bridge.state.rows import DueRow, PageCommit
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.verbs.carry_out import carry_out, open_book
from kace_bridge.sync.verbs.scene import Scene
from kace_bridge.sync.verbs.tickets import Ids
from kace_bridge.sync.verbs.wish import Answer, CommandResult, Declined, Order, Wish
from kace_bridge.sync.wire import Bridge
from kace_bridge.sync.work import RETRY

HELD = "escalation"
"""What the result calls the thing that changes: it is no field of the ticket."""


def acknowledge(
    bridge: Bridge, ids: Ids, *, person: str, length: str = "4bh", reason: str = "",
    dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Hold every escalation of the tickets back for *length*; a note for owners says so.

    Levels that are reached meanwhile are taken once it is over, unless the ticket was answered or
    closed. A re-opening ends it. Raises UsageError for a length that is none.
    """
    try:
        span = parse_duration(length)
    except ValueError as error:
        raise UsageError(f"--for: {error}") from None
    book = open_book(bridge)
    now = bridge.now()
    until: dict[int, datetime] = {}

    def decide(scene: Scene) -> Answer:
        if scene.ticket.state == "closed":
            return Declined("it is closed: nothing escalates", fails=True)
        end = _end(bridge.site.rules, book, scene, span, now)
        until[scene.ticket.id] = end
        shown = end.astimezone(bridge.zone).strftime("%Y-%m-%d %H:%M")
        why = f": {reason}" if reason else "."
        return Wish(
            {}, f"In hand, says {person}; no escalation until {shown}{why}",
            shown={HELD: ("as the rules say", f"held until {shown}")},
        )  # fmt: skip

    results = carry_out(bridge, book, ids, Order("ack", person, reason), decide, dry_run=dry_run)
    _record(bridge, results, person, now, until)
    return results


def resume(
    bridge: Bridge, ids: Ids, *, person: str, reason: str = "", dry_run: bool = False
) -> list[CommandResult]:
    """End an acknowledgement: what is due is taken by the next sync."""
    book = open_book(bridge)
    now = bridge.now()

    def decide(scene: Scene) -> Answer:
        held = acknowledged(bridge.store.timelines([scene.ticket.id])[scene.ticket.id], now)
        if held is None:
            return Declined("escalation is not held: nothing to end")
        why = f": {reason}" if reason else "."
        return Wish(
            {}, f"Escalation resumes, says {person}{why}",
            shown={HELD: ("held", "as the rules say")},
        )  # fmt: skip

    results = carry_out(bridge, book, ids, Order("ack", person, reason), decide, dry_run=dry_run)
    _record(bridge, results, person, now, {})
    for result in results:
        if result.state in {"applied", "unknown"}:
            _look_again(bridge, result)
    return results


def _record(
    bridge: Bridge, results: list[CommandResult], person: str, now: datetime,
    until: dict[int, datetime],
) -> None:  # fmt: skip
    """Put it on the timelines, once the note is on the ticket."""
    done = [result.ticket for result in results if result.state in {"applied", "unknown"}]
    if not done:
        return
    said = bridge.store.timelines(done)
    events = tuple(
        Event(
            EventKind.CHANGED, ticket, now, f"ack:{_count(said.get(ticket, ()))}",
            UserName(person), staff=True, public=False, changes=(as_change(until.get(ticket)),),
        )
        for ticket in done
    )  # fmt: skip
    bridge.store.commit_page(PageCommit("", events=events))


def _count(timeline: Sequence[Event]) -> int:
    """How often it was said before: each word is an event of its own."""
    return sum(event.cause.startswith("ack:") for event in timeline)


def _look_again(bridge: Bridge, result: CommandResult) -> None:
    """Have the next sync judge the ticket: its levels were put off until the end that is void."""
    row = DueRow(result.ticket, RETRY, 0, bridge.now())
    bridge.store.set_due([result.ticket], [row])


def _end(rules: RuleSet, book: DeskBook, scene: Scene, span: Duration, now: datetime) -> datetime:
    calendar = calendar_of(rules, book, scene.ticket.value("owner"))
    if calendar is None:
        if span.is_business:
            raise UsageError("--for in working time needs a calendar: write 4h, or name one"
                             " as 'calendar:' in the configuration")  # fmt: skip
        return now + span.nominal
    return calendar.add(now, span)


def calendar_of(rules: RuleSet, book: DeskBook, owner: str | None) -> Calendar | None:
    """Whose hours count: the owner's team's, else the site's."""
    team = book.desk.team_of(owner)
    return rules.calendars.get((team.calendar if team else None) or rules.calendar or "")
