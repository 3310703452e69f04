"""How entities hang together: which sub-entities each base entity has and how to reach them."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from kace_bridge.sandbox.columns import (
    ASSET,
    CATEGORY,
    CHANGE,
    FIELD,
    IMPACT,
    LOCATION,
    MACHINE,
    PRIORITY,
    QUEUE,
    STATUS,
    TICKET,
    TICKET_ASSET,
    TICKET_MACHINE,
    USER,
    Entity,
)
from kace_bridge.sandbox.data import Change, Field, Queue, Ticket
from kace_bridge.sandbox.desk import Desk


@dataclass(frozen=True, slots=True)
class Sub:
    """A sub-entity: one row of desk table *table* by *reference*, or *many* that *read* finds."""

    entity: Entity
    read: Callable[[Desk, Any], Any]
    many: bool = False
    reference: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    entity: Entity
    subs: dict[str, Sub]


def _one(entity: Entity, reference: str, table: str) -> Sub:
    key = attrgetter(reference)
    rows = attrgetter(table)
    return Sub(entity, lambda desk, row: rows(desk).get(key(row)), False, reference, table)


def _related(desk: Desk, ticket: Ticket) -> list[Ticket]:
    return [desk.tickets[i] for i in ticket.related if i in desk.tickets]


def _referring(desk: Desk, ticket: Ticket) -> list[Ticket]:
    return [desk.tickets[i] for i in sorted(desk.referrers.get(ticket.id, ()))]


def _changes(_: Desk, ticket: Ticket) -> list[Change]:
    return ticket.changes


def shown_fields(_: Desk, queue: Queue) -> list[Field]:
    """Hidden custom fields are left out (contract section 4.10)."""
    return [
        field
        for field in queue.fields
        if field.visible != "hidden" or not field.name.startswith("CUSTOM_")
    ]


_BASES = {
    "hd_ticket": Base(
        TICKET,
        {
            "owner": _one(USER, "owner_id", "users"),
            "submitter": _one(USER, "submitter_id", "users"),
            "approver": _one(USER, "approver_id", "users"),
            "queue": _one(QUEUE, "hd_queue_id", "queues"),
            "status": _one(STATUS, "status_id", "statuses"),
            "priority": _one(PRIORITY, "priority_id", "priorities"),
            "category": _one(CATEGORY, "category_id", "categories"),
            "impact": _one(IMPACT, "impact_id", "impacts"),
            "machine": _one(TICKET_MACHINE, "machine_id", "machines"),
            "asset": _one(TICKET_ASSET, "asset_id", "assets"),
            "related_tickets": Sub(TICKET, _related, many=True),
            "referring_tickets": Sub(TICKET, _referring, many=True),
            "changes": Sub(CHANGE, _changes, many=True),
        },
    ),
    "hd_ticket_change": Base(CHANGE, {"user": _one(USER, "user_id", "users")}),
    "hd_queue": Base(QUEUE, {"fields": Sub(FIELD, shown_fields, many=True)}),
    "user": Base(USER, {"location": _one(LOCATION, "location_id", "locations")}),
    "machine": Base(MACHINE, {}),
    "asset": Base(ASSET, {"owner": _one(USER, "owner_id", "users")}),
}


def base_entity(name: str) -> Base:
    return _BASES[name]
