"""Pages under way while others are looked at: the next one, or several ranges of ids at once.

Keyset paging knows where the next page begins only when this one is there, so it is read one page
ahead. A list that is read whole is also cut into ranges of ids that do not overlap, as wide as a
page was; they are given on in rising order, so whoever reads may be cut off after any of them.
Whatever is not as expected (order, bounds, size, a gap) ends the ranges: the last word, that
nothing is left, is always said by the plain reading without an upper bound.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.transport import TimedOut

if TYPE_CHECKING:
    from kace_bridge.sma.pages import Fetched, Reader, RowPage


@dataclass(slots=True)
class Ahead:
    """Up to *parallel* requests made by other threads; none are started before they are needed."""

    reader: "Reader"
    parallel: int
    _pool: ThreadPoolExecutor | None = None

    def after(self, last: int) -> "Future[Fetched] | None":
        """The page after id *last*, already asked for; None where one request is the limit."""
        return self._start().submit(self.reader.fetch, last) if self.parallel > 1 else None

    def ranges(self, fetched: "Fetched") -> Iterator["RowPage"]:
        """Pages above the full page *fetched*, as far as it pays to ask for several at once."""
        if self.parallel < 2 or not self.reader.listing.whole or fetched.total is None:
            return
        left, share, width = fetched.total - fetched.received, fetched.received, fetched.span
        low = max(fetched.rows)
        waiting: deque[tuple[int, int, Future[Fetched | None]]] = deque()
        try:
            while True:
                # The last page is left to the plain reading, which knows when nothing follows.
                while len(waiting) < self.parallel and left - len(waiting) * share > share:
                    waiting.append((low, low + width, self._ask(low, low + width)))
                    low += width
                if not waiting:
                    return
                first, upto, future = waiting.popleft()
                found = future.result()
                count = found.total if found else 0
                if not found or not count:
                    return  # odd, or a gap: the plain reading leaps over it
                while (found.total or 0) > found.received:
                    yield (page := self.reader.page(found, first, complete=False))
                    first = page.last_id
                    found = self._range(first, upto)
                    if found is None:
                        return
                yield self.reader.page(found, first, complete=False, last=upto)
                left -= count
                share = min(count, fetched.limit)
                width = max(1, min(width * 2, width * fetched.limit // count))
        finally:
            for _, _, future in waiting:
                future.cancel()

    def close(self) -> None:
        """Take back what has not begun and wait for what has."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _start(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.parallel, "kace-bridge-read")
        return self._pool

    def _ask(self, low: int, upto: int) -> "Future[Fetched | None]":
        return self._start().submit(self._range, low, upto)

    def _range(self, low: int, upto: int) -> "Fetched | None":
        """The first page of a range; None where the answer does not keep to what was asked."""
        try:
            found = self.reader.fetch_range(low, upto)
        except (TooLarge, TimedOut):
            return None
        if found.total is None or not all(low < number <= upto for number in found.rows):
            return None
        whole = found.received >= found.total
        return found if whole or (found.rising and found.received) else None


@contextmanager
def reading_ahead(reader: "Reader", parallel: int) -> Iterator[Ahead]:
    """An Ahead whose threads are gone when the block is left."""
    ahead = Ahead(reader, parallel)
    try:
        yield ahead
    finally:
        ahead.close()
