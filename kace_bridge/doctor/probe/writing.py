"""Facts that take a write: a test ticket in a queue named for it, closed at the end."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta, tzinfo
from typing import Any

from kace_bridge.doctor.probe.conversation import Conversation
from kace_bridge.doctor.probe.fact import Fact, fields_of, guarded, kinds, rows_of, shape_of
from kace_bridge.doctor.probe.reading import (
    QUEUES,
    TICKETS,
    list_tickets,
    minutes_of,
    read_stamp,
)
from kace_bridge.doctor.probe.session import my_number
from kace_bridge.errors import UsageError
from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Reply
from kace_bridge.sma.fresh_names import fresh_ids
from kace_bridge.sma.replies import Row, lower_keys, read_error

TITLE = "kace-bridge probe"
NOTE = "Test comment of kace-bridge"
NO_STATUS = 999_999_999
PAUSE_S = 2.0
"""Dates have whole seconds: two changes must be further apart to be told from each other."""


def measure_writing(talk: Conversation, queue: int, zone: tzinfo) -> Iterator[Fact]:
    """Every fact about writing; the test tickets are closed whatever happens."""
    desk = _TestDesk(talk, queue)
    try:
        yield from guarded("4.3", "Creating a ticket", desk.create)
        if not desk.ticket:
            return
        ask = guarded
        yield from ask("U6", "Offset of dates, measured, in minutes", lambda: _zone(desk, zone))
        yield from ask("4.4", "Statuses of an update by PUT and by POST", lambda: _verbs(desk))
        yield from ask("U11", "What becomes of an unknown key", lambda: _unknown_key(desk))
        yield from ask("U13", "Does 'modified' move on a comment?", lambda: _comment_moves(desk))
        yield from ask("U7", "Is an owners-only note stored as one?", lambda: _owners_only(desk))
        yield from ask("4.5", "Fields and comment in one request: history", lambda: _atomic(desk))
        yield from ask("U10", "What becomes of an invalid status", lambda: _bad_status(desk))
        yield from ask("U20", "May the account own a ticket?", lambda: _own(desk))
        yield from ask("Q26", "Is the due date kept over an update?", lambda: _due_date(desk))
        yield from ask("Q29", "Are fields required on closing enforced?", lambda: _required(desk))
    finally:
        yield from guarded("4.16", "Test tickets made and closed", desk.close_all)


def find_queue(talk: Conversation, name: str) -> int:
    """The number of the queue of that name or number. Raises UsageError."""
    rows = rows_of(talk.get(QUEUES, paging="limit 0 offset 0"), "Queues") or []
    found = {to_int(row.get("id")) or 0: str(row.get("name") or "") for row in rows}
    match = [number for number, shown in found.items() if name in (shown, str(number))]
    if len(match) == 1:
        return match[0]
    names = ", ".join(f"'{shown}'" for shown in found.values()) or "none"
    raise UsageError(f"--queue: no queue is named '{name}'; the account sees: {names}")


class _TestDesk:
    """The test tickets of one run, told from others by a mark in their titles."""

    def __init__(self, talk: Conversation, queue: int) -> None:
        self.talk = talk
        self.queue = queue
        self.ticket = 0
        self.verb = "PUT"
        self.mark = f"{TITLE} {secrets.token_hex(4)}"
        self.made: Reply = Reply(0)

    def create(self) -> dict[str, Any]:
        values: dict[str, object] = {"hd_queue_id": self.queue, "title": self.mark}
        self.made = self.talk.write("POST", TICKETS, {"Tickets": [values]})
        first = shape_of(self.made)
        self._take_number()
        if not self.ticket:
            values["submitter"] = my_number(self.talk)
            self.made = self.talk.write("POST", TICKETS, {"Tickets": [values]})
            self._take_number()
        return {
            "without_submitter": first,
            "with_submitter": shape_of(self.made) if first != shape_of(self.made) else None,
            "made": bool(self.ticket),
        }

    def _take_number(self) -> None:
        ids = fields_of(self.made).get("ids")
        self.ticket = (to_int(ids[0]) or 0) if isinstance(ids, list) and ids else 0

    def read(self) -> Row:
        path = f"{TICKETS}/{self.ticket}"
        shaping = "hd_ticket all,status all,owner limited"
        rows = rows_of(self.talk.get(path, shaping=shaping), "Tickets")
        return rows[0] if rows else {}

    def history(self) -> list[Row]:
        path = f"{TICKETS}/{self.ticket}/changes"
        reply = self.talk.get(path, shaping="hd_ticket_change all", paging="limit 0 offset 0")
        return rows_of(reply, "Changes") or []

    def save(self, values: Mapping[str, object], verb: str = "") -> Reply:
        body = {"Tickets": [dict(values)]}
        return self.talk.write(verb or self.verb, f"{TICKETS}/{self.ticket}", body)

    def close_all(self) -> dict[str, int]:
        """Close every ticket with this run's mark, also one whose creation was not answered."""
        where = f"hd_queue_id eq {self.queue},title st {self.mark}"
        shaping = "hd_ticket all,status all"
        numbers = {
            number: _state(row)
            for row in list_tickets(self.talk, filtering=where, shaping=shaping)
            if str(row.get("title", "")).startswith(self.mark) and (number := to_int(row.get("id")))
        }
        for number in (n for n, state in numbers.items() if state != "closed"):
            self.ticket = number
            self.save({"status": self.closed_status(), "resolution": NOTE})
        states = [_state(row) for row in list_tickets(self.talk, filtering=where, shaping=shaping)]
        return {"made": len(numbers), "closed": states.count("closed")}

    def closed_status(self) -> int:
        """The id of a closed status of the queue, as a ticket shows it; 0 where none is known."""
        where = f"hd_queue_id eq {self.queue},status.state eq closed"
        shaping = "hd_ticket limited,status all"
        query = {"filtering": where, "paging": "limit 1 offset 0", "shaping": shaping}
        for row in list_tickets(self.talk, **query):
            if _state(row) == "closed":
                return to_int(_part(row, "status").get("id")) or 0
        status = _part(self.read(), "status")
        seen = {str(status.get("name")): {to_int(status.get("id")) or 0}}
        return next(iter(fresh_ids(self.queue, "status", "Closed", seen)), 0)


def _zone(desk: _TestDesk, zone: tzinfo) -> dict[str, Any] | None:
    created, now = read_stamp(desk.read().get("created")), desk.made.date
    if created is None or now is None:
        return None
    naive = now.replace(tzinfo=None) - (now.utcoffset() or timedelta(0))
    own = now.astimezone(zone).utcoffset() or timedelta(0)
    measured = minutes_of(created - naive)
    return {
        "measured": measured,
        "configured": minutes_of(own),
        "agrees": measured == minutes_of(own),
    }


def _verbs(desk: _TestDesk) -> dict[str, int]:
    statuses = {
        verb: desk.save({"title": f"{desk.mark} by {verb}"}, verb).status
        for verb in ("PUT", "POST")
    }
    if statuses["PUT"] == 405:
        desk.verb = "POST"
    return statuses


def _unknown_key(desk: _TestDesk) -> dict[str, Any]:
    title = f"{desk.mark} with a key"
    reply = desk.save({"title": title, "kace_bridge_probe": "x"})
    return {"answer": shape_of(reply), "rest_is_saved": desk.read().get("title") == title}


def _comment_moves(desk: _TestDesk) -> bool | None:
    before = desk.read().get("modified")
    desk.talk.clock.sleep(PAUSE_S)
    known = len(desk.history())
    desk.save({"change": {"comment": NOTE}})
    if len(desk.history()) == known:
        return None
    return bool(desk.read().get("modified") != before)


def _owners_only(desk: _TestDesk) -> bool | None:
    known = {to_int(row.get("id")) for row in desk.history()}
    desk.save({"change": {"comment": f"{NOTE}, for owners", "owners_only": 1}})
    added = [row for row in desk.history() if to_int(row.get("id")) not in known]
    if not added:
        return None
    return all(to_int(row.get("owners_only")) == 1 for row in added if row.get("comment"))


def _atomic(desk: _TestDesk) -> dict[str, Any]:
    known = {to_int(row.get("id")) for row in desk.history()}
    desk.save({"title": f"{desk.mark} and a comment", "change": {"comment": NOTE}})
    added = [row for row in desk.history() if to_int(row.get("id")) not in known]
    both = [row for row in added if row.get("comment") and row.get("description")]
    return {
        "rows": len(added),
        "one_row_has_both": len(both) == 1,
        "keys": kinds(added[0]) if added else None,
    }


def _bad_status(desk: _TestDesk) -> dict[str, Any]:
    before = _part(desk.read(), "status").get("id")
    reply = desk.save({"status": NO_STATUS})
    after = _part(desk.read(), "status").get("id")
    return {"answer": shape_of(reply), "refused": _refused(reply), "unchanged": before == after}


def _own(desk: _TestDesk) -> dict[str, Any]:
    me = my_number(desk.talk)
    reply = desk.save({"owner": me})
    owner = to_int(_part(desk.read(), "owner").get("id"))
    return {"answer": shape_of(reply), "is_owner": owner == me}


def _due_date(desk: _TestDesk) -> bool | None:
    """None where a due date is not taken in the first place."""
    day = (desk.talk.now() + timedelta(days=30)).strftime("%Y-%m-%d 12:00:00")
    desk.save({"due_date": day, "is_manual_due_date": 0})
    if desk.read().get("due_date") != day:
        return None
    desk.save({"title": f"{desk.mark} with a due date"})
    return bool(desk.read().get("due_date") == day)


def _required(desk: _TestDesk) -> dict[str, Any] | None:
    """Closes the ticket without a resolution. None where no closed status is known."""
    status = desk.closed_status()
    if not status:
        return None
    reply = desk.talk.get(f"{QUEUES}/{desk.queue}/fields")
    fields = rows_of(reply, "Fields") or []
    wanted = sum(str(field.get("required")) == "closed" for field in fields)
    closing = desk.save({"status": status})
    return {
        "fields_required_on_closing": wanted,
        "answer": shape_of(closing),
        "refused": _refused(closing),
        "closed": _state(desk.read()) == "closed",
    }


def _refused(reply: Reply) -> bool:
    return reply.status >= 400 or read_error(reply) is not None


def _state(row: Row) -> str:
    return str(_part(row, "status").get("state") or "")


def _part(row: Row, name: str) -> Row:
    found = row.get(name)
    return lower_keys(found) if isinstance(found, Mapping) else {}
