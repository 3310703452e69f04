"""The ticket of a rule test, as the appliance would send it."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import REFERENCES, Ticket
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.issue import suggest
from kace_bridge.rules.selftest_desk import SUBMITTER

TEXTS = ("title", "summary", "resolution", "due_date", "cc_list")
KEYS = (
    *TEXTS, "id", "category", "priority", "impact", "status", "state", "submitter", "owner",
    "queue", "machine", "asset", "approver", "created", "via", "by",
)  # fmt: skip
DEFAULTS: Mapping[str, object] = {
    "title": "A ticket",
    "summary": "",
    "status": "New",
    "priority": "Medium",
    "category": "Other",
    "impact": "1 person cannot work",
    "queue": "The K1000 Service Desk",
}
"""What a fresh appliance gives a ticket of which nothing is said. Source: contract section 6."""

_PEOPLE = ("submitter", "owner", "approver")
_CUSTOM = re.compile(r"custom_[1-9][0-9]*")


def read_ticket(
    raw: Mapping[str, object],
    created: datetime,
    zone: tzinfo,
    states: Mapping[str, str],
    desk: Desk,
    problems: list[str],
) -> Ticket | None:
    """The ticket *raw* describes (names instead of ids); None where it has problems."""
    before = len(problems)
    for key in raw:
        if key not in KEYS and not _CUSTOM.fullmatch(key):
            problems.append(f"unknown key '{key}' of the ticket. {suggest(key, KEYS)}".rstrip())
    number = raw.get("id", 101)
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        problems.append(f"ticket.id: '{number}' is not a ticket number.")
    merged = {**DEFAULTS, "submitter": SUBMITTER, **raw}
    status = str(merged["status"])
    if status not in states and "state" not in merged:
        problems.append(
            f"the state of status '{status}' is not known: write 'state: opened' beside it."
        )
    if len(problems) > before:
        return None
    stamp = format_stamp(created, zone)
    values = {key: value for key, value in merged.items() if key not in ("id", "state")}
    state = merged.get("state", states.get(status))
    record = {
        "id": number, "hd_queue_id": 1, "created": stamp, "modified": stamp,
        **as_records(values, desk, {**states, status: str(state)}),
    }  # fmt: skip
    return Ticket.from_api(record, zone)


def as_records(
    values: Mapping[str, object], desk: Desk, states: Mapping[str, str]
) -> dict[str, object]:
    """Plain *values* by name as the sub-entities of a ticket; None takes one away."""
    return {key: _as_record(key, value, desk, states) for key, value in values.items()}


def person_record(person: Person) -> dict[str, object]:
    """A person as a ticket shows one."""
    return {
        "user_name": person.user_name, "full_name": person.full_name, "email": person.email,
        "location": person.location,
    }  # fmt: skip


def _as_record(key: str, value: object, desk: Desk, states: Mapping[str, str]) -> object:
    if value is None:
        return None
    if key in _PEOPLE:
        user = value.get("user_name", SUBMITTER) if isinstance(value, Mapping) else value
        return person_record(desk.person(str(user)))
    if key == "status":
        return {"name": str(value), "state": states.get(str(value))}
    if key in desk.orders and value in desk.orders[key]:
        return {"name": str(value), "ordinal": desk.orders[key].index(str(value))}
    if key in REFERENCES:
        return {"name": str(value), "id": 1} if key == "queue" else {"name": str(value)}
    return str(value)
