"""Reading every row of a list once, whatever the appliance does with the query.

Keyset: rows with ``id gt last``, sorted by id. Offsets lose rows while people work (contract
section 8, Q16 and Q17), so they are used only where the appliance ignores the filter on id.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

from kace_bridge.errors import UnexpectedReply
from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.pace import PageSize
from kace_bridge.sma.query import Filter, build_query, clause
from kace_bridge.sma.replies import Row, TooLarge, lower_keys, read_rows
from kace_bridge.sma.session import Session
from kace_bridge.sma.transport import TimedOut

if TYPE_CHECKING:
    from kace_bridge.sma.ahead import Ahead

log = logging.getLogger(__name__)

PAGE_SIZE = 500
"""No maximum is documented; clients use up to 1000 (contract sections 3.3 and 8, Q18)."""


SLOW_SIZE = 25
"""A page this small that still times out is not too large: the appliance is ill."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list route and what to ask of it.

    ``keeps`` judges a row locally: False for one the filter should have left out. ``whole``: it is
    read from end to end, so that ranges of ids hold about as many rows as one another.
    """

    path: str
    plural: str
    zone: tzinfo
    where: Filter | None = None
    shaping: str = ""
    keeps: Callable[[Row], bool] = lambda _row: True
    whole: bool = False


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows in rising id order, each id once. ``dropped``: rows that were not asked for."""

    rows: tuple[Row, ...]
    last_id: int
    server_time: datetime | None
    complete: bool
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """The rows of one answer. ``total``: how many match, where the appliance says so."""

    rows: dict[int, Row]
    received: int
    total: int | None
    rising: bool
    server_time: datetime | None
    limit: int

    @property
    def span(self) -> int:
        """How wide a range of ids the rows fill."""
        return max(self.rows) - min(self.rows) + 1

    def is_whole(self, offset: int = 0) -> bool:
        """Whether nothing matching is left behind these rows.

        A short page alone proves nothing, because an appliance may cap pages below what was
        asked; nor does a Count that merely equals a full page. In doubt one more page is read.
        """
        if not self.received:
            return True
        if self.total is None or self.received >= self.limit:
            return False
        return offset + self.received >= self.total


def read_pages(
    session: Session, listing: Listing, after: int = 0, size: int = PAGE_SIZE
) -> Iterator[RowPage]:
    """Pages of *listing* from ids above *after*; at least one, the last marked complete.

    Halves the page where an answer is too large or too slow. Raises UnexpectedReply where the
    appliance's answers make it impossible to read every row.
    """
    reader = Reader(session, listing, size)
    if session.parallel < 2:
        yield from _read(reader, None, after)
        return
    from kace_bridge.sma.ahead import reading_ahead

    with reading_ahead(reader, session.parallel) as ahead:
        yield from _read(reader, ahead, after)


def _read(reader: "Reader", ahead: "Ahead | None", after: int) -> Iterator[RowPage]:
    fetched = reader.fetch(after)
    while True:
        if any(number <= after for number in fetched.rows):
            yield from reader.read_by_offset(after, fetched)
            return
        if fetched.is_whole():
            yield reader.page(fetched, after, complete=True)
            return
        if fetched.rising:
            page = reader.page(fetched, after, complete=False)
            after = page.last_id
            ranges = ahead.ranges(fetched) if ahead else None
            asked = ahead.after(after) if ahead and not ranges else None
            yield page
            for page in ranges.pages() if ranges else ():
                yield page
                after = page.last_id
            fetched = asked.result() if asked else reader.fetch(after)
            continue
        for page in reader.read_by_window(after, max(fetched.rows)):
            yield page
            after = page.last_id
        fetched = reader.fetch(after)


class Reader:
    """Asks for the pages of one listing."""

    def __init__(self, session: Session, listing: Listing, size: int) -> None:
        self.session = session
        self.listing = listing
        self.size = PageSize(max(1, size), SLOW_SIZE)

    def fetch(self, after: int, *, window: bool = False, offset: int = 0) -> Fetched:
        """One request, repeated with half the rows while it proves too much for the appliance.

        *window*: only ids that fit one page, whatever their order.
        """
        while True:
            try:
                return self._fetch(after, after + self.size.rows if window else None, offset)
            except (TooLarge, TimedOut) as error:
                if self.size.rows <= (1 if isinstance(error, TooLarge) else SLOW_SIZE):
                    raise
                self.size.halve()
                log.info("asking for fewer rows", extra={"limit": self.size.rows})

    def fetch_range(self, after: int, upto: int) -> Fetched:
        """One request for ids above *after* up to *upto*, of which there may be more."""
        return self._fetch(after, upto, 0)

    def page(
        self, fetched: Fetched, after: int, *, complete: bool, last: int | None = None
    ) -> RowPage:
        rows = [fetched.rows[number] for number in sorted(fetched.rows) if number > after]
        kept = tuple(row for row in rows if self.listing.keeps(row))
        dropped = len(rows) - len(kept)
        if dropped:
            log.warning(
                "the appliance ignored part of the filter",
                extra={"path": self.listing.path, "dropped": dropped},
            )
        top = last if last is not None else max([after, *fetched.rows])
        return RowPage(kept, top, fetched.server_time, complete, dropped)

    def read_by_window(self, after: int, top: int) -> Iterator[RowPage]:
        """Ids up to *top* in windows no wider than a page: order does not matter in those."""
        log.warning("the appliance ignores sorting", extra={"path": self.listing.path})
        while after < top:
            fetched = self.fetch(after, window=True)
            upto = after + fetched.limit
            if fetched.total is not None and fetched.received < fetched.total:
                raise UnexpectedReply(
                    f"GET {self.listing.path} ignores sorting and limits: "
                    "cannot read every row; lower the page size"
                )
            yield self.page(fetched, after, complete=False, last=upto)
            after = upto

    def read_by_offset(self, after: int, fetched: Fetched) -> Iterator[RowPage]:
        """All rows by offset, for an appliance that ignores the filter on id."""
        log.warning("the appliance ignores the filter on id", extra={"path": self.listing.path})
        seen: dict[int, Row] = {}
        offset = 0
        while True:
            fresh = {number: row for number, row in fetched.rows.items() if number not in seen}
            seen |= fresh
            whole = fetched.is_whole(offset)
            offset += fetched.received
            if not fresh and not whole:
                raise UnexpectedReply(
                    f"GET {self.listing.path} ignores filters and offsets: cannot read every row"
                )
            page = self.page(replace(fetched, rows=fresh), after, complete=whole)
            yield replace(page, last_id=max(after, *seen) if whole else after)
            if whole:
                return
            fetched = self.fetch(after, offset=offset)

    def _fetch(self, after: int, upto: int | None, offset: int) -> Fetched:
        listing, limit = self.listing, self.size.rows
        where = clause("id", "gt", after)
        if upto is not None:
            where &= clause("id", "le", upto)
        query = build_query(
            listing.zone,
            where=where & (listing.where or Filter()),
            sort="id asc",
            limit=limit,
            offset=offset,
            shaping=listing.shaping,
        )
        answer = self.session.get(listing.path, query, shrinkable=True)
        request = Request("GET", listing.path)
        rows, total = read_rows(request, answer.fields, listing.plural)
        numbers = _read_ids(listing, rows)
        self.size.after(limit, len(rows), answer.seconds)
        return Fetched(
            rows=dict(zip(numbers, rows, strict=True)),
            received=len(rows),
            total=total,
            rising=all(a <= b for a, b in pairwise(numbers)),
            server_time=answer.server_time,
            limit=limit,
        )


def _read_ids(listing: Listing, rows: Sequence[Row]) -> list[int]:
    numbers = []
    for row in rows:
        number = to_int(row["id"] if "id" in row else lower_keys(row).get("id"))
        if not number or number < 0:
            raise UnexpectedReply(f"GET {listing.path} answered a row without an id")
        numbers.append(number)
    return numbers
