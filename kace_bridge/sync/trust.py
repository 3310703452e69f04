"""Is this still the appliance we know? Signs of a restored backup, another host, a lost role.

Numbers that mean something else than before would have rules write to the wrong tickets. So a
sign that cannot be explained by people at work stops everything (SafeMode), before anything is
decided from what was read, until a person has looked and says so with ``resync``.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kace_bridge.errors import SafeMode
from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.state import Store
from kace_bridge.state.rows import Snapshot

BACKWARDS = timedelta(minutes=70)
"""How far a stamp may go back without a restore: an hour comes twice when clocks go back."""
LATE = timedelta(minutes=10)
"""How much later a row may be saved than one with a higher number: a slow transaction."""
FEW, SHARE = 5, 0.05
"""So many tickets may vanish between two full looks, or this share of those known."""
WITNESSES = 3
CURE = "nothing is written until somebody has looked: kace-bridge resync --help"


def require_same(snapshot: Snapshot, ticket: Ticket, rows: Sequence[HistoryEntry]) -> None:
    """Raises SafeMode where *ticket*, with its history *rows*, contradicts its *snapshot*."""
    if why := contradiction(snapshot, ticket, rows):
        raise SafeMode(f"{why}; {CURE}")


def contradiction(snapshot: Snapshot, ticket: Ticket, rows: Sequence[HistoryEntry]) -> str:
    """Why *ticket* cannot be the one of *snapshot* some time later; empty where it can.

    A stamp alone may go back, with the appliance's clock; not without anybody's doing.
    """
    created, modified = ticket.text("created"), ticket.text("modified")
    if created and snapshot.created and created != snapshot.created:
        return (
            f"ticket {ticket.id} was created {snapshot.created} and now says {created}: the number"
            " was given again, or this is another appliance"
        )
    saved = any(row.id > snapshot.last_row for row in rows)
    if not saved and _gone_back(snapshot.modified, modified):
        return (
            f"ticket {ticket.id} was last changed {snapshot.modified} and now says {modified}:"
            " the appliance has gone back in time"
        )
    return ""


def _gone_back(before: str, now: str) -> bool:
    try:
        return datetime.fromisoformat(now) < datetime.fromisoformat(before) - BACKWARDS
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class RowStamp:
    """A history row as far as the numbering goes."""

    ticket_id: TicketId
    id: int
    at: datetime


Newest = tuple[int, datetime]
"""The highest number of a history row, and the latest moment at which one was saved."""


def newest_row(known: Newest | None, rows: Iterable[RowStamp]) -> Newest | None:
    """*known* with *rows* counted in."""
    for row in rows:
        known = (max(known[0], row.id), max(known[1], row.at)) if known else (row.id, row.at)
    return known


def counted_back(before: Newest | None, rows: Iterable[RowStamp]) -> str:
    """Why *rows* contradict what earlier runs saw; empty where they do not.

    Numbers only rise. A row saved clearly later than all that was known then, with a number below
    the highest, was counted by a counter that went back. Imports may be numbered high and dated
    low: so both are the highest of all rows.
    """
    for row in rows:
        if before is not None and row.id < before[0] and row.at > before[1] + LATE:
            return (
                f"history row {row.id} of ticket {row.ticket_id} is younger than row {before[0]}:"
                " the appliance's numbers have gone back"
            )
    return ""


class Memory:
    """The highest history row of all runs; checks each page against it."""

    KEY = "newest_row"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stored = self._known = _read(store.meta(self.KEY))

    def check(self, tickets: Sequence[Ticket], changes: Changes | None) -> None:
        """Raises SafeMode where the history of *tickets* contradicts what was read before."""
        if changes is None:
            return
        rows = [row for ticket in tickets if (row := _newest(ticket, changes))]
        self._known = newest_row(self._known, rows)
        if why := counted_back(self._stored, rows):
            raise SafeMode(f"{why}; {CURE}")

    def save(self) -> None:
        if self._known is not None and self._known != self._stored:
            self._store.set_meta(self.KEY, f"{self._known[0]} {self._known[1].isoformat()}")
            self._stored = self._known


def _newest(ticket: Ticket, changes: Changes) -> RowStamp | None:
    number, stamp = changes.last(ticket.id)
    at = parse_stamp(stamp, ticket.zone)
    return RowStamp(ticket.id, number, at) if number and at is not None else None


def _read(text: str | None) -> Newest | None:
    number, _, at = (text or "").partition(" ")
    return (int(number), datetime.fromisoformat(at)) if at else None


def check_witnesses(witnesses: Mapping[TicketId, str], seen: Mapping[TicketId, Ticket]) -> None:
    """Raises SafeMode where tickets known to be there are not, or are others."""
    for number, created in witnesses.items():
        ticket = seen.get(number)
        if ticket is not None and ticket.text("created") not in ("", created):
            raise SafeMode(
                f"ticket {number} was created {created} and now says {ticket.text('created')}:"
                f" this is another appliance, or one restored; {CURE}"
            )
    if len(witnesses) >= WITNESSES and not witnesses.keys() & seen.keys():
        numbers = ", ".join(map(str, sorted(witnesses)))
        raise SafeMode(f"tickets {numbers} are all gone: is this the same appliance? {CURE}")


class Census:
    """The tickets seen by one full look, against those known before it that it had to show.

    *closed_since*: of the closed ones the look shows those changed at this date or later.
    """

    def __init__(self, store: Store, queues: Collection[QueueId], closed_since: str = "") -> None:
        self._store = store
        self._known = store.known_tickets(queues, closed_since)
        self._seen = array("q")

    def add(self, tickets: Iterable[Ticket]) -> None:
        self._seen.extend(ticket.id for ticket in tickets)

    def missing(self) -> list[TicketId]:
        """Those that are on no list any more."""
        seen = set(self._seen)
        return [ticket for ticket in self._known if ticket not in seen]

    def check(self, vanished: int) -> None:
        """Raises SafeMode where too many *vanished*: no list shows them, nor their numbers."""
        many = vanished > max(FEW, SHARE * len(self._known))
        if many and not self._store.take_acceptance():
            raise SafeMode(
                f"{vanished} of {len(self._known)} known tickets are on no list any more: has"
                f" the account lost a queue, or the appliance its data? {CURE}"
            )


def check_organization(store: Store, selected: str | None) -> None:
    """Pin the organization at the first sync; raises SafeMode where it is another one later."""
    if not selected:
        return
    pinned = store.meta("appliance_pin")
    if pinned is None:
        store.set_meta("appliance_pin", selected)
    elif pinned != selected:
        raise SafeMode(f"the appliance selected organization {selected}, not {pinned}; {CURE}")
