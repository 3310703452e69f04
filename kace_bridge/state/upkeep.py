"""Keeping the store small: what is over and done with goes, what makes "once" true stays."""

from datetime import datetime

from kace_bridge.state.audit import ANCHOR, append_audit
from kace_bridge.state.codec import to_us
from kace_bridge.state.cursor import write_meta
from kace_bridge.state.database import Connection
from kace_bridge.state.pages import thin_trace
from kace_bridge.state.verify import GONE

_TRACES = (
    "SELECT id, trace_json FROM decision WHERE at < ? AND trace_json NOT LIKE '{\"thinned\"%' "
    "AND state IN ('done', 'failed', 'withdrawn', 'shadow')"
)
_MESSAGES = (
    "SELECT message_key FROM outbox WHERE state IN ('sent', 'dropped') "
    "AND COALESCE(sent_at, next_at) < ?"
)
_GONE_TICKETS = "SELECT ticket FROM snapshot WHERE gone_at < ?"
_OUTDATED = (
    ("guard", "DELETE FROM guard WHERE hour < ?"),
    ("silence", "DELETE FROM silence WHERE until < ?"),
    ("absence", "DELETE FROM absence WHERE until < ?"),
)


def prune_before(c: Connection, before: datetime, now: datetime, actor: str) -> dict[str, int]:
    """Remove what ended before *before*; how many rows of each kind.

    Decisions keep their row for ever (their traces go): their ids are what keeps an old
    change from being decided again.
    """
    limit = to_us(before)
    counts = {name: c.execute(sql, (limit,)).rowcount for name, sql in _OUTDATED}
    counts["snapshot"] = _prune_tickets(c, limit)
    traces = c.execute(_TRACES, (limit,)).fetchall()
    c.executemany(
        "UPDATE decision SET trace_json = ? WHERE id = ?",
        [(thin_trace(text), id_) for id_, text in traces],
    )
    keys = c.execute(_MESSAGES, (limit,)).fetchall()
    c.executemany("DELETE FROM outbox WHERE message_key = ?", keys)
    runs = c.execute("SELECT id FROM run WHERE ended < ?", (limit,)).fetchall()
    c.executemany("DELETE FROM run WHERE id = ?", runs)
    gone = {
        "outbox": {key: GONE for (key,) in keys},
        "runs": {id_: GONE for (id_,) in runs},
    }
    append_audit(c, now, actor, "prune", before.isoformat(), gone)
    counts |= {"trace": len(traces), "outbox": len(keys), "run": len(runs)}
    counts["audit"] = _cut_audit(c, limit)
    return counts


def _prune_tickets(c: Connection, limit: int) -> int:
    tickets = c.execute(_GONE_TICKETS, (limit,)).fetchall()
    c.executemany("DELETE FROM event WHERE ticket = ?", tickets)
    c.executemany("DELETE FROM due WHERE ticket = ?", tickets)
    c.executemany("DELETE FROM snapshot WHERE ticket = ?", tickets)
    return len(tickets)


def _cut_audit(c: Connection, limit: int) -> int:
    """Drop the oldest stretch of the audit and remember where the chain now begins."""
    kept = c.execute("SELECT MIN(seq) FROM audit WHERE at >= ?", (limit,)).fetchone()[0]
    last = c.execute(
        "SELECT seq, hash FROM audit WHERE ? IS NULL OR seq < ? ORDER BY seq DESC LIMIT 1",
        (kept, kept),
    ).fetchone()
    if last is None:
        return 0
    write_meta(c, ANCHOR, f"{last[0]}:{last[1]}")
    return c.execute("DELETE FROM audit WHERE seq <= ?", (last[0],)).rowcount
