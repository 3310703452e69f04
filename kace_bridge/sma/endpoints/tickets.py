"""Tickets: reading.  Source: contract sections 4.1 to 4.6 and 4.13."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from kace_bridge.errors import NotFound, Refused, UnexpectedReply
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.people import to_int
from kace_bridge.model.text import clean_text
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma.endpoints.ticket_writes import PATH, TicketWrites
from kace_bridge.sma.endpoints.users import Users
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.pages import PAGE_SIZE, Listing, RowPage, read_pages
from kace_bridge.sma.query import (
    Filter,
    build_query,
    check_stamp,
    clause,
    id_filter,
    lower_bound,
)
from kace_bridge.sma.replies import Row, read_rows
from kace_bridge.sma.session import Session

if TYPE_CHECKING:
    from kace_bridge.model.history import HistoryEntry
    from kace_bridge.sma.endpoints.history import Attachment, Changes, Histories

log = logging.getLogger(__name__)

SHAPING = (
    "hd_ticket all,owner limited,submitter limited,queue limited,category limited,"
    "priority all,status all,impact limited,machine limited,asset limited"
)
"""Everything the model reads. Related tickets are left out: they broke 10.0 (contract 8, Q12)."""
GET_MANY = 450
"""Tickets asked for by number in one request: with ten digits each they fit the 8,190 characters
that web servers take in a request line, and the answer is no larger than a page. Fewer, once a
server has found that too long."""
URI_TOO_LONG = 414


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets in rising id order.

    ``changes`` holds the history of every ticket of the page, or is None where the appliance
    did not give them all inline: ask ``history`` then. ``server_time`` is the appliance's clock at
    this page. ``complete`` marks the last page. ``last_id`` resumes after this page.
    """

    tickets: tuple[Ticket, ...]
    changes: "Changes | None"
    last_id: int
    server_time: datetime
    complete: bool


class Tickets(TicketWrites):
    """``sma.tickets``."""

    def __init__(
        self, session: Session, users: Users, zone: tzinfo, *, name_authors: bool = True
    ) -> None:
        super().__init__(session, zone)
        self._users = users
        self._name_authors = name_authors
        self._at_once = GET_MANY

    @cached_property
    def _histories(self) -> "Histories":
        from kace_bridge.sma.endpoints.history import Histories

        return Histories(self._session, self._users, self._zone, name_authors=self._name_authors)

    def list(
        self,
        queue: int | Iterable[int] | None = None,
        modified_since: datetime | str | None = None,
        where: Filter | None = None,
        with_changes: bool = False,
    ) -> Iterator[Ticket]:
        """Matching tickets by rising id, read as they are consumed.

        ``with_changes`` leaves the raw history rows in ``ticket.record["changes"]`` where the
        appliance gives them inline.
        """
        queues = [queue] if isinstance(queue, int) else None if queue is None else list(queue)
        listing = self._listing(queues, modified_since, where, with_changes)
        for page in read_pages(self._session, listing):
            for row in page.rows:
                yield Ticket.from_api(row, self._zone)

    def pages(
        self,
        queues: Sequence[int] | None = None,
        modified_since: datetime | str | None = None,
        where: Filter | None = None,
        after_id: int = 0,
        page_size: int = PAGE_SIZE,
        with_changes: bool = True,
    ) -> Iterator[Page]:
        """Pages of matching tickets by rising id; at least one, though it may be empty.

        ``modified_since`` is inclusive; a text is an appliance date and is sent as it stands.
        Raises ValueError for an empty list of queues or a malformed date.
        """
        listing = self._listing(queues, modified_since, where, with_changes)
        for page in read_pages(self._session, listing, after_id, page_size):
            yield self._read_page(page)

    def get(self, ticket_id: int) -> Ticket:
        """Raises NotFound: a 404 or an empty answer (contract section 4.2)."""
        path = f"{PATH}/{int(ticket_id)}"
        missing = f"no ticket {ticket_id}, or hidden from {self._session.account.username!r}"
        try:
            answer = self._session.get(path, (("shaping", SHAPING),))
        except NotFound as error:
            raise NotFound(missing, status=error.status) from None
        rows, _ = read_rows(Request("GET", path), answer.fields, "Tickets")
        if not rows or to_int(rows[0].get("id")) != int(ticket_id):
            raise NotFound(missing, status=404)
        return Ticket.from_api(rows[0], self._zone)

    def get_many(
        self, ids: Iterable[int], with_changes: bool = True
    ) -> "tuple[dict[TicketId, Ticket], Changes | None]":
        """The tickets of *ids* that exist and are visible, 450 to a request.

        Histories as in ``Page.changes``; one chunk without them makes them None altogether.
        """
        wanted = sorted({int(number) for number in ids})
        tickets: dict[TicketId, Ticket] = {}
        changes = self._histories.changes({})
        inline, start = True, 0
        while chunk := wanted[start : start + self._at_once]:
            try:
                pages = self._named(chunk, with_changes)
            except Refused as error:
                if error.status != URI_TOO_LONG or len(chunk) == 1:
                    raise
                self._at_once = len(chunk) // 2
                continue
            start += len(chunk)
            for page in pages:
                tickets |= {ticket.id: ticket for ticket in page.tickets}
                if page.changes is not None:
                    changes.also(page.changes)
                inline = inline and not (page.tickets and page.changes is None)
        return tickets, changes if inline and with_changes else None

    def _named(self, chunk: Sequence[int], with_changes: bool) -> Sequence[Page]:
        listing = self._listing(None, None, id_filter(chunk), with_changes, frozenset(chunk))
        # One row more than asked for: a page that is not full needs no second look.
        pages = read_pages(self._session, listing, chunk[0] - 1, len(chunk) + 1)
        return tuple(self._read_page(page) for page in pages)

    def history(self, ticket_id: int, after: int = ChangeId(0)) -> "tuple[HistoryEntry, ...]":
        """History rows with ids above *after*, oldest first, each with its author."""
        return self._histories.read(ticket_id, after)

    def newest(self) -> Ticket | None:
        """The ticket changed last, of those visible; None where there are none."""
        query = build_query(self._zone, sort="modified desc", limit=1, shaping=SHAPING)
        rows, _ = read_rows(Request("GET", PATH), self._session.get(PATH, query).fields, "Tickets")
        return Ticket.from_api(rows[0], self._zone) if rows else None

    def attachments(self, ticket_id: int) -> "tuple[Attachment, ...]":
        """The files of a ticket's history, to be read with ``attachment``. Raises NotFound."""
        return self._histories.read_attachments(ticket_id)

    def comment(
        self, ticket_id: int, text: str, owners_only: bool = False, *, verify: bool = False
    ) -> None:
        """Add a comment.

        ``owners_only`` is believed to hide it from the submitter (contract section 9.7, U7).
        With *verify* an owners-only note is read back, at the price of two readings: raises
        UnexpectedReply where the appliance stored it for everybody, or does not show it at all.
        """
        if not (owners_only and verify):
            self.update(ticket_id, comment=text, owners_only=owners_only)
            return
        known = max((row.id for row in self.history(ticket_id)), default=ChangeId(0))
        self.update(ticket_id, comment=text, owners_only=True)
        added = [row for row in self.history(ticket_id, known) if row.comment]
        # Others may write at the same moment; releases differ in how they tidy a text.
        same = [row for row in added if row.comment.split() == clean_text(text).split()] or added
        if not same:
            raise UnexpectedReply(f"the note on ticket {ticket_id} did not come back: look there")
        if not all(row.owners_only for row in same):
            raise UnexpectedReply(
                f"the note on ticket {ticket_id} was stored as a public comment: its submitter "
                "can read it; remove it there and keep notes out of this queue"
            )

    def _listing(
        self,
        queues: Sequence[int] | None,
        modified_since: datetime | str | None,
        where: Filter | None,
        with_changes: bool,
        members: frozenset[int] | None = None,
    ) -> Listing:
        asked = Filter()
        since = ""
        if queues is not None:
            if not queues:
                raise ValueError("no queue given: leave queues out for all of them")
            asked &= id_filter([int(queue) for queue in queues], "hd_queue_id")
        if modified_since is not None:
            since = (
                check_stamp(modified_since)
                if isinstance(modified_since, str)
                else lower_bound(modified_since, self._zone)
            )
            asked &= clause("modified", "ge", since)
        shaping = f"{SHAPING},changes all" if with_changes else SHAPING
        inside = frozenset(queues) if queues is not None else None
        return Listing(
            PATH,
            "Tickets",
            self._zone,
            asked & (where or Filter()),
            shaping,
            keeps=lambda row: _is_asked_for(row, inside, since, members),
            whole=modified_since is None and members is None and not where,
        )

    def _read_page(self, page: RowPage) -> Page:
        given = {to_int(row.get("id")): row["changes"] for row in page.rows if "changes" in row}
        tickets = tuple(
            Ticket.from_api(_without_changes(row) if given else row, self._zone)
            for row in page.rows
        )
        rows: dict[TicketId, Sequence[Row]] = {
            ticket.id: given[ticket.id]
            for ticket in tickets
            if isinstance(given.get(ticket.id), list)
        }
        return Page(
            tickets=tickets,
            changes=self._histories.changes(rows) if len(rows) == len(tickets) else None,
            last_id=page.last_id,
            server_time=page.server_time or self._session.clock.now(),
            complete=page.complete,
        )


def _without_changes(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "changes"}


def _is_asked_for(
    row: Row, queues: frozenset[int] | None, since: str, members: frozenset[int] | None
) -> bool:
    """Whether *row* is within the filter, as far as it shows: the appliance may have ignored it."""
    queue, modified = to_int(row.get("hd_queue_id")), row.get("modified")
    if queues is not None and queue is not None and queue not in queues:
        return False
    if members is not None and to_int(row.get("id")) not in members:
        return False
    return not (since and isinstance(modified, str) and modified and modified < since)
