"""Tickets as last seen, what has happened to them, and when to look again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import QueueId, TicketId, UserName
from kace_bridge.state.codec import (
    dump_quickly,
    fetch_in,
    from_us,
    from_us_or_none,
    load,
    storable_or_none,
    to_us,
    to_us_or_none,
)
from kace_bridge.state.database import Connection, Value
from kace_bridge.state.rows import DueRow, Snapshot

_READ = (
    "SELECT ticket, queue, record_json, digest, modified, created, last_row, owner, state, "
    "status, episode, seen_at, gone_at, parent FROM snapshot"
)
_WRITE = """
INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (ticket) DO UPDATE SET queue = excluded.queue, record_json = excluded.record_json,
  digest = excluded.digest, modified = excluded.modified, created = excluded.created,
  last_row = excluded.last_row, owner = excluded.owner, state = excluded.state,
  status = excluded.status, episode = excluded.episode, seen_at = excluded.seen_at,
  gone_at = excluded.gone_at, parent = excluded.parent
"""
_OPEN = " WHERE gone_at IS NULL AND (state IS NULL OR state <> 'closed') AND ticket > ?"
_LOADS = """
SELECT owner, COUNT(*) FROM snapshot
WHERE owner IS NOT NULL AND gone_at IS NULL AND (state = 'opened' OR status = 'New')
GROUP BY owner
"""
_KIND = {kind.value: kind for kind in EventKind}
_KINDS = {kind: place for place, kind in enumerate(EventKind)}


def write_snapshots(c: Connection, snapshots: Iterable[Snapshot]) -> None:
    c.executemany(_WRITE, [_to_row(snapshot) for snapshot in snapshots])


def _to_row(snapshot: Snapshot) -> tuple[Value, ...]:
    return (
        snapshot.ticket,
        snapshot.queue,
        dump_quickly(snapshot.record),
        snapshot.digest,
        snapshot.modified,
        snapshot.created,
        snapshot.last_row,
        storable_or_none(snapshot.owner),
        snapshot.state,
        storable_or_none(snapshot.status),
        snapshot.episode,
        to_us(snapshot.seen_at),
        to_us_or_none(snapshot.gone_at),
        snapshot.parent,
    )


def _from_row(row: Sequence[Any]) -> Snapshot:
    ticket, queue, record, *plain, seen_at, gone_at, parent = row
    times = from_us(seen_at), from_us_or_none(gone_at)
    return Snapshot(*(ticket, queue, load(record), *plain, *times, parent))


def read_snapshots(c: Connection, tickets: Iterable[TicketId]) -> dict[TicketId, Snapshot]:
    rows = fetch_in(c, _READ + " WHERE ticket IN (...)", tickets)
    return {snapshot.ticket: snapshot for snapshot in map(_from_row, rows)}


def read_children(c: Connection, parents: Iterable[TicketId]) -> list[Snapshot]:
    """Tickets that belong to one of *parents* and are not gone."""
    rows = fetch_in(c, _READ + " WHERE gone_at IS NULL AND parent IN (...)", parents)
    return sorted(map(_from_row, rows), key=lambda snapshot: snapshot.ticket)


def read_page(c: Connection, after: TicketId, limit: int) -> list[Snapshot]:
    rows = c.execute(_READ + " WHERE ticket > ? ORDER BY ticket LIMIT ?", (after, limit))
    return [_from_row(row) for row in rows]


def read_digests(c: Connection, tickets: Iterable[TicketId]) -> dict[TicketId, tuple[str, int]]:
    sql = "SELECT ticket, digest, last_row FROM snapshot WHERE ticket IN (...)"
    return {TicketId(ticket): (digest, row) for ticket, digest, row in fetch_in(c, sql, tickets)}


def read_open(
    c: Connection, queues: Iterable[QueueId] | None, after: TicketId, limit: int | None
) -> list[Snapshot]:
    if queues is None:
        rows = c.execute(_READ + _OPEN + " ORDER BY ticket LIMIT ?", (after, _count(limit)))
        return [_from_row(row) for row in rows]
    found = [
        _from_row(row)
        for queue in dict.fromkeys(queues)
        for row in c.execute(
            _READ + _OPEN + " AND queue = ? ORDER BY ticket LIMIT ?", (after, queue, _count(limit))
        )
    ]
    return sorted(found, key=lambda snapshot: snapshot.ticket)[:limit]


def _count(limit: int | None) -> int:
    return 2**62 if limit is None else limit


def read_loads(c: Connection) -> dict[UserName, int]:
    return {UserName(owner): count for owner, count in c.execute(_LOADS)}


def write_events(c: Connection, events: Iterable[Event]) -> None:
    c.executemany(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (event.ticket, event.cause, event.kind.value, to_us(event.at), _detail(event))
            for event in events
        ],
    )


def _detail(event: Event) -> str:
    marks = {"automatic": True} if event.automatic else {}
    return dump_quickly({
        **marks,
        "author": event.author,
        "staff": event.staff,
        "public": event.public,
        "own": event.own,
        "via_email": event.via_email,
        "comment": event.comment,
        "changes": [(change.field, change.before, change.after) for change in event.changes],
    })  # fmt: skip


def read_timelines(c: Connection, tickets: Iterable[TicketId]) -> dict[TicketId, tuple[Event, ...]]:
    found: dict[TicketId, list[Event]] = {ticket: [] for ticket in tickets}
    sql = "SELECT ticket, cause, kind, at, detail_json FROM event WHERE ticket IN (...)"
    for ticket, cause, kind, at, text in fetch_in(c, sql, list(found)):
        detail = load(text)
        changes = tuple(FieldChange(*change) for change in detail.pop("changes"))
        event = Event(_KIND[kind], ticket, from_us(at), cause, changes=changes, **detail)
        found[TicketId(ticket)].append(event)
    return {ticket: tuple(sorted(events, key=_place)) for ticket, events in found.items()}


def _place(event: Event) -> tuple[datetime, int, int, str]:
    """Oldest first; within one second by history row, then as EventKind lists them."""
    row = event.cause.removeprefix("row:")
    return event.at, int(row) if row.isdecimal() else 0, _KINDS[event.kind], event.cause


def replace_due(c: Connection, tickets: Iterable[TicketId], due: Iterable[DueRow]) -> None:
    """The due rows of *tickets* are *due* and nothing else."""
    c.executemany("DELETE FROM due WHERE ticket = ?", [(ticket,) for ticket in tickets])
    c.executemany(
        "INSERT INTO due VALUES (?, ?, ?, ?) "
        "ON CONFLICT (ticket, rule, level) DO UPDATE SET at = excluded.at",
        [(row.ticket, row.rule, row.level, to_us(row.at)) for row in due],
    )


def read_due(c: Connection, now: datetime, limit: int) -> list[DueRow]:
    sql = (
        "SELECT ticket, rule, level, at FROM due WHERE at <= ? "
        "ORDER BY at, ticket, rule, level LIMIT ?"
    )
    return [
        DueRow(TicketId(ticket), rule, level, from_us(at))
        for ticket, rule, level, at in c.execute(sql, (to_us(now), limit))
    ]
