"""Forgetting a ticket: its words and people go, that things were decided once stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kace_bridge.errors import UsageError
from kace_bridge.state.audit import append_audit
from kace_bridge.state.codec import dump, load
from kace_bridge.state.database import Connection
from kace_bridge.state.pages import digest_content, thin_trace
from kace_bridge.state.verify import GONE, SEALED_DECISION, SEALED_PARTS

_OPEN_EFFECTS = (
    "SELECT COUNT(*) FROM effect WHERE ticket = ? "
    "AND state IN ('planned', 'held', 'intent', 'unknown')"
)
_OPEN_MESSAGES = "SELECT COUNT(*) FROM outbox WHERE ticket = ? AND state IN ('pending', 'sending')"
_PERSONAL = ("to", "name", "subject", "text", "html")


def forget_ticket(c: Connection, ticket: int, now: datetime, actor: str) -> dict[str, int]:
    """Remove what the store holds of *ticket*; how many rows of each kind.

    Decisions and effects keep their row, emptied of words and names, so that nothing is ever
    done twice because of it; the audit records their new seals. Raises UsageError while
    something is still to be written or sent for the ticket.
    """
    waiting = _count(c, _OPEN_EFFECTS, ticket) + _count(c, _OPEN_MESSAGES, ticket)
    if waiting:
        raise UsageError(
            f"ticket {ticket}: {waiting} effects or messages are still open; sync first"
        )
    keys = c.execute("SELECT message_key FROM outbox WHERE ticket = ?", (ticket,)).fetchall()
    counts = {
        "snapshot": c.execute("DELETE FROM snapshot WHERE ticket = ?", (ticket,)).rowcount,
        "event": c.execute("DELETE FROM event WHERE ticket = ?", (ticket,)).rowcount,
        "outbox": c.execute("DELETE FROM outbox WHERE ticket = ?", (ticket,)).rowcount,
    }
    c.execute("DELETE FROM due WHERE ticket = ?", (ticket,))
    decisions = c.execute(
        "SELECT id, trace_json FROM decision WHERE ticket = ?", (ticket,)
    ).fetchall()
    seals = [_empty(c, id_, trace) for id_, trace in decisions]
    counts["decision"] = len(seals)
    if any(counts.values()):
        append_audit(c, now, actor, "forget", str(ticket), {
            "resealed": seals, "outbox": {key: GONE for (key,) in keys},
        })  # fmt: skip
    return counts


def _empty(c: Connection, decision: str, trace: str) -> tuple[str, str]:
    """The id and new seal of a decision whose reasons and whose effects' words are gone."""
    c.execute("UPDATE decision SET trace_json = ? WHERE id = ?", (thin_trace(trace), decision))
    parts = c.execute("SELECT part, detail_json FROM effect WHERE decision = ?", (decision,))
    c.executemany(
        "UPDATE effect SET detail_json = ? WHERE decision = ? AND part = ?",
        [(dump(_without_words(load(detail))), decision, part) for part, detail in parts.fetchall()],
    )
    return decision, _seal(c, decision)


def _without_words(detail: dict[str, Any]) -> dict[str, Any]:
    """The shape of *detail*: which fields were set and which template was sent, not to what."""
    message = detail.get("message")
    return {
        **detail,
        "values": dict.fromkeys(detail["values"]),
        "before": dict.fromkeys(detail["before"]),
        "text": "",
        "message": None if message is None else {**message, **dict.fromkeys(_PERSONAL, "")},
    }


def _seal(c: Connection, decision: str) -> str:
    row: Sequence[Any] = c.execute(SEALED_DECISION, (decision,)).fetchone()
    return digest_content(row, c.execute(SEALED_PARTS, (decision,)).fetchall())


def _count(c: Connection, sql: str, ticket: int) -> int:
    return int(c.execute(sql, (ticket,)).fetchone()[0])
