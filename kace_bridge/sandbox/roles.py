"""Who may see and write which tickets. Source: contract section 2.6."""

from kace_bridge.sandbox.data import Ticket, User
from kace_bridge.sandbox.desk import Desk

ADMINISTRATOR, READONLY, OWNER, STANDARD = "administrator", "readonly", "owner", "user"


def role_of(desk: Desk, user: User) -> str:
    """The user's own role, else owner for whoever holds a queue's owner label, else user."""
    if user.role:
        return user.role
    name = user.user_name.casefold()
    holds = any(name in map(str.casefold, queue.owners) for queue in desk.queues.values())
    return OWNER if holds else STANDARD


def helpdesk_permission(desk: Desk, user: User) -> str:
    """READ, WRITE or HIDE."""
    return user.helpdesk or ("READ" if role_of(desk, user) == READONLY else "WRITE")


def is_staff(desk: Desk, user: User) -> bool:
    """May read notes that are for owners only."""
    return role_of(desk, user) != STANDARD


def sees_all(desk: Desk, user: User) -> bool:
    hidden = helpdesk_permission(desk, user) == "HIDE"
    return not hidden and role_of(desk, user) in (ADMINISTRATOR, READONLY)


def sees(desk: Desk, user: User, ticket: Ticket) -> bool:
    """Standard users see what they submit or approve; owners also their queues."""
    if helpdesk_permission(desk, user) == "HIDE":
        return False
    role = role_of(desk, user)
    if role in (ADMINISTRATOR, READONLY) or user.id in (ticket.submitter_id, ticket.approver_id):
        return True
    return role == OWNER and holds_label(desk, user, ticket.hd_queue_id)


def holds_label(desk: Desk, user: User, queue_id: int) -> bool:
    """Is the user one of the queue's owners?"""
    queue = desk.queues.get(queue_id)
    name = user.user_name.casefold()
    return queue is not None and name in map(str.casefold, queue.owners)
