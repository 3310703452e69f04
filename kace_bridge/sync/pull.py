"""Reading the desk: pages of tickets that may have moved, and where to go on next time.

Keyset paging on the immutable id; stamps are the appliance's own; the watermark never passes
what may still be unseen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from kace_bridge.model.appliance_time import format_stamp, parse_stamp
from kace_bridge.model.ids import QueueId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.sma.query import Filter, clause
from kace_bridge.state.rows import Cursor

OVERLAP = timedelta(minutes=10)
"""How far each sweep reads back: rows may become visible later than their stamp."""
OVERLAP_NEAR_SHIFT = timedelta(minutes=70)
"""The same around a change of the clocks: when they go back, an hour's stamps come twice."""
NEAR = timedelta(hours=2)
SAFETY = timedelta(seconds=60)
"""The watermark stays this far behind the moment the sweep began."""
FULL_SWEEP = timedelta(hours=6)
"""How often what is open or was closed lately is compared, to catch what stamps miss."""
LATELY = timedelta(days=30)
"""How long a ticket that does not change goes on being compared after it was closed."""
OPEN = clause("status.state", "neq", "closed")
CLOSED = clause("status.state", "eq", "closed")


@dataclass(frozen=True, slots=True)
class Batch:
    """One page and the cursor that is true once it is committed.

    ``changes`` is None where the appliance does not give history inline.
    """

    tickets: tuple[Ticket, ...]
    changes: Changes | None
    cursor: Cursor
    now: datetime


@dataclass(frozen=True, slots=True)
class Sweep:
    """How one pass over *queues* reads: from where, and whether it compares everything.

    *where* narrows it to a part.
    """

    source: str
    queues: tuple[QueueId, ...]
    zone: tzinfo
    page_size: int
    full: bool
    where: Filter | None = None

    def read(self, sma: Sma, cursor: Cursor | None, now: datetime) -> Iterator[Batch]:
        """Batches in id order; an interrupted sweep goes on after the last committed page."""
        current = self._open(cursor, now)
        with_changes = True
        pages = sma.tickets.pages(
            queues=list(self.queues),
            modified_since=None if current.full else current.sweep_low,
            where=self.where,
            after_id=current.last_id,
            page_size=self.page_size,
            with_changes=with_changes,
        )
        for page in pages:
            current = replace(
                current,
                last_id=max(current.last_id, page.last_id),
                newest=max([current.newest, *self._stamps(page.tickets)]),
            )
            if page.complete:
                current = self._close(current, page.server_time)
            yield Batch(page.tickets, page.changes, current, page.server_time)

    def _open(self, cursor: Cursor | None, now: datetime) -> Cursor:
        if cursor is not None and cursor.sweep_start is not None:
            return cursor
        start = format_stamp(now, self.zone)
        if cursor is None:
            return Cursor(self.source, "", None, start, 0, "", True, False, None)
        mark = parse_stamp(cursor.watermark, self.zone)
        low = format_stamp(mark - _overlap(mark), self.zone) if mark else None
        return replace(
            cursor, sweep_low=low, sweep_start=start, last_id=0, newest="",
            full=self.full or low is None,
        )  # fmt: skip

    def _close(self, cursor: Cursor, now: datetime) -> Cursor:
        start = parse_stamp(cursor.sweep_start, self.zone)
        # A rehearsal (--at) may call a moment to come the present: the mark stays in the true one.
        limit = format_stamp(min(start, now) - SAFETY, self.zone) if start else ""
        # Set back, the appliance's clock stamps what is new below the mark: the mark follows it.
        mark = limit if went_back(cursor, now, self.zone) else cursor.watermark
        seen = min(cursor.newest, limit) if cursor.newest else mark
        watermark = max(mark, seen)
        if not watermark:
            watermark = limit
        return replace(
            cursor, watermark=watermark, sweep_low=None, sweep_start=None, last_id=0, newest="",
            baselined=True, full=False,
            full_sweep_at=now if cursor.full else cursor.full_sweep_at,
        )  # fmt: skip

    def _stamps(self, tickets: Sequence[Ticket]) -> Iterator[str]:
        return (ticket.text("modified") for ticket in tickets)


def _overlap(mark: datetime) -> timedelta:
    shifting = (mark - NEAR).utcoffset() != (mark + NEAR).utcoffset()
    return OVERLAP_NEAR_SHIFT if shifting else OVERLAP


def went_back(cursor: Cursor | None, now: datetime, zone: tzinfo) -> bool:
    """Whether the appliance's clock, *now*, stands before what it has already stamped."""
    mark = parse_stamp(cursor.watermark, zone) if cursor is not None else None
    return mark is not None and mark > now


def wants_whole(cursor: Cursor | None) -> bool:
    """Whether to compare every ticket, since what is known of them rests on no sweep so far."""
    if cursor is None:
        return True
    if cursor.sweep_start is not None:
        return cursor.full
    return cursor.full_sweep_at is None


def wants_look(cursor: Cursor | None, now: datetime) -> bool:
    """Whether it is time to compare what may have changed without a newer stamp."""
    if cursor is None or cursor.full_sweep_at is None:
        return False
    return now - cursor.full_sweep_at >= FULL_SWEEP


def looks(main: Sweep, now: datetime) -> tuple[Sweep, ...]:
    """The two sweeps of a look: over what is open, and over what was closed lately.

    Two, since the filters have no "or"; each has a cursor of its own, so that one cut off goes on.
    What was closed long ago is read when it carries a newer stamp, and by a whole sweep: the cost
    of a look does not grow with all that was ever closed.
    """
    lately = clause("modified", "ge", now - LATELY)
    return (
        replace(main, source=f"open:{main.source}", full=True, where=OPEN),
        replace(main, source=f"closed:{main.source}", full=True, where=CLOSED & lately),
    )


def standing(
    cursor: Cursor | None, last: datetime, zone: tzinfo
) -> Literal["new", "begun", "done"]:
    """How far the sweep of *cursor* has come since the *last* look was complete."""
    if cursor is None:
        return "new"
    if cursor.sweep_start is None:
        done = cursor.full_sweep_at is not None and cursor.full_sweep_at > last
        return "done" if done else "new"
    begun = parse_stamp(cursor.sweep_start, zone)
    return "begun" if begun is not None and begun > last else "new"
