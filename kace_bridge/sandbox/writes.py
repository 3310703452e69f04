"""Saving a ticket: read the body, check it, apply it, write one history row.

Source: contract sections 4.3 to 4.6.
"""

from dataclasses import dataclass
from typing import Any

from kace_bridge.sandbox.columns import custom_column
from kace_bridge.sandbox.data import Change, Queue, Ticket, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.effects import follow_up
from kace_bridge.sandbox.exchange import ApiError
from kace_bridge.sandbox.query import read_date
from kace_bridge.sandbox.references import PER_QUEUE, REFERENCES, read_reference, show_reference
from kace_bridge.sandbox.roles import holds_label, is_staff
from kace_bridge.sandbox.schedule import plan
from kace_bridge.sandbox.settings import Settings
from kace_bridge.sandbox.sla import set_due_date
from kace_bridge.sandbox.text import strip_tags
from kace_bridge.sandbox.words import describe_changes, words_of

TEXTS = ("title", "summary", "resolution", "cc_list")
NO_DATE = (None, "", 0, "0000-00-00 00:00:00")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves, when (an appliance-local stamp), and on what terms.

    *names_allowed* lets references be names; *ignored* keys are dropped unseen.
    """

    desk: Desk
    settings: Settings
    actor: User
    stamp: str
    names_allowed: bool = False
    ignored: frozenset[str] = frozenset()


def create_ticket(save: Save, body: Values) -> Ticket:
    """A new ticket with the queue's defaults; ApiError 400 for a body that cannot be saved."""
    body = {key: value for key, value in body.items() if key not in save.ignored}
    queue = _queue(save.desk, body.get("hd_queue_id"))
    ticket = Ticket(0, queue.id, "Untitled", save.stamp, save.stamp)
    for ref in PER_QUEUE:
        setattr(ticket, ref.attribute, getattr(queue, f"default_{ref.key}_id"))
    values = read_values(save, body, queue.id)
    values["title"] = values.get("title") or "Untitled"
    check_required(save, ticket, values)
    _assign(save.desk, ticket, values)
    if ticket.due_date and "is_manual_due_date" not in values:
        ticket.is_manual_due_date = 1
    category = save.desk.categories.get(ticket.category_id)
    if category and "owner" not in body and save.settings.category_default_owner:
        ticket.owner_id = category.default_owner_id
    change = Change(
        0, 0, save.stamp, save.actor.id, description=words_of(save.settings.locale).created
    )
    _read_comment(save, queue, body, change)
    change.via_email = max(change.via_email, int(body.get("via") == "email"))
    _commit_new(save, ticket, change)
    return ticket


def _commit_new(save: Save, ticket: Ticket, change: Change) -> None:
    desk = save.desk
    ticket.id = change.hd_ticket_id = desk.next_ticket_id()
    change.id = desk.next_change_id()
    ticket.changes.append(change)
    stamp_state(desk, ticket, save.stamp)
    set_due_date(desk, ticket)
    desk.add(ticket)
    plan(desk, save.settings, ticket, save.stamp)
    follow_up(desk, save.settings, ticket, change, save.stamp, created=True)


def update_ticket(save: Save, ticket: Ticket, body: Values) -> Change | None:
    """Apply the keys sent; the history row written, or None when nothing differed."""
    body = {key: value for key, value in body.items() if key not in save.ignored}
    desk = save.desk
    queue = _queue(desk, body.get("hd_queue_id", ticket.hd_queue_id))
    values = read_values(save, body, queue.id)
    if queue.id != ticket.hd_queue_id:
        values |= {"hd_queue_id": queue.id} | _moved_choices(save, ticket, queue, values)
    check_required(save, ticket, values)
    change = Change(0, ticket.id, save.stamp, save.actor.id)
    _read_comment(save, queue, body, change)
    before_state = desk.state_of(ticket)
    change.changed = _assign(desk, ticket, values)
    if not change.changed and not change.comment:
        return None
    change.description = describe_changes(save.settings.locale, change.changed)
    _settle(save, ticket, change, before_state, "is_manual_due_date" in values)
    follow_up(desk, save.settings, ticket, change, save.stamp, created=False)
    return change


def _settle(
    save: Save, ticket: Ticket, change: Change, before_state: str, manual_sent: bool
) -> None:
    desk, settings = save.desk, save.settings
    if desk.state_of(ticket) != before_state:
        stamp_state(desk, ticket, save.stamp)
    if "due_date" in change.changed:
        if not manual_sent:
            ticket.is_manual_due_date = int(bool(ticket.due_date))
    elif "priority" in change.changed:
        set_due_date(desk, ticket)
    elif settings.due_date_lost_on_update and not ticket.is_manual_due_date:
        ticket.due_date = ""
    change.id = desk.next_change_id()
    ticket.changes.append(change)
    moves = change.changed or settings.modified_moves_on_comment
    desk.touch(ticket, save.stamp if moves else ticket.modified)
    plan(desk, settings, ticket, save.stamp)


def stamp_state(desk: Desk, ticket: Ticket, stamp: str) -> None:
    """Record when the ticket entered its state (contract section 9.3, point 42)."""
    state = desk.state_of(ticket)
    if state:
        setattr(ticket, f"time_{state}", stamp)


def read_values(save: Save, body: Values, queue_id: int) -> Values:
    """Typed values of the keys sent; unknown keys are ignored, as strings or not."""
    values: Values = {}
    for key in TEXTS:
        if key in body:
            values[key] = "" if body[key] is None else str(body[key])
    if "title" in values:
        values["title"] = values["title"][:255]
    if "is_manual_due_date" in body:
        values["is_manual_due_date"] = int(str(body["is_manual_due_date"]) in ("1", "True", "true"))
    if "due_date" in body:
        values["due_date"] = _read_due_date(body["due_date"])
    for key, ref in REFERENCES.items():
        if key in body:
            values[key] = _read_reference(save, key, body[key], queue_id, ref.per_queue)
    if values.get("owner") and save.settings.owner_label_enforced:
        owner = save.desk.users[values["owner"]]
        if not holds_label(save.desk, owner, queue_id):
            raise ApiError(400, f"Invalid owner: {owner.user_name} is no owner of this queue")
    for key, value in body.items():
        if custom_column(key):
            values[key] = "" if value is None else str(value)
    if isinstance(body.get("related_tickets"), list):
        values["related_tickets"] = [_ticket_id(save.desk, v) for v in body["related_tickets"]]
    return {key: value for key, value in values.items() if value is not NotImplemented}


def _read_reference(save: Save, key: str, value: Any, queue_id: int, per_queue: bool) -> Any:
    try:
        return read_reference(
            save.desk, REFERENCES[key], value, queue_id, names_allowed=save.names_allowed
        )
    except ApiError:
        if per_queue and save.settings.foreign_reference == "ignore":
            return NotImplemented
        raise


def _read_due_date(value: Any) -> str:
    if value in NO_DATE:
        return ""
    try:
        return read_date(str(value))
    except ValueError:
        raise ApiError(400, f"Invalid due_date: {value!r}") from None


def _ticket_id(desk: Desk, value: Any) -> int:
    key = value.get("id") if isinstance(value, dict) else value
    if not str(key).isdecimal() or int(str(key)) not in desk.tickets:
        raise ApiError(400, f"Invalid related_tickets: {key!r} does not exist")
    return int(str(key))


def _queue(desk: Desk, value: Any) -> Queue:
    key = value.get("id") if isinstance(value, dict) else value
    queue = desk.queues.get(int(str(key))) if str(key).isdecimal() else None
    if queue is None:
        raise ApiError(400, f"Invalid hd_queue_id: {key!r} does not exist")
    return queue


def _moved_choices(save: Save, ticket: Ticket, queue: Queue, values: Values) -> Values:
    """What a moved ticket's choices become; those not sent along must be mapped or refused."""
    moved: Values = {}
    for ref in PER_QUEUE:
        current = getattr(ticket, ref.attribute)
        if ref.key in values or not current:
            continue
        if save.settings.queue_move == "strict":
            raise ApiError(400, f"Invalid {ref.key}: {current} does not exist in queue {queue.id}")
        name = show_reference(save.desk, ref, current)
        try:
            moved[ref.key] = read_reference(save.desk, ref, name, queue.id, names_allowed=True)
        except ApiError:
            moved[ref.key] = getattr(queue, f"default_{ref.key}_id")
    return moved


def check_required(save: Save, ticket: Ticket, values: Values) -> None:
    """ApiError 400 when the saved ticket would lack what its state needs."""
    if not save.settings.required_fields_enforced:
        return
    desk = save.desk
    status = desk.statuses.get(values.get("status", ticket.status_id))
    needed = ("all", status.state if status else "")
    queue = desk.queues[values.get("hd_queue_id", ticket.hd_queue_id)]
    for field in queue.fields:
        if field.required in needed and field.key:
            value = values[field.key] if field.key in values else read_value(ticket, field.key)
            if not value:
                raise ApiError(400, f"Required field is missing: {field.label} ({field.key})")


def read_value(ticket: Ticket, key: str) -> Any:
    """The stored value under a ticket's JSON key."""
    if key in REFERENCES:
        return getattr(ticket, REFERENCES[key].attribute)
    if key == "related_tickets":
        return ticket.related
    if custom_column(key):
        return ticket.custom.get(int(key.removeprefix("custom_")), "")
    return getattr(ticket, key, "")


def _assign(desk: Desk, ticket: Ticket, values: Values) -> dict[str, tuple[str, str]]:
    """Set what differs; shown values before and after, by key."""
    changed = {}
    for key, value in values.items():
        before = read_value(ticket, key)
        if before == value:
            continue
        changed[key] = (_show(desk, key, before), _show(desk, key, value))
        if key in REFERENCES:
            setattr(ticket, REFERENCES[key].attribute, value)
        elif key == "related_tickets":
            desk.relate(ticket, value)
        elif custom_column(key):
            ticket.custom[int(key.removeprefix("custom_"))] = value
        else:
            setattr(ticket, key, value)
    return changed


def _show(desk: Desk, key: str, value: Any) -> str:
    if key in REFERENCES:
        return show_reference(desk, REFERENCES[key], value)
    if key == "hd_queue_id":
        return desk.queues[value].name
    if key == "related_tickets":
        return ", ".join(map(str, value))
    return strip_tags(str(value))[:200]


def _read_comment(save: Save, queue: Queue, body: Values, change: Change) -> None:
    sent = body.get("change")
    if not isinstance(sent, dict):
        return
    change.comment = str(sent.get("comment") or "")
    wanted = sent.get("owners_only", queue.owners_only_comments)
    private = str(wanted) in ("1", "True", "true")
    stored = save.settings.owners_only_stored and is_staff(save.desk, save.actor)
    change.owners_only = int(private and stored)
    if save.names_allowed:  # only the control surface can play a mail
        change.via_email = int(str(sent.get("via_email", 0)) in ("1", "True", "true"))
