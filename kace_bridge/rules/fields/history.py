"""What has happened to the ticket so far, and what is happening now."""

from datetime import timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.bounced import team_moves
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Kind, Value, field

_DAY = timedelta(days=1)


@field("channel", Kind.TEXT, choices=("portal", "phone", "email"))
def channel(facts: Facts) -> Value:
    """How it came in: ``email``, ``phone`` (staff wrote it for somebody else) or ``portal``.

    Not known where the bridge has not seen the ticket being created, or not by whom.

    Example:
        channel: {is: phone}
    """
    born = next((event for event in _happened(facts) if event.kind is EventKind.CREATED), None)
    if born is None:
        return MISSING
    if born.via_email:
        return "email"
    if born.author is None:
        return MISSING
    asker = facts.ticket.submitter
    own = asker is not None and asker.user_name.casefold() == born.author.casefold()
    return "phone" if born.staff and not own else "portal"


@field("reopened", Kind.NUMBER)
def reopened(facts: Facts) -> Value:
    """How often it was re-opened, as far as the bridge has seen.

    Example:
        reopened: {at_least: 2}
    """
    return sum(event.kind is EventKind.REOPENED for event in _happened(facts))


@field("moved", Kind.NUMBER)
def moved(facts: Facts) -> Value:
    """How often it went from one team to another; being taken or dropped is no move.

    Example:
        moved: {more_than: 3}
    """
    return len(team_moves(_happened(facts), facts.desk))


@field("age", Kind.DURATION)
def age(facts: Facts) -> Value:
    """Time since it was submitted, nights and week-ends included.

    Example:
        age: {more_than: 3d}
    """
    created = facts.ticket.created
    return facts.now - created if created else MISSING


@field("idle", Kind.DURATION)
def idle(facts: Facts) -> Value:
    """Time since anybody but this bridge did anything to it, nights and week-ends included.

    Example:
        idle: {more_than: 2d}
    """
    seen = [event.at for event in _happened(facts) if not event.own]
    last = max(seen) if seen else facts.ticket.modified
    return facts.now - last if last else MISSING


@field("days_since_closed", Kind.NUMBER)
def days_since_closed(facts: Facts) -> Value:
    """Days from the last closing to the event being judged (to now where there is none).

    Empty where it was never closed; not known where the bridge did not see the closing.

    Example:
        days_since_closed: {at_most: 14}
    """
    closings = [event.at for event in _happened(facts) if event.kind is EventKind.CLOSED]
    if closings:
        until = facts.event.at if facts.event else facts.now
        return (until - max(closings)) / _DAY
    was_closed = any(event.kind is EventKind.REOPENED for event in _happened(facts))
    return MISSING if was_closed or facts.ticket.state == "closed" else None


@field("comment", Kind.TEXT)
def comment(facts: Facts) -> Value:
    """The comment of the event being judged; empty where the event has none.

    Example:
        comment: {any_word: [thanks, solved]}
    """
    return facts.event.comment if facts.event else MISSING


@field("author", Kind.PERSON)
def author(facts: Facts) -> Value:
    """Who did what is being judged, by login name.

    Example:
        author: {in_team: network}
    """
    if facts.event is None or facts.event.author is None:
        return MISSING
    return facts.desk.person(facts.event.author)


def _happened(facts: Facts) -> tuple[Event, ...]:
    """The timeline up to the event being judged: what came after it is none of its business."""
    timeline = tuple(facts.timeline)
    if facts.event is None or facts.event.ticket != facts.ticket.id:
        return timeline
    if facts.event in timeline:
        return timeline[: timeline.index(facts.event) + 1]
    return (*(event for event in timeline if event.at <= facts.event.at), facts.event)
