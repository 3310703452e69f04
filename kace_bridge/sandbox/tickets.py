"""The ticket routes. Source: contract section 4."""

import mimetypes
from typing import Any

from kace_bridge.sandbox.call import Call, answer_one, answer_page
from kace_bridge.sandbox.data import Change, Ticket
from kace_bridge.sandbox.effects import follow_up
from kace_bridge.sandbox.exchange import ApiError, Reply, answer_json
from kace_bridge.sandbox.query import Query
from kace_bridge.sandbox.roles import is_staff, sees
from kace_bridge.sandbox.search import select_rows, select_tickets
from kace_bridge.sandbox.shape import LINKED
from kace_bridge.sandbox.words import words_of
from kace_bridge.sandbox.writes import create_ticket, update_ticket

SUCCESS = {"Result": "Success"}
VERDICTS = {"approve": "approved", "reject": "rejected", "clearApproval": "none"}


def list_tickets(call: Call) -> Reply:
    query = _ticket_query(call)
    found = select_tickets(call.desk, call.user, query, call.memory)
    shaper = call.shaper(query, listing=True)
    return answer_page(
        call, "Tickets", query, found, lambda key: shaper.ticket(call.desk.tickets[key])
    )


def get_ticket(call: Call) -> Reply:
    query = _ticket_query(call)
    ticket = _visible(call)
    if ticket is None:
        if call.settings.unknown_ticket == "empty":
            return answer_json({"Count": 0, "Warnings": [], "Tickets": []})
        raise _not_found(call)
    return answer_one("Tickets", query, call.shaper(query).ticket(ticket))


def create_tickets(call: Call) -> Reply:
    """A body of another layout succeeds without creating anything (contract section 4.3)."""
    call.require_write()
    rows = call.rows_of("Tickets")
    if not rows:
        return answer_json(SUCCESS)
    if call.playing:
        rows = [_played(call, row) for row in rows]
    created = [create_ticket(call.save(), row) for row in rows]
    return answer_json({"Result": "Success", "IDs": [ticket.id for ticket in created]})


def _played(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    """Whoever writes in on their own behalf is the submitter."""
    on_own_behalf = "submitter" not in row and row.get("via") != "phone"
    return row | {"submitter": call.user.id} if on_own_behalf else row


def change_ticket(call: Call) -> Reply:
    allowed = call.settings.update_verbs
    if allowed not in ("both", call.request.method):
        raise ApiError(405, f"Method {call.request.method} is not allowed.")
    call.require_write()
    ticket = _require(call)
    rows = call.rows_of("Tickets")
    if rows:
        update_ticket(call.save(), ticket, rows[0])
    return answer_json(SUCCESS)


def delete_ticket(call: Call) -> Reply:
    call.require_write()
    ticket = _require(call)
    if not call.desk.queues[ticket.hd_queue_id].allow_delete:
        raise ApiError(403, "Deleting tickets is not allowed in this queue.")
    call.desk.remove(ticket)
    return answer_json(SUCCESS)


def list_changes(call: Call) -> Reply:
    query = call.query("hd_ticket_change")
    ticket = _require(call)
    staff = is_staff(call.desk, call.user)
    readable = [change for change in ticket.changes if staff or not change.owners_only]
    found = select_rows(call.desk, "hd_ticket_change", readable, query)
    shaper = call.shaper(query)
    level = query.shaping["hd_ticket_change"]
    return answer_page(call, "Changes", query, found, lambda row: shaper.change(row, level))


def get_attachment(call: Call) -> Reply:
    """The raw bytes, with the type its name suggests."""
    ticket = _require(call)
    change = call.desk.change(call.number("change"), ticket)
    files = change.attachments if change else []
    wanted = call.number("attachment")
    found = next((file for file in files if file.id == wanted), None)
    if found is None:
        raise ApiError(404, "Attachment not found.")
    kind = mimetypes.guess_type(found.file_name)[0] or "application/octet-stream"
    headers = [
        ("Content-Type", kind),
        ("Content-Disposition", f'attachment; filename="{found.file_name}"'),
    ]
    return Reply(200, headers, found.content)


def add_work(call: Call) -> Reply:
    call.require_write()
    ticket = _require(call)
    for row in call.rows_of("Work") or ():
        ticket.work.append({"user_id": call.user.id, "modified": call.stamp} | row)
    return answer_json(SUCCESS)


def approve_ticket(call: Call) -> Reply:
    """approve, reject and clearApproval; only the approver may (chosen)."""
    call.require_write()
    ticket = _require(call)
    if ticket.approver_id != call.user.id:
        raise ApiError(403, "You are not the approver of this ticket.")
    rows = call.rows_of("approvalData") or [{}]
    verb = call.path["verb"]
    before, ticket.approve_state = ticket.approve_state, VERDICTS[verb]
    ticket.approval_note = "" if verb == "clearApproval" else str(rows[0].get("approvalNote") or "")
    words = words_of(call.settings.locale)
    text = {"approve": words.approved, "reject": words.rejected}.get(verb, words.cleared)
    change = Change(
        call.desk.next_change_id(),
        ticket.id,
        call.stamp,
        call.user.id,
        comment=ticket.approval_note,
        description=text,
        changed={"approve_state": (before, ticket.approve_state)},
    )
    ticket.changes.append(change)
    call.desk.touch(ticket, call.stamp)
    follow_up(call.desk, call.settings, ticket, change, call.stamp, created=False)
    return answer_json(SUCCESS)


def _ticket_query(call: Call) -> Query:
    query = call.query("hd_ticket")
    if call.settings.related_shaping_500 and any(name in query.shaping for name in LINKED):
        raise ApiError(500, "Internal Server Error")
    return query


def _visible(call: Call) -> Ticket | None:
    ticket = call.desk.tickets.get(call.number("id"))
    return ticket if ticket is not None and sees(call.desk, call.user, ticket) else None


def _require(call: Call) -> Ticket:
    ticket = _visible(call)
    if ticket is None:
        raise _not_found(call)
    return ticket


def _not_found(call: Call) -> ApiError:
    return ApiError(404, f"Ticket {call.path['id']} not found.")
