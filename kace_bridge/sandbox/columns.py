"""What each entity shows at each shaping level, and what may be filtered and sorted on it.

One table serves both, so a field that can be shown can be asked for. Source: contract sections
3.4, 4.13, 5.1 and 5.4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from kace_bridge.sandbox.data import Ticket, User
from kace_bridge.sandbox.text import strip_tags

LIMITED, STANDARD, EXTENDED, ALL, NEVER = range(5)
LEVELS = {
    "limited": LIMITED,
    "standard": STANDARD,
    "regular": STANDARD,
    "extended": EXTENDED,
    "all": ALL,
}
Kind = Literal["int", "text", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """*level* is the lowest that shows it; *blank* shows it even when empty."""

    name: str
    key: str
    kind: Kind
    level: int
    read: Callable[[Any], Any]
    blank: bool
    show: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A named set of columns; *base* is its name in shaping and as a filter prefix."""

    base: str
    columns: dict[str, Column]
    shown: tuple[tuple[Column, ...], ...]  # by level


def _column(
    name: str,
    level: int,
    kind: Kind = "text",
    *,
    read: Callable[[Any], Any] | None = None,
    key: str = "",
    blank: bool = True,
    show: Callable[[Any], Any] | None = None,
) -> Column:
    return Column(name, key or name, kind, level, read or attrgetter(name), blank, show)


def _entity(base: str, *columns: Column) -> Entity:
    shown = tuple(tuple(c for c in columns if c.level <= level) for level in range(NEVER))
    return Entity(base, {column.name: column for column in columns}, shown)


def _ref(name: str, attribute: str, level: int = ALL) -> Column:
    """A raw foreign key: omitted when zero (contract section 4.13)."""
    return _column(name, level, "int", read=attrgetter(attribute), blank=False)


def _number(name: str, level: int) -> Column:
    return _column(name, level, "int")


def _date(name: str, level: int) -> Column:
    return _column(name, level, "date", blank=False)


TICKET = _entity(
    "hd_ticket",
    _number("id", LIMITED),
    _column("title", LIMITED),
    _date("created", STANDARD),
    _date("modified", STANDARD),
    _number("hd_queue_id", STANDARD),
    _date("due_date", STANDARD),
    _column("summary", EXTENDED),
    _column("resolution", EXTENDED),
    _column("resolution_plaintext", EXTENDED, read=lambda t: strip_tags(t.resolution)),
    _column("cc_list", EXTENDED),
    _number("is_manual_due_date", EXTENDED),
    _ref("submitter_id", "submitter_id"),
    _ref("owner_id", "owner_id"),
    _ref("approver_id", "approver_id"),
    _ref("hd_status_id", "status_id"),
    _ref("hd_priority_id", "priority_id"),
    _ref("hd_category_id", "category_id"),
    _ref("hd_impact_id", "impact_id"),
    _ref("machine_id", "machine_id"),
    _ref("asset_id", "asset_id"),
    _column("approve_state", NEVER),
    _date("time_opened", NEVER),
    _date("time_closed", NEVER),
    _date("time_stalled", NEVER),
    _date("escalated", NEVER),
    _date("sla_notified", NEVER),
)
TIMES = ("time_opened", "time_closed", "time_stalled", "escalated", "sla_notified")

USER = _entity(
    "user",
    _number("id", LIMITED),
    _column("user_name", LIMITED),
    _column("email", LIMITED),
    _column("full_name", LIMITED),
    _number("is_archived", STANDARD),
    _date("archived_date", EXTENDED),
    _column("work_phone", EXTENDED),
    _date("created", EXTENDED),
    _date("modified", EXTENDED),
    _ref("manager_id", "manager_id"),
    _ref("location_id", "location_id", EXTENDED),
)
LOCATION = _entity("location", _number("id", LIMITED), _column("name", LIMITED))
QUEUE = _entity(
    "hd_queue",
    _number("id", LIMITED),
    _column("name", LIMITED),
    _column("email", EXTENDED),
    _number("allow_delete", ALL),
    _ref("default_status_id", "default_status_id"),
    _ref("default_priority_id", "default_priority_id"),
    _ref("default_category_id", "default_category_id"),
    _ref("default_impact_id", "default_impact_id"),
)
STATUS = _entity(
    "hd_status",
    _number("id", LIMITED),
    _column("name", LIMITED),
    _number("ordinal", STANDARD),
    _column("state", STANDARD),
    _ref("hd_queue_id", "hd_queue_id"),
)
PRIORITY = _entity(
    "hd_priority",
    _number("id", LIMITED),
    _column("name", LIMITED),
    _number("ordinal", STANDARD),
    _column("color", STANDARD),
    _number("is_sla_enabled", STANDARD),
    _number("escalation_minutes", ALL),
    _ref("hd_queue_id", "hd_queue_id"),
)
IMPACT = _entity(
    "hd_impact",
    _number("id", LIMITED),
    _number("ordinal", STANDARD),
    _column("name", LIMITED),
    _ref("hd_queue_id", "hd_queue_id"),
)
CATEGORY = _entity(
    "hd_category",
    _number("id", LIMITED),
    _column("name", LIMITED),
    _number("ordinal", EXTENDED),
    _ref("default_owner_id", "default_owner_id"),
    _ref("hd_queue_id", "hd_queue_id"),
)
CHANGE = _entity(
    "hd_ticket_change",
    _number("id", LIMITED),
    _number("hd_ticket_id", STANDARD),
    _date("timestamp", STANDARD),
    _ref("user_id", "user_id", STANDARD),
    _column("comment", STANDARD),
    _column("description", STANDARD),
    _column("owners_only_description", STANDARD),
    _number("owners_only", STANDARD),
    # The captured rows do not carry it; a mailed one must be tellable at any level.
    _ref("via_email", "via_email", STANDARD),
)
MACHINE = _entity(
    "machine",
    _column("id", LIMITED, "int", key="Id", show=str),
    _column("name", LIMITED, key="Name"),
    _column("ip", STANDARD, key="Ip"),
    _column("os_name", STANDARD, key="Os_name", show=lambda v: v or "empty"),
    _column("ram_total", STANDARD, key="Ram Total", show=lambda v: v or "empty"),
    _column(
        "last_inventory",
        STANDARD,
        "date",
        key="Last_inventory",
        show=lambda v: v or "0000-00-00 00:00:00",
    ),
    _column("user", EXTENDED, key="User", show=lambda v: v or "empty"),
)
TICKET_MACHINE = _entity("machine", _number("id", LIMITED), _column("name", LIMITED))
ASSET = _entity(
    "asset",
    _number("id", LIMITED),
    _column("name", LIMITED),
    _number("asset_type_id", STANDARD),
    _column("asset_type_name", STANDARD),
    _number("owner_id", STANDARD),
    _number("asset_class_id", STANDARD),
    _number("mapped_id", STANDARD),
    _number("asset_status_id", STANDARD),
    _column("archive", STANDARD),
    _date("created", STANDARD),
    _date("modified", STANDARD),
)
TICKET_ASSET = _entity(
    "asset",
    _number("id", LIMITED),
    _number("asset_type_id", STANDARD),
    _column("name", LIMITED),
    _number("owner_id", STANDARD),
    _number("asset_class_id", STANDARD),
)
FIELD = _entity(
    "fields",
    _number("id", LIMITED),
    _number("hd_queue_id", LIMITED),
    _column("name", LIMITED),
    _column("hd_ticket_field_name", LIMITED, read=attrgetter("key"), blank=False),
    _number("ordinal", LIMITED),
    _column("required_state", LIMITED, read=attrgetter("required")),
    _column("field_label", LIMITED, read=attrgetter("label")),
    _column("visible", LIMITED),
)


@lru_cache(maxsize=128)
def custom_column(name: str) -> Column | None:
    """The column of ``custom_N``, any N; None for another name."""
    number = name.removeprefix("custom_")
    if number == name or not number.isdecimal():
        return None

    def read(ticket: Ticket) -> str:
        return ticket.custom.get(int(number), "")

    return Column(name, name, "text", EXTENDED, read, False)


def wildcard(ticket: Ticket, people: dict[int, User]) -> str:
    """All text ``*`` looks at: the ticket's own and its owner's and submitter's names."""
    parts = [ticket.title, ticket.summary, ticket.resolution, ticket.cc_list]
    parts += ticket.custom.values()
    for key in (ticket.owner_id, ticket.submitter_id):
        if user := people.get(key):
            parts += [user.user_name, user.full_name, user.email]
    return "\n".join(parts)
