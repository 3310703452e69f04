"""What an appliance stores; names follow the columns of contract sections 4 to 6.

Dates are appliance-local text that sorts as time does; empty text is no date and 0 is no
reference.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Status:
    id: int
    hd_queue_id: int
    name: str
    ordinal: int
    state: str


@dataclass(slots=True)
class Priority:
    id: int
    hd_queue_id: int
    name: str
    ordinal: int
    color: str = ""
    escalation_minutes: int = 0
    is_sla_enabled: int = 0
    resolution_due_date_minutes: int = 0
    sla_notification_recurrence_minutes: int = 0


@dataclass(slots=True)
class Impact:
    id: int
    hd_queue_id: int
    name: str
    ordinal: int


@dataclass(slots=True)
class Category:
    id: int
    hd_queue_id: int
    name: str
    ordinal: int
    default_owner_id: int = 0
    cc_list: str = ""


@dataclass(slots=True)
class Field:
    """One queue field; *key* is its name in ticket JSON, empty where tickets cannot carry it."""

    id: int
    hd_queue_id: int
    name: str
    key: str
    ordinal: int
    label: str
    kind: str
    column: str
    visible: str
    required: str


@dataclass(slots=True)
class Queue:
    id: int
    name: str
    default_status_id: int = 0
    default_priority_id: int = 0
    default_category_id: int = 0
    default_impact_id: int = 0
    owners: list[str] = field(default_factory=list)
    allow_delete: int = 1
    owners_only_comments: int = 0
    email: str = ""
    email_events: list[tuple[str, str]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class User:
    """*role* is administrator, readonly, owner or user; empty follows the queue owner labels."""

    id: int
    user_name: str
    full_name: str = ""
    email: str = ""
    password: str = ""
    role: str = ""
    helpdesk: str = ""
    location_id: int = 0
    manager_id: int = 0
    work_phone: str = ""
    is_archived: int = 0
    archived_date: str = ""
    created: str = ""
    modified: str = ""


@dataclass(slots=True)
class Location:
    id: int
    name: str


@dataclass(slots=True)
class Attachment:
    id: int
    file_name: str
    content: bytes


@dataclass(slots=True)
class Change:
    """One saved edit; *changed* maps a ticket key to its shown values before and after."""

    id: int
    hd_ticket_id: int
    timestamp: str
    user_id: int = 0
    comment: str = ""
    description: str = ""
    owners_only_description: str = ""
    owners_only: int = 0
    via_email: int = 0
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Ticket:
    id: int
    hd_queue_id: int
    title: str
    created: str
    modified: str
    summary: str = ""
    resolution: str = ""
    cc_list: str = ""
    due_date: str = ""
    is_manual_due_date: int = 0
    owner_id: int = 0
    submitter_id: int = 0
    approver_id: int = 0
    status_id: int = 0
    priority_id: int = 0
    category_id: int = 0
    impact_id: int = 0
    machine_id: int = 0
    asset_id: int = 0
    approve_state: str = "none"
    approval_note: str = ""
    time_opened: str = ""
    time_closed: str = ""
    time_stalled: str = ""
    escalated: str = ""
    sla_notified: str = ""
    custom: dict[int, str] = field(default_factory=dict)
    related: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Machine:
    id: int
    name: str
    ip: str = ""
    os_name: str = ""
    ram_total: str = ""
    last_inventory: str = ""
    user: str = ""


@dataclass(slots=True)
class Asset:
    id: int
    name: str
    asset_type_id: int = 5
    asset_type_name: str = "Device"
    owner_id: int = 0
    asset_class_id: int = 0
    asset_status_id: int = 0
    mapped_id: int = 0
    archive: str = ""
    created: str = ""
    modified: str = ""


@dataclass(slots=True)
class Mail:
    """A mail the appliance itself would send."""

    timestamp: str
    event: str
    recipient: str
    to: list[str]
    ticket_id: int
    queue_id: int
    subject: str
    body: str
