"""What the rules hold back on one ticket, and why, in one line each: for cards and ledgers."""

from collections.abc import Sequence
from datetime import datetime

from kace_bridge.model.event import Event
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.acknowledge import acknowledged
from kace_bridge.rules.bounced import stopped
from kace_bridge.rules.facts import Desk
from kace_bridge.sync.wire import Bridge


def standing(
    bridge: Bridge, ticket: Ticket, timeline: Sequence[Event], now: datetime
) -> tuple[str, ...]:
    """Escalations that wait, moves that rules no longer make; empty where all is as usual."""
    rules, found = bridge.site.rules, []
    held = acknowledged(timeline, now)
    if held is not None:
        found.append(f"Escalation waits: {held.told(ticket.zone)}.")
    stop = stopped(rules, timeline, Desk(teams=rules.teams), now, ticket.value("owner"))
    if stop is not None:
        found.append(f"Rules no longer move it: {stop.told(ticket.zone)} ({stop.way}).")
    return tuple(found)


def standing_of(bridge: Bridge, ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """The same from the store alone: as of the last sync."""
    timeline = bridge.store.timelines([ticket.id]).get(ticket.id, ())
    return standing(bridge, ticket, timeline, now)
