"""A desk in the JSON form that ``load`` takes."""

import base64
from collections.abc import Mapping
from typing import Any

from kace_bridge.sandbox.data import Change, Queue, Ticket, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.fresh import choice_tables
from kace_bridge.sandbox.load_queues import PLURALS
from kace_bridge.sandbox.references import REFERENCES

Row = dict[str, Any]


def dump_desk(desk: Desk) -> Row:
    """Users and choices by name, everything else by id; archived tickets are gone."""
    return {
        "users": [_user(desk, user) for _, user in sorted(desk.users.items())],
        "queues": [_queue(desk, queue) for _, queue in sorted(desk.queues.items())],
        "machines": [_plain(row) for _, row in sorted(desk.machines.items())],
        "assets": [_asset(desk, row) for _, row in sorted(desk.assets.items())],
        "tickets": [_ticket(desk, desk.tickets[key]) for key in desk.ids],
    }


def _plain(thing: Any, skip: tuple[str, ...] = ()) -> Row:
    return {name: getattr(thing, name) for name in thing.__slots__ if name not in skip}


def _name(table: Mapping[int, User], key: int) -> str | None:
    user = table.get(key)
    return user.user_name if user else None


def _user(desk: Desk, user: User) -> Row:
    row = _plain(user, ("location_id", "manager_id"))
    location = desk.locations.get(user.location_id)
    return row | {"location": location.name if location else ""}


def _asset(desk: Desk, asset: Any) -> Row:
    row = _plain(asset, ("owner_id", "mapped_id"))
    return row | {"owner": _name(desk.users, asset.owner_id), "machine": asset.mapped_id}


def _queue(desk: Desk, queue: Queue) -> Row:
    row: Row = {
        "id": queue.id,
        "name": queue.name,
        "email": queue.email,
        "allow_delete": queue.allow_delete,
        "owners_only_comments": queue.owners_only_comments,
        "owners": list(queue.owners),
        "email_events": [list(pair) for pair in queue.email_events],
    }
    for kind, table in choice_tables(desk).items():
        own = [choice for choice in table.values() if choice.hd_queue_id == queue.id]
        rows = [_choice(desk, choice) for choice in own]
        row[PLURALS[kind]] = rows
        default = getattr(queue, f"default_{kind}_id")
        if default:
            row[f"default_{kind}"] = default
    row["fields"] = {
        field.name: {"label": field.label, "visible": field.visible, "required": field.required}
        for field in queue.fields
    }
    return row


def _choice(desk: Desk, choice: Any) -> Row:
    row = _plain(choice, ("hd_queue_id", "default_owner_id"))
    if hasattr(choice, "default_owner_id"):
        row["default_owner"] = _name(desk.users, choice.default_owner_id)
    return row


_SKIPPED = (
    *(ref.attribute for ref in REFERENCES.values()),
    "custom",
    "related",
    "changes",
)


def _ticket(desk: Desk, ticket: Ticket) -> Row:
    row = {name: value for name, value in _plain(ticket, _SKIPPED).items() if value not in ("", [])}
    for key, ref in REFERENCES.items():
        table: dict[int, Any] = getattr(desk, ref.table)
        target = table.get(getattr(ticket, ref.attribute))
        names_last = ref.table in ("machines", "assets")
        if target is not None:
            row[key] = target.id if names_last else getattr(target, ref.names[0])
        elif ref.per_queue:
            row[key] = None  # absent would mean the queue's default
    row |= {f"custom_{number}": value for number, value in sorted(ticket.custom.items())}
    if ticket.related:
        row["related_tickets"] = list(ticket.related)
    row["changes"] = [_change(desk, change) for change in ticket.changes]
    return row


def _change(desk: Desk, change: Change) -> Row:
    row: Row = {
        "id": change.id,
        "timestamp": change.timestamp,
        "user": _name(desk.users, change.user_id),
        "comment": change.comment,
        "description": change.description,
        "owners_only": change.owners_only,
    }
    if change.owners_only_description:
        row["owners_only_description"] = change.owners_only_description
    if change.via_email:
        row["via_email"] = change.via_email
    if change.changed:
        row["changed"] = {key: list(pair) for key, pair in change.changed.items()}
    if change.attachments:
        row["attachments"] = [
            {
                "id": file.id,
                "file_name": file.file_name,
                "content_base64": base64.b64encode(file.content).decode(),
            }
            for file in change.attachments
        ]
    return row
