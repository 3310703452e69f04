"""Tickets: writing. Every method is one request, sent once.

Source: contract sections 4.3 to 4.5, 4.8 and 4.9. Values hold ids for references; the names
come from ``sma.names``.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from kace_bridge.errors import KaceBridgeError, OutcomeUnknown, Refused
from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.ids import TicketId
from kace_bridge.model.people import to_int
from kace_bridge.model.text import clean_text
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.query import build_query, clause
from kace_bridge.sma.replies import Row, read_rows
from kace_bridge.sma.session import Session

log = logging.getLogger(__name__)

PATH = "/api/service_desk/tickets"
NO_VALUES: Mapping[str, object] = {}


class TicketWrites:
    """The writing half of ``sma.tickets``."""

    def __init__(self, session: Session, zone: tzinfo) -> None:
        self._session = session
        self._zone = zone
        self._verb = "PUT"

    def create(
        self, values: Mapping[str, object], reference: tuple[str, str] | None = None
    ) -> TicketId:
        """The id of a new ticket.

        *reference* is (text field, value), such as ``("custom_1", "case-991")``: the value is
        written there and looked for first, and again where the answer is lost, so that saying
        it twice makes one ticket. Without one a lost answer is OutcomeUnknown and repeating it
        may make two. Raises ValueError without ``hd_queue_id`` or a title.
        """
        sent = self._plain(values)
        if not to_int(sent.get("hd_queue_id")):
            raise ValueError("a new ticket needs hd_queue_id")
        if not str(sent.get("title") or "").strip():
            raise ValueError("a new ticket needs a title: the appliance would call it Untitled")
        if reference is None:
            return self._create(sent)
        field, value = reference
        sent[field] = value
        found = self._find_by_reference(sent, field, value)
        if found is not None:
            return found
        try:
            return self._create(sent)
        except OutcomeUnknown:
            found = self._look_again(sent, field, value)
            if found is None:
                raise
            return found

    def update(
        self,
        ticket_id: int,
        values: Mapping[str, object] = NO_VALUES,
        *,
        comment: str | None = None,
        owners_only: bool = False,
        send_by: float | None = None,
    ) -> None:
        """Set fields, and perhaps comment, in one request.

        *send_by* (``clock.monotonic()`` seconds) is checked just before the first byte is
        written. The comment is sent as text: markup in it is escaped. PUT, or POST for an
        appliance that answers 405 to PUT (contract section 4.4).
        Raises NotSent, Refused, NotFound, RetryLater (429), OutcomeUnknown, LoginRefused.
        """
        ticket = self._plain(values)
        if comment is not None:
            ticket["change"] = {
                "comment": _as_markup(comment),
                "owners_only": int(owners_only),
            }
        if not ticket:
            raise ValueError("nothing to update: give values or a comment")
        path, body = f"{PATH}/{int(ticket_id)}", {"Tickets": [ticket]}
        try:
            self._session.write(self._verb, path, body, send_by=send_by)
        except Refused as error:
            if error.status != 405 or self._verb == "POST":
                raise
            # 405 is given before any effect, so the other verb is not a repeat.
            self._session.write("POST", path, body, send_by=send_by)
            self._verb = "POST"

    def close(
        self, ticket_id: int, status_id: int, resolution: str | None = None,
        comment: str | None = None,
    ) -> None:  # fmt: skip
        """Set a status whose state is closed; fields and comment go in the one request, because
        a comment after closing may re-open the ticket (contract section 8, Q38)."""
        values: dict[str, object] = {"status": int(status_id)}
        if resolution is not None:
            values["resolution"] = _as_markup(resolution)
        self.update(ticket_id, values, comment=comment)

    def reopen(self, ticket_id: int, status_id: int, comment: str | None = None) -> None:
        """Set a status whose state is opened; there is no route of its own for it."""
        self.update(ticket_id, {"status": int(status_id)}, comment=comment)

    def move(self, ticket_id: int, queue_id: int, values: Mapping[str, object] = NO_VALUES) -> None:
        """Move to another queue. Status, priority, category and impact ids belong to a queue:
        give the new ones in *values*."""
        self.update(ticket_id, {"hd_queue_id": int(queue_id), **values})

    def approve(self, ticket_id: int, note: str = "") -> None:
        """Approve as the login user, who must be the approver."""
        self._approval(ticket_id, "approve", note)

    def reject(self, ticket_id: int, note: str = "") -> None:
        self._approval(ticket_id, "reject", note)

    def clear_approval(self, ticket_id: int, note: str = "") -> None:
        self._approval(ticket_id, "clearApproval", note)

    def add_work(self, ticket_id: int, note: str) -> None:
        """Add a work entry. Seen in one client only, its result unknown (contract 4.8)."""
        path = f"{PATH}/{int(ticket_id)}/work"
        self._session.write("POST", path, {"Work": [{"note": clean_text(note)}]})

    def attachment(
        self, ticket_id: int, change_id: int, attachment_id: int, cap: int = 32 * 1024 * 1024
    ) -> bytes:
        """The bytes of an attachment, read as a stream. Raises NotFound, TooLarge above *cap*."""
        path = f"{PATH}/{int(ticket_id)}/changes/{int(change_id)}/attachments/{int(attachment_id)}"
        return self._session.get_bytes(path, cap)

    def template(self, queue_id: int) -> Mapping[str, Any]:
        """A blank ticket of the queue, with its default references (contract 4.12)."""
        path = f"/api/service_desk/queues/{int(queue_id)}/ticket_template"
        rows, _ = read_rows(Request("GET", path), self._session.get(path).fields, "Tickets")
        return rows[0] if rows else {}

    def _create(self, values: Mapping[str, object]) -> TicketId:
        answer = self._session.write("POST", PATH, {"Tickets": [dict(values)]})
        ids = answer.get("ids")
        number = to_int(ids[0]) if isinstance(ids, list) and ids else None
        if not number:
            raise OutcomeUnknown(
                f"POST {PATH} reports success without a ticket id: "
                "most likely nothing was created; look before repeating it"
            )
        return TicketId(number)

    def _find_by_reference(
        self, values: Mapping[str, object], field: str, value: str
    ) -> TicketId | None:
        where = clause("hd_queue_id", "eq", to_int(values["hd_queue_id"]) or 0)
        where &= clause(field, "eq", value)
        query = build_query(
            self._zone, where=where, sort="id asc", limit=10, shaping="hd_ticket all"
        )
        rows, _ = read_rows(Request("GET", PATH), self._session.get(PATH, query).fields, "Tickets")
        for row in rows:
            number = to_int(row.get("id"))
            if number and field not in row:
                # Lists of 10.0 leave custom fields out (contract section 8, Q13).
                row = self._read_one(number)
            if number and str(row.get(field)) == value:
                return TicketId(number)
        return None

    def _look_again(self, values: Mapping[str, object], field: str, value: str) -> TicketId | None:
        """Whether a create of unknown outcome made a ticket. Not knowing stays not knowing: an
        appliance that cannot be asked must not turn the doubt into "try later"."""
        try:
            return self._find_by_reference(values, field, value)
        except KaceBridgeError as error:
            log.warning("the outcome of a create stays unknown: %s", error)
            return None

    def _read_one(self, ticket_id: int) -> Row:
        path = f"{PATH}/{int(ticket_id)}"
        answer = self._session.get(path, (("shaping", "hd_ticket all"),))
        rows, _ = read_rows(Request("GET", path), answer.fields, "Tickets")
        return rows[0] if rows else {}

    def _plain(self, values: Mapping[str, object]) -> dict[str, object]:
        """*values* with instants as appliance dates. Raises ValueError for a naive one."""
        plain = dict(values)
        for field, value in values.items():
            if isinstance(value, datetime):
                if value.tzinfo is None:
                    raise ValueError(f"{field} is a date without a zone: give an aware datetime")
                plain[field] = format_stamp(value, self._zone)
        return plain

    def _approval(self, ticket_id: int, verb: str, note: str) -> None:
        body = {"approvalData": [{"approvalNote": clean_text(note)}]}
        self._session.write("POST", f"{PATH}/{int(ticket_id)}/{verb}", body)


def _as_markup(text: str) -> str:
    """*text* as the appliance is to show it: cleaned, nothing in it taken for markup."""
    from html import escape  # only where something is written

    return escape(clean_text(text), quote=False)
