"""One page of reading, committed whole: snapshots, events, decisions, effects, due times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from kace_bridge.model.effect import AddComment, Decision, Effect, SendMessage, UpdateTicket
from kace_bridge.state.audit import read_head
from kace_bridge.state.codec import digest, dump, dump_quickly, fetch_in, storable, to_us
from kace_bridge.state.cursor import write_cursor
from kace_bridge.state.database import Connection, Value
from kace_bridge.state.rows import PageCommit
from kace_bridge.state.snapshots import replace_due, write_events, write_snapshots

_DECISION = """
INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, episode = excluded.episode,
  phase = excluded.phase, mode = excluded.mode, late_s = excluded.late_s, run = excluded.run,
  state = excluded.state, page = excluded.page, position = excluded.position,
  trace_json = excluded.trace_json
WHERE decision.state = 'withdrawn'
"""
_EFFECT = (
    "INSERT INTO effect (decision, part, kind, ticket, state, detail_json, attempt, reason) "
    "VALUES (?, ?, ?, ?, ?, ?, 0, '')"
)
_TURN = "INSERT INTO turn VALUES (?, ?) ON CONFLICT (team) DO UPDATE SET person = excluded.person"


_THINNED = '{"thinned":"'


def write_page(c: Connection, page: PageCommit) -> list[tuple[str, str, str]]:
    """Write everything; the id, content digest and state of each decision that is new."""
    if page.cursor is not None:
        write_cursor(c, page.cursor)
    write_snapshots(c, page.snapshots)
    write_events(c, page.events)
    tickets = dict.fromkeys(snapshot.ticket for snapshot in page.snapshots)
    tickets.update(dict.fromkeys(row.ticket for row in page.due))
    replace_due(c, tickets, page.due)
    write_turns(c, page.turns)
    return _write_decisions(c, page.decisions, page.run)


def write_turns(c: Connection, turns: Mapping[str, str]) -> None:
    c.executemany(_TURN, list(turns.items()))


def _write_decisions(
    c: Connection, decisions: Sequence[Decision], run: str
) -> list[tuple[str, str, str]]:
    wanted = {decision.id: decision for decision in decisions}
    known = dict(fetch_in(c, "SELECT id, state FROM decision WHERE id IN (...)", list(wanted)))
    fresh = [(id_, d) for id_, d in wanted.items() if known.get(id_, "withdrawn") == "withdrawn"]
    if not fresh:
        return []
    page = read_head(c)[0] + 1
    rows, effects, sealed = [], [], []
    for position, (id_, decision) in enumerate(fresh):
        state = _first_state(decision)
        row = _decision_row(id_, decision, run)
        parts = [
            (id_, place, kind, decision.ticket, detail)
            for place, (kind, detail) in enumerate(map(_lower, decision.effects))
        ]
        *content, trace = row
        rows.append((*content, state, page, position, trace))
        effects += [(*part[:4], state, part[4]) for part in parts]
        sealed.append((id_, digest_content(row, [part[1:] for part in parts]), state))
    again = [(id_,) for id_, _ in fresh if id_ in known]
    c.executemany("DELETE FROM effect WHERE decision = ?", again)
    c.executemany(_DECISION, rows)
    c.executemany(_EFFECT, effects)
    return sealed


def _first_state(decision: Decision) -> str:
    if decision.mode != "enforce":
        return "shadow"
    return "planned" if decision.effects else "done"


def _decision_row(id_: str, decision: Decision, run: str) -> tuple[Value, ...]:
    return (
        id_,
        decision.ticket,
        decision.rule,
        decision.phase,
        storable(decision.cause),
        to_us(decision.at),
        decision.episode,
        decision.level,
        decision.mode,
        float(decision.late_s),
        run,
        dump_quickly(decision.trace),
    )


def _lower(effect: Effect) -> tuple[str, str]:
    """The kind of *effect* and everything else EffectRow tells of it, as JSON."""
    detail: dict[str, object] = {
        "values": {}, "before": {}, "text": "", "public": False, "message": None,
    }  # fmt: skip
    match effect:
        case UpdateTicket(values=values, before=before):
            return "update", dump({**detail, "values": values, "before": before})
        case AddComment(text=text, public=public):
            return "comment", dump({**detail, "text": text, "public": public})
        case SendMessage():
            return "message", dump({**detail, "message": asdict(effect)})


def digest_content(row: Sequence[Value], parts: Iterable[Iterable[Value]]) -> str:
    """What the audit remembers of a decision: all that never changes of it and its effects.

    The trace, last in *row*, counts by its own digest, so that it can be thinned out later.
    """
    *content, trace = row
    return digest(dump([*content, trace_digest(str(trace)), *map(tuple, parts)]))


def trace_digest(trace: str) -> str:
    """The digest of a stored trace, whether it is still whole or thinned out."""
    if trace.startswith(_THINNED):
        return trace.removeprefix(_THINNED).removesuffix('"}')
    return digest(trace)


def thin_trace(trace: str) -> str:
    """What stays of a stored trace when prune takes its content."""
    return f'{_THINNED}{trace_digest(trace)}"}}'
