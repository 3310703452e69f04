"""What the appliance does when time passes: escalation, SLA, overdue rules, archive.

A heap of due moments keeps a desk of any size quick. Source: contract sections 7.1 to 7.3, 4.15.
"""

from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from kace_bridge.sandbox.data import Ticket
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.effects import send_event, set_status_by_rule, wants_event
from kace_bridge.sandbox.settings import Settings

WAITING = ("Need More Info", "Waiting on Customer", "Waiting on Third Party")
OVERDUE = "Waiting Overdue"


def plan(desk: Desk, settings: Settings, ticket: Ticket, not_before: str) -> None:
    """Note when something next falls due for the ticket; what is overdue falls due at once,
    at the stamp *not_before*."""
    for kind in ("escalation", "sla_violation", "overdue", "archive"):
        due = due_moment(desk, settings, ticket, kind)
        if due is not None:
            due = max(due, desk.hours.read(not_before))
            heappush(desk.due, (due.timestamp(), ticket.id, kind))


def due_moment(desk: Desk, settings: Settings, ticket: Ticket, kind: str) -> datetime | None:
    """When that happens to the ticket as it stands now; None when it does not."""
    if kind == "escalation":
        return _escalation_due(desk, settings, ticket)
    if kind == "sla_violation":
        return _violation_due(desk, settings, ticket)
    if kind == "overdue":
        return _overdue_due(desk, settings, ticket)
    if settings.archive_after_days and desk.state_of(ticket) == "closed" and ticket.time_closed:
        return desk.hours.read(ticket.time_closed, settings.archive_after_days)
    return None


def _escalation_due(desk: Desk, settings: Settings, ticket: Ticket) -> datetime | None:
    """Every Escalation Time from creation on, only while the state is opened."""
    priority = desk.priorities.get(ticket.priority_id)
    if priority is None or not priority.escalation_minutes or desk.state_of(ticket) != "opened":
        return None
    if not wants_event(settings, desk.queues.get(ticket.hd_queue_id), "escalation"):
        return None
    base = max(ticket.created, ticket.escalated)
    hours = desk.hours
    return hours.add_minutes(hours.read(base), priority.escalation_minutes, hours.for_escalation)


def _violation_due(desk: Desk, settings: Settings, ticket: Ticket) -> datetime | None:
    priority = desk.priorities.get(ticket.priority_id)
    if not ticket.due_date or priority is None or not priority.is_sla_enabled:
        return None
    if desk.state_of(ticket) == "closed":
        return None
    if not wants_event(settings, desk.queues.get(ticket.hd_queue_id), "sla_violation"):
        return None
    if not ticket.sla_notified:
        return desk.hours.read(ticket.due_date)
    again = priority.sla_notification_recurrence_minutes
    return desk.hours.read(ticket.sla_notified) + timedelta(minutes=again) if again else None


def _overdue_due(desk: Desk, settings: Settings, ticket: Ticket) -> datetime | None:
    status = desk.statuses.get(ticket.status_id)
    days = 0
    if status and status.name in WAITING:
        days = settings.rule_waiting_overdue_days
    elif status and status.name == OVERDUE:
        days = settings.rule_overdue_close_days
    return desk.hours.read(ticket.modified, days) if days else None


def run_due(desk: Desk, settings: Settings, now: datetime) -> None:
    """Do all that fell due up to *now*, in order, each at its own moment."""
    limit = now.timestamp()
    while desk.due and desk.due[0][0] <= limit:
        at, ticket_id, kind = heappop(desk.due)
        ticket = desk.tickets.get(ticket_id)
        due = due_moment(desk, settings, ticket, kind) if ticket else None
        # A later edit moved it; that edit planned the new moment itself.
        if ticket is not None and due is not None and due.timestamp() <= at:
            stamp = desk.hours.write(datetime.fromtimestamp(at, UTC))
            _happen(desk, settings, ticket, kind, stamp)


def _happen(desk: Desk, settings: Settings, ticket: Ticket, kind: str, stamp: str) -> None:
    if kind == "escalation":
        ticket.escalated = stamp
        send_event(desk, settings, ticket, kind, stamp)
    elif kind == "sla_violation":
        ticket.sla_notified = stamp
        send_event(desk, settings, ticket, kind, stamp)
    elif kind == "archive":
        desk.remove(ticket)
        desk.archive[ticket.id] = ticket
        return
    else:
        status = desk.statuses[ticket.status_id]
        name, state = ("Closed", "closed") if status.name == OVERDUE else (OVERDUE, "stalled")
        set_status_by_rule(desk, settings, ticket, name, state, stamp)
        if ticket.status_id == status.id:
            return  # the queue has no such status; planning again would never end
    plan(desk, settings, ticket, not_before=stamp)
