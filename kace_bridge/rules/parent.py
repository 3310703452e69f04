"""Tickets that belong to another one: a major incident and what people report of it.

A field of the child names its parent. While that is open the child's escalations wait, and what
happens to the parent is news for the child (events ``{parent: ...}``). The appliance's own notion
of parent and child is not proved in its API (contract section 4.13), so a custom field carries it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.model.people import to_int
from kace_bridge.model.ticket import Ticket

RECHECK = timedelta(hours=6)
"""How often a child is looked at although nothing was heard of its parent: that may vanish."""
SHARED = frozenset({EventKind.COMMENTED, EventKind.CLOSED, EventKind.REOPENED})
"""What children hear of."""
OF_APPLIANCE = "parent"
"""The source that stands for keys an appliance may use of itself."""
_KEYS = ("parent", "parent_id", "parent_ticket_id")
_NUMBER = re.compile(r"(?:TICK:|#)?([1-9][0-9]{0,9})", re.IGNORECASE)


def read_number(text: str) -> TicketId | None:
    """The ticket meant by ``4411``, ``#4411`` or ``TICK:4411``; None for anything else."""
    found = _NUMBER.fullmatch(text.strip())
    return TicketId(int(found[1])) if found else None


def parent_of(ticket: Ticket, source: str) -> TicketId | None:
    """The ticket that *ticket* belongs to by its field *source*; None where there is none.

    A ticket that names itself belongs to none.
    """
    number = None
    if source == OF_APPLIANCE:
        for key in _KEYS:
            value = ticket.record.get(key)
            number = to_int(value.get("id") if isinstance(value, Mapping) else value)
            if number:
                break
    elif source:
        number = read_number(ticket.text(source))
    return TicketId(number) if number and number > 0 and number != ticket.id else None


def quieted(source: str, ticket: Ticket, parent: Ticket | None) -> str:
    """Why the escalations of *ticket* wait; empty where they do not.

    One level deep on purpose: a parent that itself has one quiets nobody, so no circle of tickets
    can silence all of its members.
    """
    if parent is None or parent.id == ticket.id or parent.state not in ("opened", "stalled"):
        return ""
    if parent_of(ticket, source) != parent.id or parent_of(parent, source) is not None:
        return ""
    return f"ticket {parent.id}, which it belongs to, is open"


def as_news(events: Iterable[Event]) -> tuple[Event, ...]:
    """What *events* of a parent are to its children: once for each, whoever caused them."""
    return tuple(
        replace(event, cause=f"parent:{event.ticket}:{event.cause}", own=False, changes=())
        for event in events
        if event.kind in SHARED
    )
