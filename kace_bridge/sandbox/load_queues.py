"""Queues from their JSON form: own choices, owners, defaults, fields and switches."""

from typing import Any

from kace_bridge.sandbox.data import Category, Field, Impact, Priority, Queue, Status
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.fresh import DEFAULTS, add_queue, choice_tables, queue_fields
from kace_bridge.sandbox.references import REFERENCES, read_reference
from kace_bridge.sandbox.settings import Settings

PLURALS = {
    "status": "statuses",
    "priority": "priorities",
    "category": "categories",
    "impact": "impacts",
}
_MAKERS: dict[str, Any] = {
    "status": Status,
    "priority": Priority,
    "category": Category,
    "impact": Impact,
}
STATES = ("opened", "closed", "stalled")
REQUIRED = ("none", "all", *STATES)


def load_queue(desk: Desk, settings: Settings, row: dict[str, Any]) -> Queue:
    """One queue; a list of choices given replaces the fresh ones of that kind."""
    key = int(row.get("id") or max([0, *desk.queues]) + 1)
    queue = desk.queues.get(key)
    if queue is None:
        queue = add_queue(desk, key, str(row["name"]), settings.submitter_required)
    queue.name = str(row.get("name", queue.name))
    queue.email = str(row.get("email", queue.email))
    queue.allow_delete = int(row.get("allow_delete", queue.allow_delete))
    queue.owners_only_comments = int(row.get("owners_only_comments", queue.owners_only_comments))
    if "owners" in row:
        queue.owners = [_user_name(desk, value) for value in row["owners"]]
    if "email_events" in row:
        queue.email_events = [(str(who), str(what)) for who, what in row["email_events"]]
    for kind, plural in PLURALS.items():
        if plural in row:
            _load_choices(desk, queue, kind, row[plural])
        if f"default_{kind}" in row:
            chosen = row[f"default_{kind}"]
            ref = REFERENCES[kind]
            setattr(queue, ref_default(kind), read_reference(desk, ref, chosen, queue.id, True))
    _load_fields(queue, row.get("fields") or {})
    return queue


def ref_default(kind: str) -> str:
    return f"default_{kind}_id"


def _user_name(desk: Desk, value: Any) -> str:
    key = read_reference(desk, REFERENCES["owner"], value, 0, names_allowed=True)
    return desk.users[key].user_name


def _load_choices(desk: Desk, queue: Queue, kind: str, rows: list[Any]) -> None:
    table: dict[int, Any] = dict(choice_tables(desk)[kind])
    old = {row.name: row for row in table.values() if row.hd_queue_id == queue.id}
    for row in old.values():
        del table[row.id]
    kept: list[Any] = []
    for ordinal, value in enumerate(rows):
        sent = value if isinstance(value, dict) else {"name": str(value)}
        choice = _choice(desk, queue, kind, sent, ordinal, old, table)
        if choice.id in table:
            raise ValueError(f"{kind} id {choice.id} is taken")
        table[choice.id] = choice
        kept.append(choice)
    setattr(desk, PLURALS[kind], table)
    ids = [choice.id for choice in kept]
    if getattr(queue, ref_default(kind)) not in ids:
        usual = next((c.id for c in kept if c.name == DEFAULTS[kind]), ids[0] if ids else 0)
        setattr(queue, ref_default(kind), usual)


def _choice(
    desk: Desk,
    queue: Queue,
    kind: str,
    sent: dict[str, Any],
    ordinal: int,
    old: dict[str, Any],
    table: dict[int, Any],
) -> Any:
    """The choice sent, keeping the id of the fresh one of that name."""
    name = str(sent["name"])
    known = old.get(name)
    taken = [*table, *(row.id for row in old.values())]
    key = int(sent.get("id") or (known.id if known else max([0, *taken]) + 1))
    values: dict[str, Any] = {"ordinal": int(sent.get("ordinal", ordinal))}
    if kind == "status":
        values["state"] = str(sent.get("state") or (known.state if known else "opened"))
        if values["state"] not in STATES:
            raise ValueError(f"status {name}: state must be one of {', '.join(STATES)}")
    if kind == "priority":
        values["color"] = str(sent.get("color", known.color if known else ""))
        for attribute in (
            "escalation_minutes",
            "is_sla_enabled",
            "resolution_due_date_minutes",
            "sla_notification_recurrence_minutes",
        ):
            values[attribute] = int(sent.get(attribute, getattr(known, attribute, 0)))
    if kind == "category":
        values["cc_list"] = str(sent.get("cc_list", known.cc_list if known else ""))
        owner = sent.get("default_owner", known.default_owner_id if known else 0)
        values["default_owner_id"] = read_reference(desk, REFERENCES["owner"], owner, 0, True)
    return _MAKERS[kind](key, queue.id, name, **values)


def _load_fields(queue: Queue, fields: Any) -> None:
    """``{"RESOLUTION": {"required": "closed"}}``; custom fields are enabled by ``visible``."""
    if not queue.fields:
        queue.fields = queue_fields(queue.id, False)
    for name, sent in dict(fields).items():
        field = _field(queue, str(name))
        field.label = str(sent.get("label", field.label))
        field.visible = str(sent.get("visible", field.visible))
        field.required = str(sent.get("required", field.required))
        if field.required not in REQUIRED:
            raise ValueError(f"field {name}: required must be one of {', '.join(REQUIRED)}")


def _field(queue: Queue, name: str) -> Field:
    for field in queue.fields:
        if name in (field.name, field.key):
            return field
    raise ValueError(f"field {name} does not exist")
