"""Decisions and their effects: read here, and moved from state to state by compare-and-set."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from kace_bridge.model.ids import TicketId
from kace_bridge.state.codec import fetch_in, from_us, from_us_or_none, load, storable, to_us
from kace_bridge.state.database import Connection, Value
from kace_bridge.state.rows import DecisionRow, EffectRow, FinishState, Part

_DECISION = (
    "SELECT id, ticket, rule, phase, cause, at, episode, level, mode, late_s, run, state, "
    "trace_json FROM decision"
)
_EFFECT = (
    "SELECT e.decision, e.part, e.kind, e.ticket, d.rule, d.phase, d.run, e.state, "
    "e.detail_json, e.attempt, e.intent_at, e.send_by, e.settle_until, e.reason, e.verified_row "
    "FROM effect e JOIN decision d ON d.id = e.decision"
)
_ORDER = " ORDER BY e.ticket, d.page, d.position, e.part"
_PLANNED = """
SELECT DISTINCT ticket FROM effect e WHERE state = 'planned' AND ticket > ? AND NOT EXISTS (
  SELECT 1 FROM effect u WHERE u.ticket = e.ticket AND u.state IN ('intent', 'unknown'))
ORDER BY ticket LIMIT ?
"""
_UNSETTLED = " WHERE e.state = 'unknown' OR (e.state = 'intent' AND e.send_by <= ?)"
SUMMARY = """
CASE WHEN mode <> 'enforce' THEN 'shadow'
  WHEN EXISTS (SELECT 1 FROM effect e WHERE e.decision = decision.id
    AND e.state IN ('planned', 'intent', 'unknown')) THEN 'planned'
  WHEN EXISTS (SELECT 1 FROM effect e WHERE e.decision = decision.id
    AND e.state = 'held') THEN 'held'
  WHEN EXISTS (SELECT 1 FROM effect e WHERE e.decision = decision.id
    AND e.state IN ('failed', 'conflict')) THEN 'failed'
  WHEN EXISTS (SELECT 1 FROM effect e WHERE e.decision = decision.id
    AND e.state <> 'withdrawn') THEN 'done'
  WHEN EXISTS (SELECT 1 FROM effect e WHERE e.decision = decision.id) THEN 'withdrawn'
  ELSE 'done' END
"""
"""What the effects of a decision amount to: its state."""
_SETTLE = "UPDATE decision SET state = " + SUMMARY + " WHERE id = ?"  # noqa: S608 -- constants
_INTENT = """
UPDATE effect SET state = 'intent', intent_at = ?, send_by = ?, settle_until = ?, epoch = ?
WHERE decision = ? AND part = ? AND state = 'planned'
"""
_AGAIN = """
UPDATE effect SET state = 'planned', reason = ?, attempt = attempt + 1, epoch = NULL,
  intent_at = NULL, send_by = NULL, settle_until = NULL
WHERE decision = ? AND part = ? AND state IN ('intent', 'unknown')
"""
_UNKNOWN = """
UPDATE effect SET state = 'unknown', reason = ?
WHERE decision = ? AND part = ? AND state IN ('intent', 'unknown')
"""
_FINISH = """
UPDATE effect SET state = ?, reason = ?, verified_row = ?
WHERE decision = ? AND part = ? AND state IN ('planned', 'intent', 'unknown')
"""
_WITHDRAW_HELD = """
UPDATE effect SET state = 'planned' WHERE decision = ? AND part = ? AND state = 'held'
"""
_GUARD = (
    "INSERT INTO guard VALUES (?, ?, ?, ?, 1) "
    "ON CONFLICT (ticket, rule, field, hour) DO UPDATE SET writes = guard.writes + 1"
)
_HOUR = 3_600_000_000


class Overtaken(Exception):
    """Not every part was in the state it had to be in; the transaction is to be undone."""


def read_decisions(
    c: Connection, *, id_: str | None = None, ticket: TicketId | None = None, run: str | None = None
) -> list[DecisionRow]:
    clauses, values = _clauses((("id", id_), ("ticket", ticket), ("run", run)))
    rows = c.execute(_DECISION + clauses + " ORDER BY page, position", values)
    return [_decision_row(row) for row in rows]


def _clauses(wanted: Iterable[tuple[str, Value]]) -> tuple[str, list[Value]]:
    used = [(name, value) for name, value in wanted if value is not None]
    text = " AND ".join(f"{name} = ?" for name, _ in used)
    return (f" WHERE {text}" if text else ""), [value for _, value in used]


def _decision_row(row: Sequence[Any]) -> DecisionRow:
    id_, ticket, rule, phase, cause, at, *plain, trace = row
    return DecisionRow(*(id_, ticket, rule, phase, cause, from_us(at), *plain, load(trace)))


def read_decision_ids(c: Connection, tickets: Iterable[TicketId]) -> dict[TicketId, frozenset[str]]:
    found: dict[TicketId, set[str]] = {ticket: set() for ticket in tickets}
    sql = "SELECT ticket, id FROM decision WHERE state <> 'withdrawn' AND ticket IN (...)"
    for ticket, id_ in fetch_in(c, sql, list(found)):
        found[TicketId(ticket)].add(id_)
    return {ticket: frozenset(ids) for ticket, ids in found.items()}


def read_effects(
    c: Connection, states: Sequence[str] | None, run: str | None, ticket: TicketId | None
) -> list[EffectRow]:
    clauses, values = _clauses((("d.run", run), ("e.ticket", ticket)))
    if states is not None:
        clauses += (" AND " if clauses else " WHERE ") + "e.state IN (...)"
        clauses = clauses.replace("(...)", f"({','.join('?' * len(states))})")
        values += states
    return [_effect_row(row) for row in c.execute(_EFFECT + clauses + _ORDER, values)]


def read_unsettled(c: Connection, now: datetime) -> list[EffectRow]:
    return [_effect_row(row) for row in c.execute(_EFFECT + _UNSETTLED + _ORDER, (to_us(now),))]


def _effect_row(row: Sequence[Any]) -> EffectRow:
    names, (detail, attempt, *times, reason, verified) = row[:8], row[8:]
    what = load(detail)
    content = (what[name] for name in ("values", "before", "text", "public", "message"))
    stamps = map(from_us_or_none, times)
    return EffectRow(*(*names, *content, attempt, *stamps, reason, verified))


def read_planned_tickets(c: Connection, limit: int, after: TicketId) -> list[TicketId]:
    return [TicketId(ticket) for (ticket,) in c.execute(_PLANNED, (after, limit))]


def mark_intent(
    c: Connection,
    parts: Sequence[Part],
    *,
    epoch: int | None,
    attempt: int | None,
    at: datetime,
    send_by: datetime,
    settle_until: datetime,
) -> None:
    """Every part goes from planned to intent, or Overtaken is raised."""
    stamps = (to_us(at), to_us(send_by), to_us(settle_until), epoch)
    sql = _INTENT if attempt is None else _INTENT + " AND attempt = ?"
    tail = () if attempt is None else (attempt,)
    _move(c, sql, [(*stamps, *part, *tail) for part in parts])
    _count_writes(c, parts, to_us(at) // _HOUR * _HOUR)


def _move(c: Connection, sql: str, rows: Sequence[Sequence[Value]]) -> None:
    if rows and c.executemany(sql, rows).rowcount != len(rows):
        raise Overtaken


def _count_writes(c: Connection, parts: Sequence[Part], hour: int) -> None:
    """One write per ticket and rule, named after all the fields it sets in this request."""
    fields: dict[tuple[int, str], list[str]] = {}
    for decision, part in parts:
        ticket, rule, kind, detail = c.execute(
            "SELECT e.ticket, d.rule, e.kind, e.detail_json FROM effect e "
            "JOIN decision d ON d.id = e.decision WHERE e.decision = ? AND e.part = ?",
            (decision, part),
        ).fetchone()
        if kind != "message":
            names = load(detail)["values"] if kind == "update" else ["comment"]
            fields.setdefault((ticket, rule), []).extend(names)
    rows = [(*key, ",".join(sorted(set(names))), hour) for key, names in fields.items()]
    c.executemany(_GUARD, rows)


def read_guard_count(c: Connection, ticket: TicketId, since: datetime) -> int:
    """Writes to *ticket* since the full hour before *since*."""
    row = c.execute(
        "SELECT COALESCE(SUM(writes), 0) FROM guard WHERE ticket = ? AND hour >= ?",
        (ticket, to_us(since) // _HOUR * _HOUR),
    ).fetchone()
    return int(row[0])


def finish_parts(
    c: Connection, parts: Sequence[Part], state: FinishState, reason: str, row: int | None
) -> None:
    """Every part reaches *state*, or Overtaken is raised; their decisions follow."""
    reason = storable(reason)
    if state == "planned":
        _move(c, _AGAIN, [(reason, *part) for part in parts])
    elif state == "unknown":
        _move(c, _UNKNOWN, [(reason, *part) for part in parts])
    else:
        if state == "withdrawn":
            c.executemany(_WITHDRAW_HELD, parts)
        _move(c, _FINISH, [(state, reason, row, *part) for part in parts])
    settle_decisions(c, (decision for decision, _ in parts))


def keep_planned(c: Connection, parts: Iterable[Part]) -> list[Part]:
    """Those of *parts* that are still planned."""
    sql = "SELECT 1 FROM effect WHERE decision = ? AND part = ? AND state = 'planned'"
    return [part for part in parts if c.execute(sql, part).fetchone() is not None]


def settle_decisions(c: Connection, decisions: Iterable[str]) -> None:
    """Each decision's state sums up its effects again."""
    c.executemany(_SETTLE, [(id_,) for id_ in dict.fromkeys(decisions)])


def change_run(c: Connection, run: str, old: str, new: str, reason: str) -> list[Part]:
    """Move a run's effects from *old* to *new* (planned, held); what was moved."""
    parts: list[Part] = [
        (decision, part)
        for decision, part in c.execute(
            "SELECT e.decision, e.part FROM effect e JOIN decision d ON d.id = e.decision "
            "WHERE d.run = ? AND e.state = ? ORDER BY d.page, d.position, e.part",
            (run, old),
        )
    ]
    c.executemany(
        "UPDATE effect SET state = ?, reason = ? WHERE decision = ? AND part = ?",
        [(new, storable(reason), *part) for part in parts],
    )
    settle_decisions(c, (decision for decision, _ in parts))
    return parts
