"""Due dates the appliance computes. Source: contract section 7.2."""

from typing import Any

from kace_bridge.sandbox.data import Priority, Ticket
from kace_bridge.sandbox.desk import Desk


def due_under(desk: Desk, ticket: Ticket, priority: Priority) -> str:
    """The due date that priority gives the ticket, counted from its creation."""
    hours = desk.hours
    due = hours.add_minutes(
        hours.read(ticket.created), priority.resolution_due_date_minutes, hours.for_sla
    )
    return hours.write(due)


def set_due_date(desk: Desk, ticket: Ticket) -> None:
    """Recompute the due date, unless a person set it or the priority has no SLA."""
    priority = desk.priorities.get(ticket.priority_id)
    if priority and priority.is_sla_enabled and not ticket.is_manual_due_date:
        ticket.due_date = due_under(desk, ticket, priority)
        ticket.sla_notified = ""


def sla_dates(desk: Desk, ticket: Ticket) -> list[dict[str, Any]]:
    """What each SLA priority of the ticket's queue would give; empty on a fresh desk."""
    return [
        {"priority_id": priority.id, "resolution_date": due_under(desk, ticket, priority)}
        for priority in desk.priorities.values()
        if priority.is_sla_enabled and priority.hd_queue_id == ticket.hd_queue_id
    ]
