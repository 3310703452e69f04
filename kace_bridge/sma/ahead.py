"""Pages under way while others are looked at: the next one, or several ranges of ids at once.

Keyset paging knows where the next page begins only when this one is there, so it is read one page
ahead. A list that is read whole is also cut into ranges of ids that do not overlap, as wide as a
page was; they are given on in rising order, so whoever reads may be cut off after any of them.
Whatever is not as expected (order, bounds, size, a gap) ends the ranges: the last word, that
nothing is left, is always said by the plain reading without an upper bound.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.transport import TimedOut

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from kace_bridge.sma.pages import Fetched, Reader, RowPage


@dataclass(slots=True)
class Ahead:
    """Up to *most* requests made by other threads; none are started before they are needed."""

    reader: "Reader"
    most: int
    _pool: "ThreadPoolExecutor | None" = None

    @property
    def parallel(self) -> int:
        """How many the appliance bears now."""
        return min(self.most, self.reader.session.parallel)

    def after(self, last: int) -> "Future[Fetched] | None":
        """The page after id *last*, already asked for; None where one request is the limit."""
        return self._start().submit(self.reader.fetch, last) if self.parallel > 1 else None

    def ranges(self, fetched: "Fetched") -> "Ranges | None":
        """Several requests for what lies above the full page *fetched*; None where few rows do."""
        if self.parallel < 2 or not self.reader.listing.whole or fetched.total is None:
            return None
        left = fetched.total - fetched.received
        dense = fetched.span <= fetched.received
        width = fetched.span if dense else _fitting(fetched.span, fetched.received)
        made = Ranges(self, max(fetched.rows), width, left, fetched.received)
        return made if made.ask() else None

    def close(self) -> None:
        """Take back what has not begun and wait for what has."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def ask(self, low: int, upto: int) -> "Future[Fetched | None]":
        """Ids above *low* up to *upto*, as `read` gives them."""
        return self._start().submit(self.read, low, upto)

    def read(self, low: int, upto: int) -> "Fetched | None":
        """The first page of a range; None where the answer does not keep to what was asked."""
        try:
            found = self.reader.fetch_range(low, upto)
        except (TooLarge, TimedOut):
            return None
        if found.total is None or not all(low < number <= upto for number in found.rows):
            return None
        whole = found.received >= found.total
        return found if whole or (found.rising and found.received) else None

    def _start(self) -> "ThreadPoolExecutor":
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self.most, "kace-bridge-read")
        return self._pool


@dataclass(slots=True)
class Ranges:
    """Ranges of ids being read: where the next begins, how wide it is, how many rows are left.

    ``share`` is how many rows a range is expected to hold.
    """

    ahead: Ahead
    low: int
    width: int
    left: int
    share: int
    waiting: deque[tuple[int, int, "Future[Fetched | None]"]] = field(default_factory=deque)

    def ask(self) -> bool:
        """Ask for as many ranges as may be under way; whether any is.

        The last page is left to the plain reading, which knows when nothing follows.
        """
        while (len(self.waiting) < self.ahead.parallel
               and self.left - len(self.waiting) * self.share > self.share):  # fmt: skip
            upto = self.low + self.width
            self.waiting.append((self.low, upto, self.ahead.ask(self.low, upto)))
            self.low = upto
        return bool(self.waiting)

    def pages(self) -> Iterator["RowPage"]:
        """Their pages in rising order, as far as the answers are as expected."""
        try:
            while self.ask():
                low, upto, future = self.waiting.popleft()
                found = future.result()
                count = (found.total if found else None) or 0
                while found and (found.total or 0) > found.received:
                    yield (page := self.ahead.reader.page(found, low, complete=False))
                    low = page.last_id
                    found = self.ahead.read(low, upto)
                if not found or not count:
                    return  # odd, or a gap: the plain reading leaps over it
                yield self.ahead.reader.page(found, low, complete=False, last=upto)
                limit = found.limit
                self.left -= count
                self.share = min(count, limit)
                if not limit * 3 <= count * 4 <= limit * 4:
                    self.width = min(self.width * 2, _fitting(self.width, count, limit))
        finally:
            for _, _, future in self.waiting:
                future.cancel()


def _fitting(width: int, count: int, limit: int | None = None) -> int:
    """A width that holds nine tenths of a page: one row too many costs a request."""
    return max(1, width * (limit or count) * 9 // (count * 10))


@contextmanager
def reading_ahead(reader: "Reader", parallel: int) -> Iterator[Ahead]:
    """An Ahead whose threads are gone when the block is left."""
    ahead = Ahead(reader, parallel)
    try:
        yield ahead
    finally:
        ahead.close()
