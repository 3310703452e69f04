"""Tickets from their JSON form, quickly enough for a hundred thousand of them."""

import base64
from typing import Any

from kace_bridge.sandbox.columns import custom_column
from kace_bridge.sandbox.data import Attachment, Change, Queue, Ticket
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.query import read_date
from kace_bridge.sandbox.references import PER_QUEUE, REFERENCES, read_reference
from kace_bridge.sandbox.settings import Settings
from kace_bridge.sandbox.words import describe_changes, words_of

_TEXTS = ("title", "summary", "resolution", "cc_list", "approval_note")
_DATES = ("due_date", "time_opened", "time_closed", "time_stalled", "escalated", "sla_notified")
_KNOWN = {
    *_TEXTS,
    *_DATES,
    *REFERENCES,
    "id",
    "hd_queue_id",
    "queue",
    "created",
    "modified",
    "is_manual_due_date",
    "approve_state",
    "related_tickets",
    "changes",
    "work",
}


class TicketLoader:
    """Reads rows into ``tickets``; references are looked up once per distinct value."""

    def __init__(self, desk: Desk, settings: Settings, stamp: str) -> None:
        self.tickets: list[Ticket] = []
        self._desk = desk
        self._settings = settings
        self._stamp = stamp
        self._found: dict[tuple[str, int, object], int] = {}
        self._words = words_of(settings.locale)

    def read(self, row: dict[str, Any]) -> None:
        """One ticket; ValueError or ApiError for what does not fit."""
        unknown = [key for key in row if key not in _KNOWN and not custom_column(key)]
        if unknown:
            raise ValueError(f"unknown {', '.join(unknown)}")
        queue = self._queue(row)
        key = int(row.get("id") or self._desk.next_ticket_id())
        self._desk.last_ticket_id = max(self._desk.last_ticket_id, key)
        history = list(row.get("changes") or ())
        if self._lacks_creation(row, history):
            # Made first, so ids rise with time inside a ticket.
            born = self._date(row, "created") or self._stamp
            by = row.get("submitter")
            history.insert(0, {"timestamp": born, "user": by, "description": self._words.created})
        changes = [self._change(key, change) for change in history]
        if not changes[0].description and not changes[0].changed:
            changes[0].description = self._words.created
        created = self._date(row, "created") or changes[0].timestamp
        modified = self._date(row, "modified") or max(created, changes[-1].timestamp)
        ticket = Ticket(key, queue.id, "Untitled", created, modified, changes=changes)
        self._read_plain(ticket, row)
        self._read_references(ticket, queue, row)
        self._stamp_state(ticket)
        self.tickets.append(ticket)

    def _read_plain(self, ticket: Ticket, row: dict[str, Any]) -> None:
        for name in _TEXTS:
            if row.get(name):
                setattr(ticket, name, str(row[name]))
        for name in _DATES:
            if row.get(name):
                setattr(ticket, name, self._date(row, name))
        ticket.is_manual_due_date = int(row.get("is_manual_due_date") or 0)
        ticket.approve_state = str(row.get("approve_state") or "none")
        ticket.related = [int(other) for other in row.get("related_tickets") or ()]
        ticket.work = list(row.get("work") or ())
        for name, value in row.items():
            if name.startswith("custom_") and value is not None:
                ticket.custom[int(name.removeprefix("custom_"))] = str(value)

    def _read_references(self, ticket: Ticket, queue: Queue, row: dict[str, Any]) -> None:
        for ref in PER_QUEUE:
            if ref.key not in row:
                setattr(ticket, ref.attribute, getattr(queue, f"default_{ref.key}_id"))
        for name, ref in REFERENCES.items():
            if name in row:
                setattr(ticket, ref.attribute, self._reference(name, queue.id, row[name]))

    def _reference(self, name: str, queue_id: int, value: Any) -> int:
        if isinstance(value, dict):
            value = value.get("id") or value.get("user_name") or value.get("name")
        memo = (name, queue_id, value)
        found = self._found.get(memo)
        if found is None:
            ref = REFERENCES[name]
            found = read_reference(self._desk, ref, value, queue_id, names_allowed=True)
            self._found[memo] = found
        return found

    def _queue(self, row: dict[str, Any]) -> Queue:
        value = row.get("hd_queue_id", row.get("queue"))
        queues = self._desk.queues
        if value is None and queues:
            return queues[min(queues)]
        for queue in queues.values():
            if value in (queue.id, str(queue.id), queue.name):
                return queue
        raise ValueError(f"hd_queue_id {value!r} does not exist")

    def _change(self, ticket_id: int, row: dict[str, Any]) -> Change:
        desk = self._desk
        changed = {key: (str(a), str(b)) for key, (a, b) in (row.get("changed") or {}).items()}
        text = row.get("description")
        if text is None:
            text = describe_changes(self._settings.locale, changed) if changed else ""
        key = int(row.get("id") or desk.next_change_id())
        desk.last_change_id = max(desk.last_change_id, key)
        return Change(
            key,
            ticket_id,
            self._date(row, "timestamp"),
            self._reference("owner", 0, row.get("user")),
            str(row.get("comment") or ""),
            str(text),
            str(row.get("owners_only_description") or ""),
            int(row.get("owners_only") or 0),
            int(row.get("via_email") or 0),
            changed,
            [self._attachment(file) for file in row.get("attachments") or ()],
        )

    def _attachment(self, row: dict[str, Any]) -> Attachment:
        desk = self._desk
        desk.last_attachment_id += 1
        key = int(row.get("id") or desk.last_attachment_id)
        desk.last_attachment_id = max(desk.last_attachment_id, key)
        if "content_base64" in row:
            content = base64.b64decode(row["content_base64"])
        else:
            content = str(row.get("content", "")).encode()
        return Attachment(key, str(row["file_name"]), content)

    def _lacks_creation(self, row: dict[str, Any], history: list[dict[str, Any]]) -> bool:
        """The first row is the creation (contract section 4.6), so one is made where it lacks."""
        if not history:
            return True
        created = self._date(row, "created")
        told = bool(history[0].get("changed"))
        return bool(created) and (told or self._date(history[0], "timestamp") > created)

    def _stamp_state(self, ticket: Ticket) -> None:
        """When it entered its state, where not told: at the last change of status."""
        status = self._desk.statuses.get(ticket.status_id)
        if status is None or getattr(ticket, f"time_{status.state}"):
            return
        moves = [c.timestamp for c in ticket.changes if "status" in c.changed]
        fallback = ticket.modified if status.state == "closed" else ticket.created
        setattr(ticket, f"time_{status.state}", moves[-1] if moves else fallback)

    def _date(self, row: dict[str, Any], name: str) -> str:
        value = row.get(name)
        if not value:
            return ""
        try:
            return read_date(str(value))
        except ValueError:
            raise ValueError(f"{name}: {value!r} is no date (YYYY-MM-DD HH:MM:SS)") from None
