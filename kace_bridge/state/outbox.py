"""Messages waiting to leave: one row per recipient, oldest first in each recipient's line."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from kace_bridge.model.message import Message
from kace_bridge.state.codec import dump, from_us, from_us_or_none, load, storable, to_us
from kace_bridge.state.database import Connection, Value
from kace_bridge.state.ledger import Overtaken
from kace_bridge.state.rows import OutboxRow, Part

_READ = (
    "SELECT message_key, decision, message_json, state, attempts, ambiguous, next_at, "
    "last_error, sent_at, bundle FROM outbox"
)
_CLAIMABLE = """
 WHERE ((state = 'pending' AND next_at <= ?) OR (state = 'sending' AND lease_until <= ?))
  AND bundle IS NULL
  AND NOT EXISTS (SELECT 1 FROM outbox older WHERE older.ticket = outbox.ticket
    AND older.channel = outbox.channel AND older.recipient = outbox.recipient
    AND older.seq < outbox.seq AND older.state IN ('pending', 'sending'))
ORDER BY seq LIMIT ?
"""
_WAITING = """
 WHERE state = 'pending' AND next_at <= ? AND attempts = 0 AND ambiguous = 0 AND bundle IS NULL
  AND NOT EXISTS (SELECT 1 FROM outbox older WHERE older.ticket = outbox.ticket
    AND older.channel = outbox.channel AND older.recipient = outbox.recipient
    AND older.seq < outbox.seq AND older.state IN ('pending', 'sending')
    AND (older.state = 'sending' OR older.next_at > ? OR older.attempts > 0
      OR older.ambiguous = 1 OR older.bundle IS NOT NULL))
ORDER BY seq LIMIT ?
"""
_CLAIM = """
UPDATE outbox SET ambiguous = CASE WHEN state = 'sending' THEN 1 ELSE ambiguous END,
  state = 'sending', attempts = attempts + 1, lease_until = ?, epoch = ? WHERE message_key = ?
"""
_SENT = """
UPDATE outbox SET state = 'sent', sent_at = ?, last_error = ?, lease_until = NULL
WHERE message_key = ? AND state IN ('sending', 'pending')
"""
_RETRY = """
UPDATE outbox SET state = 'pending', next_at = ?, last_error = ?, lease_until = NULL,
  ambiguous = CASE WHEN ? = 1 THEN 1 ELSE ambiguous END
WHERE message_key = ? AND state = 'sending' AND (epoch IS NULL OR epoch = COALESCE(?, epoch))
"""
_PUT_BACK = """
UPDATE outbox SET state = 'pending', next_at = ?, last_error = ?, lease_until = NULL,
  attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
WHERE message_key = ? AND state = 'sending' AND (epoch IS NULL OR epoch = COALESCE(?, epoch))
"""
_REST = """
UPDATE outbox SET next_at = ?, last_error = ?
WHERE channel = ? AND state = 'pending' AND next_at <= ? AND bundle IS NULL
"""
_FOLD = """
UPDATE outbox SET bundle = ?, last_error = ?
WHERE message_key = ? AND state = 'pending' AND attempts = 0 AND ambiguous = 0
  AND bundle IS NULL
"""
_PARTS = "SELECT message_key FROM outbox WHERE bundle = ? AND state = ? ORDER BY seq"
_PARTS_FOLLOW = """
UPDATE outbox SET state = ?, sent_at = ?, last_error = ? WHERE message_key = ?
"""
_DEAD = """
UPDATE outbox SET state = 'dead', last_error = ?, lease_until = NULL
WHERE message_key = ? AND state IN ('sending', 'pending')
  AND (epoch IS NULL OR state = 'pending' OR epoch = COALESCE(?, epoch))
"""
_DROPPED = """
UPDATE outbox SET state = 'dropped', last_error = ?, lease_until = NULL
WHERE message_key = ? AND state IN ('sending', 'pending', 'dead')
  AND (epoch IS NULL OR state <> 'sending' OR epoch = COALESCE(?, epoch))
"""
_CLAIMS = "SELECT message_key, epoch FROM outbox WHERE state = 'sending' ORDER BY seq"
_RECLAIM = """
UPDATE outbox SET state = 'pending', ambiguous = 1, lease_until = NULL
WHERE message_key = ? AND state = 'sending'
"""
_HOLDS = "SELECT 1 FROM outbox WHERE message_key = ? AND state = 'sending' AND epoch = ?"
_REQUEUE = """
UPDATE outbox SET state = 'pending', next_at = ?, lease_until = NULL, bundle = NULL
WHERE message_key = ? AND state IN ('dead', 'dropped')
"""
_INSERT = (
    "INSERT INTO outbox VALUES "
    "(?, ?, ?, ?, ?, ?, ?, 'pending', 0, 0, ?, NULL, NULL, '', NULL, NULL) "
    "ON CONFLICT (message_key) DO NOTHING"
)
_MESSAGE_PARTS = (
    "SELECT part, detail_json FROM effect WHERE decision = ? AND kind = 'message' "
    "AND state IN ('planned', 'applied') ORDER BY part"
)


def recipient_of(message: Message) -> str:
    """Whom a line belongs to: the address, or the channel where that has one fixed target."""
    return storable(message.to or message.channel)


def content_of(message: Message) -> str:
    """*message* as it is stored: delivering it twice must give the same bytes."""
    return dump({**asdict(message), "date": to_us(message.date)})


def write_messages(
    c: Connection, messages: Sequence[Message], decisions: Sequence[str]
) -> tuple[list[str], list[Part]]:
    """Queue *messages*; the keys that are new, and the message effects they fulfil.

    A message fulfils the first effect of *decisions* left with its channel, address and
    template; where there is none (a summary of several), it belongs to the first decision.
    """
    places = _places(c, decisions)
    seq = _last(c)
    fresh: list[str] = []
    parts: list[Part] = []
    for message in messages:
        waiting = places.get((message.channel, message.to, message.template))
        if waiting:
            parts.append(waiting.pop(0))
            decision: str | None = parts[-1][0]
        else:
            decision = decisions[0] if decisions else None
        row = _to_row(message, seq + 1, decision)
        if c.execute(_INSERT, row).rowcount == 1:
            seq += 1
            fresh.append(message.key)
    return fresh, parts


def _last(c: Connection) -> int:
    return int(c.execute("SELECT COALESCE(MAX(seq), 0) FROM outbox").fetchone()[0])


def _to_row(message: Message, seq: int, decision: str | None) -> tuple[Value, ...]:
    who, content = recipient_of(message), content_of(message)
    fixed = (message.key, seq, decision, message.ticket, message.channel, who, content)
    return (*fixed, to_us(message.date))


def _places(c: Connection, decisions: Sequence[str]) -> dict[tuple[str, str, str], list[Part]]:
    places: dict[tuple[str, str, str], list[Part]] = {}
    for decision in dict.fromkeys(decisions):
        for part, text in c.execute(_MESSAGE_PARTS, (decision,)).fetchall():
            message = load(text)["message"]
            place = (message["channel"], message["to"], message["template"])
            places.setdefault(place, []).append((decision, part))
    return places


def read_outbox(
    c: Connection, states: Sequence[str] | None, limit: int, key: str | None = None
) -> list[OutboxRow]:
    clauses: list[str] = []
    values: list[Value] = []
    if states is not None:
        clauses.append(f"state IN ({','.join('?' * len(states))})")
        values += states
    if key is not None:
        clauses.append("message_key = ?")
        values.append(key)
    where = " WHERE " + " AND ".join(clauses) if clauses else ""
    rows = c.execute(_READ + where + " ORDER BY seq LIMIT ?", [*values, limit])
    return [_from_row(row) for row in rows]


def _from_row(row: Sequence[Any]) -> OutboxRow:
    key, decision, text, state, attempts, ambiguous, next_at, last_error, sent_at, bundle = row
    fields = load(text)
    fields["date"] = from_us(fields["date"])
    return OutboxRow(
        key,
        decision or "",
        Message(**fields),
        state,
        attempts,
        bool(ambiguous),
        from_us(next_at),
        last_error,
        from_us_or_none(sent_at),
        bundle or "",
    )


def claim_messages(
    c: Connection,
    now: datetime,
    limit: int,
    lease: timedelta,
    *,
    epoch: int | None = None,
    lock: str = "",
) -> list[OutboxRow]:
    """Claim under *epoch*; *lock* ends the question, see Database.claim_lock."""
    at = to_us(now)
    rows = c.execute(_READ + _CLAIMABLE + lock, (at, at, limit)).fetchall()
    keys = [row[0] for row in rows]
    c.executemany(_CLAIM, [(to_us(now + lease), epoch, key) for key in keys])
    claimed = (read_outbox(c, None, 1, key) for key in keys)
    return [row for found in claimed for row in found]


def reclaim(c: Connection, is_over: Callable[[int], bool]) -> list[str]:
    """Put back the claims of workers whose lease is over; the keys."""
    claims = c.execute(_CLAIMS).fetchall()
    ended = {epoch: epoch is None or is_over(epoch) for epoch in {epoch for _, epoch in claims}}
    keys = [key for key, epoch in claims if ended[epoch]]
    c.executemany(_RECLAIM, [(key,) for key in keys])
    return keys


def is_claimed(c: Connection, key: str, epoch: int) -> bool:
    return c.execute(_HOLDS, (key, epoch)).fetchone() is not None


def fold_messages(c: Connection, message: Message, keys: Sequence[str]) -> None:
    """Queue *message* in the place of *keys*; raises Overtaken where that cannot be."""
    reason = storable(f"in {message.key}")
    moves = [(message.key, reason, key) for key in keys]
    if not moves or c.executemany(_FOLD, moves).rowcount != len(moves):
        raise Overtaken
    if c.execute(_INSERT, _to_row(message, _last(c) + 1, None)).rowcount != 1:
        raise Overtaken


def read_waiting(c: Connection, now: datetime, limit: int) -> list[OutboxRow]:
    at = to_us(now)
    return [_from_row(row) for row in c.execute(_READ + _WAITING, (at, at, limit))]


def mark_sent(c: Connection, key: str, at: datetime, reason: str) -> list[str]:
    """The keys moved, as in all that follow: *key* and what it carries, or nothing."""
    moved = c.execute(_SENT, (to_us(at), storable(reason), key)).rowcount
    return _followed(c, key, moved, ("pending",), "sent", f"in {key}", to_us(at))


def mark_retry(
    c: Connection, key: str, next_at: datetime, error: str, ambiguous: bool, epoch: int | None
) -> list[str]:
    values = (to_us(next_at), storable(error), int(ambiguous), key, epoch)
    return [key] * c.execute(_RETRY, values).rowcount


def put_back(c: Connection, key: str, until: datetime, reason: str, epoch: int | None) -> list[str]:
    return [key] * c.execute(_PUT_BACK, (to_us(until), storable(reason), key, epoch)).rowcount


def rest(c: Connection, channel: str, now: datetime, until: datetime, reason: str) -> int:
    values = (to_us(until), storable(reason), channel, to_us(now))
    return c.execute(_REST, values).rowcount


def mark_dead(c: Connection, key: str, error: str, epoch: int | None) -> list[str]:
    moved = c.execute(_DEAD, (storable(error), key, epoch)).rowcount
    return _followed(c, key, moved, ("pending",), "dead", f"in {key}: {error}")


def mark_dropped(c: Connection, key: str, reason: str, epoch: int | None) -> list[str]:
    moved = c.execute(_DROPPED, (storable(reason), key, epoch)).rowcount
    return _followed(c, key, moved, ("pending", "dead"), "dropped", f"in {key}: {reason}")


def requeue_message(c: Connection, key: str, at: datetime) -> list[str]:
    moved = c.execute(_REQUEUE, (to_us(at), key)).rowcount
    return _followed(c, key, moved, ("dead", "dropped"), "pending", f"in {key}")


def _followed(
    c: Connection, key: str, moved: int, old: Sequence[str], new: str, reason: str,
    at: int | None = None,
) -> list[str]:  # fmt: skip
    """*key* and the messages it carries, moved after it from *old* to *new*."""
    if not moved:
        return []
    rows = [row for state in old for row in c.execute(_PARTS, (key, state)).fetchall()]
    c.executemany(_PARTS_FOLLOW, [(new, at, storable(reason), part) for (part,) in rows])
    return [key, *(part for (part,) in rows)]


def count_recent(c: Connection, recipient: str, since: datetime) -> int:
    row = c.execute(
        "SELECT COUNT(*) FROM outbox WHERE recipient = ? AND state = 'sent' AND sent_at >= ? "
        "AND bundle IS NULL",
        (storable(recipient), to_us(since)),
    ).fetchone()
    return int(row[0])


def read_last_sent(c: Connection, recipient: str) -> datetime | None:
    row = c.execute(
        "SELECT MAX(sent_at) FROM outbox WHERE recipient = ? AND state = 'sent'",
        (storable(recipient),),
    ).fetchone()
    return from_us_or_none(row[0])
