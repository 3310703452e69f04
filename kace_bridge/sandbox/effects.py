"""What the appliance does by itself after a save: its own mails and its ticket rules.

Source: contract sections 6 (e-mail events), 7.3 and 7.4.
"""

from kace_bridge.sandbox.data import Change, Mail, Queue, Status, Ticket
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.settings import Settings
from kace_bridge.sandbox.text import strip_tags
from kace_bridge.sandbox.words import describe_changes


def follow_up(
    desk: Desk, settings: Settings, ticket: Ticket, change: Change, stamp: str, *, created: bool
) -> None:
    """Mails and rules that one saved change causes."""
    for event in events_of(desk, ticket, change, created=created):
        send_event(desk, settings, ticket, event, stamp, change)
    if not created:
        _run_reply_rules(desk, settings, ticket, change, stamp)


def events_of(desk: Desk, ticket: Ticket, change: Change, *, created: bool) -> list[str]:
    """The e-mail events of contract section 6 that the change means."""
    if created:
        return ["email_ticket_ack"] if change.via_email else []
    events = ["any_change"]
    for key, event in (
        ("owner", "owner_change"),
        ("status", "status_change"),
        ("resolution", "resolution_change"),
        ("approver", "approval_change"),
        ("approve_state", "approval_change"),
    ):
        if key in change.changed:
            events.append(event)
    if change.comment:
        events.append("comment")
    if "status" in change.changed and desk.state_of(ticket) == "closed":
        events.append("survey")
    return events


def wants_event(settings: Settings, queue: Queue | None, event: str) -> list[str]:
    """The recipients switched on for that event."""
    pairs = [*settings.email_events, *(queue.email_events if queue else ())]
    return [recipient for recipient, name in dict.fromkeys(pairs) if name == event]


def send_event(
    desk: Desk,
    settings: Settings,
    ticket: Ticket,
    event: str,
    stamp: str,
    change: Change | None = None,
) -> None:
    """Put the event's mails into the outbox; notes for owners reach owners only."""
    for recipient in wants_event(settings, desk.queues.get(ticket.hd_queue_id), event):
        if change and change.owners_only and recipient != "owner":
            continue
        to = addresses_of(desk, ticket, recipient)
        if to:
            body = strip_tags(change.comment or change.description) if change else ""
            subject = f"[TICK:{ticket.id}] {ticket.title}"
            desk.mail.append(
                Mail(stamp, event, recipient, to, ticket.id, ticket.hd_queue_id, subject, body)
            )


def addresses_of(desk: Desk, ticket: Ticket, recipient: str) -> list[str]:
    if recipient == "ticket_cc":
        return _split(ticket.cc_list)
    if recipient == "category_cc":
        category = desk.categories.get(ticket.category_id)
        return _split(category.cc_list) if category else []
    user = desk.users.get(getattr(ticket, f"{recipient}_id", 0))
    return [user.email] if user and user.email else []


def _split(addresses: str) -> list[str]:
    return [part.strip() for part in addresses.replace(";", ",").split(",") if part.strip()]


def _run_reply_rules(
    desk: Desk, settings: Settings, ticket: Ticket, change: Change, stamp: str
) -> None:
    if not change.comment or "status" in change.changed or not change.user_id:
        return
    state = desk.state_of(ticket)
    if settings.rule_reopen_on_reply and state == "closed" and change.user_id != ticket.owner_id:
        set_status_by_rule(desk, settings, ticket, "Reopened", "opened", stamp)
    waiting = desk.statuses.get(ticket.status_id)
    if (
        settings.rule_customer_responded
        and waiting is not None
        and waiting.state == "stalled"
        and waiting.name != "New"
        and change.user_id == ticket.submitter_id
    ):
        set_status_by_rule(desk, settings, ticket, "Opened", "opened", stamp)


def set_status_by_rule(
    desk: Desk, settings: Settings, ticket: Ticket, name: str, state: str, stamp: str
) -> None:
    """A ticket rule's UPDATE: SQL, so no history row and no mail unless asked for."""
    target = _status_named(desk, ticket.hd_queue_id, name, state)
    if target is None or target.id == ticket.status_id:
        return
    before = desk.statuses.get(ticket.status_id)
    ticket.status_id = target.id
    setattr(ticket, f"time_{target.state}", stamp)
    if settings.rules_write_history:
        changed = {"status": (before.name if before else "", target.name)}
        text = describe_changes(settings.locale, changed)
        ticket.changes.append(
            Change(desk.next_change_id(), ticket.id, stamp, description=text, changed=changed)
        )
    desk.touch(ticket, stamp if settings.rules_move_modified else ticket.modified)


def _status_named(desk: Desk, queue_id: int, name: str, state: str) -> Status | None:
    """The queue's status of that name, else its first of that state."""
    own = [s for s in desk.statuses.values() if s.hd_queue_id == queue_id and s.state == state]
    own.sort(key=lambda s: (s.name != name, s.ordinal))
    return own[0] if own else None
