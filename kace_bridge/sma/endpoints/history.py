"""A ticket's history rows with their authors.  Source: contract section 4.6."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.people import to_int
from kace_bridge.sma.endpoints.users import Users
from kace_bridge.sma.pages import Listing, read_pages
from kace_bridge.sma.replies import Row, lower_keys
from kace_bridge.sma.session import Session

log = logging.getLogger(__name__)

SHAPING = "hd_ticket_change all,user limited"
Changes = Mapping[TicketId, tuple[HistoryEntry, ...]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of one history row; ``size`` in bytes, 0 where it is not told."""

    change_id: ChangeId
    id: int
    file_name: str
    size: int


class Histories:
    """Reads history rows; names authors from the users route where a row has only a number."""

    def __init__(
        self, session: Session, users: Users, zone: tzinfo, *, name_authors: bool = True
    ) -> None:
        self._session = session
        self._users = users
        self._zone = zone
        self._name_authors = name_authors

    def read(self, ticket_id: int, after: int) -> tuple[HistoryEntry, ...]:
        """Rows with ids above *after*, oldest first. Raises NotFound."""
        path = f"/api/service_desk/tickets/{int(ticket_id)}/changes"
        listing = Listing(path, "Changes", self._zone, shaping=SHAPING)
        pages = read_pages(self._session, listing, after)
        rows = [row for page in pages for row in page.rows]
        return self.parse({TicketId(ticket_id): rows})[TicketId(ticket_id)]

    def read_attachments(self, ticket_id: int) -> tuple[Attachment, ...]:
        """Every file of the ticket, oldest first. Raises NotFound."""
        path = f"/api/service_desk/tickets/{int(ticket_id)}/changes"
        shaping = "hd_ticket_change regular,attachments regular"
        listing = Listing(path, "Changes", self._zone, shaping=shaping)
        return tuple(
            Attachment(
                ChangeId(to_int(row.get("id")) or 0),
                number,
                str(fields.get("file_name") or ""),
                to_int(fields.get("file_size")) or 0,
            )
            for page in read_pages(self._session, listing)
            for row in page.rows
            for file in row.get("attachments") or ()
            if (number := to_int((fields := lower_keys(file)).get("id")))
        )

    def parse(self, rows: Mapping[TicketId, Sequence[Row]]) -> Changes:
        """Entries by ticket, oldest first; rows without an id or a time are left out, and said."""
        entries = {
            ticket: sorted(
                (entry for row in some if (entry := self._read(ticket, row))),
                key=lambda entry: entry.id,
            )
            for ticket, some in rows.items()
        }
        nameless = {
            entry.user_id
            for some in entries.values()
            for entry in some
            if entry.author is None and entry.user_id
        }
        if not nameless or not self._name_authors:
            return {ticket: tuple(some) for ticket, some in entries.items()}
        people = self._users.authors(nameless)
        return {
            ticket: tuple(
                replace(entry, author=people.get(entry.user_id))
                if entry.author is None and entry.user_id
                else entry
                for entry in some
            )
            for ticket, some in entries.items()
        }

    def _read(self, ticket: TicketId, row: Row) -> HistoryEntry | None:
        try:
            entry = HistoryEntry.from_api(row, self._zone)
        except (ValueError, AttributeError):
            log.warning("a history row cannot be read", extra={"ticket": ticket})
            return None
        return entry if entry.ticket_id else replace(entry, ticket_id=ticket)
