"""Values for tests, complete unless a test asks for something else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kace_bridge.model.digest import digest_record
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId, UserId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.state.rows import EffectRow, Snapshot

ZONE = ZoneInfo("America/New_York")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
STATES = {"New": "stalled", "Opened": "opened", "Reopened": "opened", "Closed": "closed"}
NUMBERS = {"New": 4, "Opened": 1, "Reopened": 5, "Closed": 2, "High": 2, "Medium": 1, "Low": 3}


def make_ticket(**changes: Any) -> Ticket:
    """A new ticket without an owner; people and named things may be given by name."""
    record: dict[str, object] = {
        "id": 41, "hd_queue_id": 1, "title": "Mouse broken", "summary": "It is dead",
        "created": "2026-03-02 09:00:00", "modified": "2026-03-02 09:00:00",
        "status": status("New"), "priority": {"id": 1, "name": "Medium", "ordinal": 1},
        "submitter": {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe"},
    }  # fmt: skip
    for name, value in changes.items():
        record[name] = _in_full(name, value)
    return Ticket({key: value for key, value in record.items() if value is not None}, ZONE)


def status(name: str) -> Mapping[str, object]:
    return {"id": NUMBERS.get(name, 9), "name": name, "state": STATES.get(name, "stalled")}


def _in_full(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name == "status":
        return status(value)
    if name in {"owner", "submitter"}:
        return {"id": 100 + len(value), "user_name": value, "full_name": value.title()}
    if name in {"priority", "category", "impact"}:
        return {"id": NUMBERS.get(value, 9), "name": value}
    return value


def make_row(number: int, **changes: Any) -> HistoryEntry:
    """A history row: one minute per id after the morning, a comment by jdoe."""
    author = changes.pop("author", "jdoe")
    given: dict[str, Any] = {
        "id": ChangeId(number), "ticket_id": TicketId(41),
        "at": MORNING + timedelta(minutes=number), "user_id": UserId(12),
        "author": Person(UserName(author)) if author else None,
        "comment": "", "owners_only": False, "description": "",
    }  # fmt: skip
    return HistoryEntry(**(given | changes))


def make_effect(**changes: Any) -> EffectRow:
    """A planned change of owner, decided by the rule everything-else."""
    given: dict[str, Any] = {
        "decision": "7f3a9c21" + "0" * 24, "part": 0, "kind": "update", "ticket": TicketId(41),
        "rule": "everything-else", "phase": "route", "run": "r1", "state": "planned",
        "values": {"owner": "bkim"}, "before": {"owner": None}, "text": "", "public": False,
        "message": None, "attempt": 0, "intent_at": None, "send_by": None, "settle_until": None,
        "reason": "",
    }  # fmt: skip
    return EffectRow(**(given | changes))


def make_snapshot(ticket: Ticket, **changes: Any) -> Snapshot:
    """*ticket* as the store remembers it."""
    given: dict[str, Any] = {
        "ticket": ticket.id, "queue": ticket.queue_id, "record": dict(ticket.record),
        "digest": digest_record(ticket.record), "modified": ticket.text("modified"),
        "created": ticket.text("created"), "last_row": 0, "owner": ticket.value("owner"),
        "state": ticket.state, "status": ticket.value("status"), "episode": 0,
        "seen_at": MORNING,
    }  # fmt: skip
    return Snapshot(**(given | changes))
