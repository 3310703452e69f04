"""What the rules hold back on one ticket, and why, in one line each: for cards and ledgers."""

from collections.abc import Sequence
from datetime import datetime

from kace_bridge.model.event import Event
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.acknowledge import acknowledged
from kace_bridge.rules.bounced import stopped
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.parent import quieted
from kace_bridge.state.rows import Snapshot
from kace_bridge.sync.family import parents_of
from kace_bridge.sync.wire import Bridge

_SHOWN = 20


def standing(
    bridge: Bridge, ticket: Ticket, timeline: Sequence[Event], now: datetime
) -> tuple[str, ...]:
    """Escalations that wait, moves that rules no longer make; empty where all is as usual."""
    rules, found = bridge.site.rules, []
    held = acknowledged(timeline, now)
    if held is not None:
        found.append(f"Escalation waits: {held.told(ticket.zone)}.")
    parent = parents_of(rules, bridge.store, [ticket]).get(ticket.id)
    if why := quieted(rules.parent, ticket, parent):
        found.append(f"Escalation waits: {why}.")
    elif parent is not None:
        found.append(f"Belongs to ticket {parent.id} ({parent.value('status') or 'unknown'}).")
    family = bridge.store.children([ticket.id]) if rules.parent else []
    if family:
        found.append(_family(family))
    stop = stopped(rules, timeline, Desk(teams=rules.teams), now, ticket.value("owner"))
    if stop is not None:
        found.append(f"Rules no longer move it: {stop.told(ticket.zone)} ({stop.way}).")
    return tuple(found)


def _family(children: Sequence[Snapshot]) -> str:
    """``Parent of 3 tickets, 2 open: #41, #42.``"""
    opened = [child for child in children if child.state != "closed"]
    total = "1 ticket" if len(children) == 1 else f"{len(children)} tickets"
    shown = ", ".join(f"#{child.ticket}" for child in opened[:_SHOWN])
    more = f" and {len(opened) - _SHOWN} more" if len(opened) > _SHOWN else ""
    return f"Parent of {total}, {len(opened)} open{': ' if shown else ''}{shown}{more}."


def standing_of(bridge: Bridge, ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """The same from the store alone: as of the last sync."""
    timeline = bridge.store.timelines([ticket.id]).get(ticket.id, ())
    return standing(bridge, ticket, timeline, now)
