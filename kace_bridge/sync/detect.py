"""What happened to a ticket since it was last looked at. Pure.

Edges come from history rows, snapshots are the net below them. The appliance's sentences are
never read: they are localised (contract section 8, Q22). That a row has one at all tells that its
save changed a field, in any language (contract section 4.6: one sentence per change).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from kace_bridge.model.difference import diff
from kace_bridge.model.digest import digest_record
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, UserName
from kace_bridge.model.ticket import Ticket

MARK = re.compile(r"\[kb:([0-9a-f]{8})\]")
"""What a comment of ours carries: the first digits of the decision that wrote it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was stored about a ticket: its last form, the newest row read, its episode."""

    ticket: Ticket
    last_row: ChangeId
    episode: int


@dataclass(frozen=True, slots=True)
class Detected:
    """New events, oldest first, and what to store: newest row, episode, authors by row."""

    events: tuple[Event, ...]
    last_row: ChangeId
    episode: int


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is who, as far as detection needs to know.

    ``author_of`` names the author of a row that does not carry one; ``own_values`` are fields
    this bridge set on this ticket, by name.
    """

    is_staff: Callable[[str | None], bool]
    author_of: Callable[[HistoryEntry], UserName | None]
    own_values: Mapping[str, str | None]


def detect(
    known: Known | None, ticket: Ticket, rows: Sequence[HistoryEntry], watcher: Watcher
) -> Detected:
    """The events between *known* and *ticket*, given the history *rows* not yet seen.

    A ticket never seen before was created, whatever else its rows tell.
    """
    rows = sorted(rows, key=_number)
    last_row = known.last_row if known else ChangeId(0)
    if known is not None:
        rows = [row for row in rows if row.id > last_row]
    if rows:
        last_row = max(last_row, rows[-1].id)
    reader = _Reader(ticket, watcher)
    events: list[Event] = []
    if known is None:
        events.append(reader.created(rows))
        events += reader.comments(rows)
        if ticket.state == "closed":
            closing = (_state(None, "closed"),)
            row = _made(closing, rows)
            events.append(reader.edge(EventKind.CLOSED, row, closing, own=reader.own(row)))
        return Detected(_in_order(events), last_row, 0)
    events += reader.comments(rows)
    own, human = _split(diff(known.ticket, ticket), rows, watcher)
    if own:
        events.append(reader.edge(EventKind.CHANGED, _made(own, _ours(rows)), own, own=True))
    episode = known.episode
    if human:
        events.append(reader.edge(EventKind.CHANGED, _made(human, _theirs(rows)), human))
    for changes, mine in ((own, True), (human, False)):
        kind = _crossing(changes)
        if kind is not None:
            episode += kind is EventKind.REOPENED
            by = _made(changes, _ours(rows) if mine else _theirs(rows))
            events.append(reader.edge(kind, by, changes, own=mine))
    return Detected(_in_order(events), last_row, episode)


def digest_of(ticket: Ticket) -> str:
    """The digest that tells whether a ticket moved at all."""
    return digest_record(ticket.record)


def marks_in(rows: Sequence[HistoryEntry]) -> dict[str, ChangeId]:
    """Every mark of ours in *rows*, with the row that carries it."""
    return {mark: row.id for row in rows for mark in MARK.findall(row.comment)}


class _Reader:
    def __init__(self, ticket: Ticket, watcher: Watcher) -> None:
        self.ticket = ticket
        self.watcher = watcher

    def created(self, rows: Sequence[HistoryEntry]) -> Event:
        first = rows[0] if rows else None
        author = self.author(first)
        at = self.ticket.created or (first.at if first else self.fallback())
        return Event(
            EventKind.CREATED, self.ticket.id, at, "created", author, self.staff(author),
            own=self.own(first), via_email=bool(first and first.via_email),
        )  # fmt: skip

    def comments(self, rows: Sequence[HistoryEntry]) -> list[Event]:
        return [
            Event(
                EventKind.COMMENTED, self.ticket.id, row.at, f"row:{row.id}", self.author(row),
                self.staff(self.author(row)), public=not row.owners_only, own=self.own(row),
                via_email=row.via_email, comment=MARK.sub("", row.comment).strip(),
            )
            for row in rows
            if row.comment
        ]  # fmt: skip

    def edge(
        self,
        kind: EventKind,
        row: HistoryEntry | None,
        changes: tuple[FieldChange, ...],
        *,
        own: bool = False,
    ) -> Event:
        """A change, attributed to *row*; to the digest where there is none."""
        cause = f"row:{row.id}" if row else f"digest:{digest_of(self.ticket)}"
        author = self.author(row)
        return Event(
            kind, self.ticket.id, row.at if row else self.fallback(), cause, author,
            self.staff(author), own=own, via_email=bool(row and row.via_email),
            comment=MARK.sub("", row.comment).strip() if row and not row.owners_only else "",
            changes=changes,
        )  # fmt: skip

    def author(self, row: HistoryEntry | None) -> UserName | None:
        return self.watcher.author_of(row) if row is not None else None

    def own(self, row: HistoryEntry | None) -> bool:
        return row is not None and MARK.search(row.comment) is not None

    def staff(self, author: UserName | None) -> bool:
        if author is None or author == self.ticket.value("submitter"):
            return False
        return self.watcher.is_staff(author) or author == self.ticket.value("owner")

    def fallback(self) -> datetime:
        at = self.ticket.modified or self.ticket.created
        if at is None:
            raise ValueError(f"ticket {self.ticket.id} carries no date")
        return at


def _split(
    changes: tuple[FieldChange, ...], rows: Sequence[HistoryEntry], watcher: Watcher
) -> tuple[tuple[FieldChange, ...], tuple[FieldChange, ...]]:
    """Ours and theirs: ours are values we wrote, where a row of ours is among the new ones."""
    if not _ours(rows):
        return (), changes
    ours = [
        change
        for change in changes
        if change.field in watcher.own_values and watcher.own_values[change.field] == change.after
    ]
    if any(change.field == "status" for change in ours):
        ours += [change for change in changes if change.field == "state"]
    return tuple(ours), tuple(change for change in changes if change not in ours)


def _ours(rows: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    return [row for row in rows if row.comment and MARK.search(row.comment)]


def _theirs(rows: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    return [row for row in rows if not MARK.search(row.comment)]


def _made(changes: Sequence[FieldChange], rows: Sequence[HistoryEntry]) -> HistoryEntry | None:
    """The row to put *changes* down to: the newest that changed a field at all.

    For a re-opening it is the first: what follows is an answer to it, and work on an open ticket.
    """
    if not rows:
        return None
    changing = [row for row in rows if row.description] or rows
    return changing[0 if _crossing(changes) is EventKind.REOPENED else -1]


def _state(before: str | None, after: str) -> FieldChange:
    return FieldChange("state", before, after)


def _crossing(changes: Sequence[FieldChange]) -> EventKind | None:
    for change in changes:
        if change.field == "state" and change.after == "closed":
            return EventKind.CLOSED
        if change.field == "state" and change.before == "closed":
            return EventKind.REOPENED
    return None


_number = attrgetter("id")
_RANK = {EventKind.CREATED: 0, EventKind.CHANGED: 2, EventKind.CLOSED: 3, EventKind.REOPENED: 3}


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    """By time; within one second by row, what has none (the creation) first."""
    if len(events) < 2:
        return tuple(events)
    return tuple(
        sorted(events, key=lambda event: (event.at, _place(event), _RANK.get(event.kind, 1)))
    )


def _place(event: Event) -> int:
    name, _, number = event.cause.partition(":")
    return int(number) if name == "row" else 0
