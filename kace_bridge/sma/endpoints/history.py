"""A ticket's history rows with their authors.  Source: contract section 4.6."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from types import MappingProxyType

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.people import to_int
from kace_bridge.sma.endpoints.users import Users
from kace_bridge.sma.pages import Listing, read_pages
from kace_bridge.sma.replies import Row, lower_keys
from kace_bridge.sma.session import Session

log = logging.getLogger(__name__)

SHAPING = "hd_ticket_change all,user limited"
_NOTHING: Row = MappingProxyType({})
Read = Callable[[TicketId, Sequence[Row]], tuple[HistoryEntry, ...]]


class Changes(Mapping[TicketId, tuple[HistoryEntry, ...]]):
    """The histories of some tickets, oldest row first, each row read when it is asked for.

    Most pages hold tickets with nothing new among their rows, and to tell that takes the rows'
    numbers only.
    """

    def __init__(self, rows: Mapping[TicketId, Sequence[Row]], read: Read) -> None:
        self.rows = dict(rows)
        self._read = read

    def __getitem__(self, ticket: TicketId) -> tuple[HistoryEntry, ...]:
        return self._read(ticket, self.rows[ticket])

    def __iter__(self) -> Iterator[TicketId]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def after(self, ticket: TicketId, row: int) -> tuple[HistoryEntry, ...]:
        """The rows of *ticket* with numbers above *row*."""
        newer = [raw for raw in self.rows.get(ticket, ()) if number_of(raw) > row]
        return self._read(ticket, newer) if newer else ()

    def last(self, ticket: TicketId) -> tuple[int, str]:
        """Number and stamp of the newest row, as they stand there; 0 and nothing without rows."""
        raw = max(self.rows.get(ticket, ()), key=number_of, default=_NOTHING)
        number = number_of(raw)
        if not number:
            return 0, ""
        fields = raw if "timestamp" in raw else lower_keys(raw)
        return number, str(fields.get("timestamp") or "")

    def also(self, other: "Changes") -> None:
        """Take in those of *other*, read by the same endpoint."""
        self.rows |= other.rows


def number_of(row: Row) -> int:
    """The number of a history row; 0 where it has none."""
    try:
        number = row.get("id")
    except AttributeError:
        return 0  # no row at all: reading it says so
    if type(number) is int:
        return number
    return to_int(number if number is not None else lower_keys(row).get("id")) or 0


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
        return self._parse(TicketId(ticket_id), rows)

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

    def changes(self, rows: Mapping[TicketId, Sequence[Row]]) -> Changes:
        """What *rows* tell of tickets; those without an id or a time are left out, and said."""
        if self._name_authors:
            # Asked for at once, and remembered: not ticket by ticket.
            raw = (row for some in rows.values() for row in some if number_of(row))
            ids = (row.get("user_id") for row in raw if not row.get("user"))
            self._users.authors(to_int(number) or 0 for number in ids)
        return Changes(rows, self._parse)

    def _parse(self, ticket: TicketId, rows: Sequence[Row]) -> tuple[HistoryEntry, ...]:
        found = [entry for row in rows if (entry := self._entry(ticket, row))]
        found.sort(key=lambda entry: entry.id)
        if not self._name_authors:
            return tuple(found)
        nameless = {entry.user_id for entry in found if entry.author is None and entry.user_id}
        people = self._users.authors(nameless) if nameless else {}
        return tuple(
            replace(entry, author=people.get(entry.user_id))
            if entry.author is None and entry.user_id
            else entry
            for entry in found
        )

    def _entry(self, ticket: TicketId, row: Row) -> HistoryEntry | None:
        try:
            entry = HistoryEntry.from_api(row, self._zone)
        except (ValueError, AttributeError, TypeError):
            log.warning("a history row cannot be read", extra={"ticket": ticket})
            return None
        return entry if entry.ticket_id else replace(entry, ticket_id=ticket)
