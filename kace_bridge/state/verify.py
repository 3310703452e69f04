"""Does the store still say what was recorded? The audit is replayed and compared with the rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kace_bridge.state.audit import ANCHOR, read_head, seal_of, split_mark
from kace_bridge.state.codec import digest, load
from kace_bridge.state.cursor import read_meta
from kace_bridge.state.database import Connection
from kace_bridge.state.ledger import SUMMARY
from kace_bridge.state.pages import digest_content

_AUDIT = "SELECT seq, at, actor, event, subject, data_json, prev_hash, hash FROM audit ORDER BY seq"
_CONTENT = "id, ticket, rule, phase, cause, at, episode, level, mode, late_s, run, trace_json"
_DECISIONS = f"SELECT page, {_CONTENT} FROM decision ORDER BY page, position"  # noqa: S608
SEALED_DECISION = f"SELECT {_CONTENT} FROM decision WHERE id = ?"  # noqa: S608 -- constants
SEALED_PARTS = "SELECT part, kind, ticket, detail_json FROM effect WHERE decision = ? ORDER BY part"
"""What a decision's seal is made of: its row, and its effects' rows."""
_SUMMARIES = "SELECT id, state, " + SUMMARY + " FROM decision"  # noqa: S608 -- constants
_PARTS = (
    "SELECT part, kind, ticket, detail_json, state FROM effect WHERE decision = ? ORDER BY part"
)
GONE = "pruned"
"""The state the audit records for a row that prune removed."""


@dataclass(slots=True)
class Recorded:
    """What the audit says the rows must hold; ``since`` is the last audit row cut off."""

    since: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    moves: dict[str, dict[int, str]] = field(default_factory=dict)
    outbox: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)


def find_differences(c: Connection) -> Iterator[str]:
    """One sentence per fault: a broken chain, or a row that is not what the audit recorded."""
    recorded = Recorded()
    yield from _check_chain(c, recorded)
    yield from _check_decisions(c, recorded)
    for id_, state, summary in c.execute(_SUMMARIES):
        if state != summary:
            yield f"decision {id_}: is {state}, its effects say {summary}"
    states = dict(c.execute("SELECT message_key, state FROM outbox").fetchall())
    yield from _check_states("message", states, recorded.outbox, whole=recorded.since == 0)
    for key, text in c.execute("SELECT message_key, message_json FROM outbox"):
        if recorded.messages.get(key, digest(text)) != digest(text):
            yield f"message {key}: its content is not what was queued"
    states = dict(c.execute("SELECT id, outcome FROM run").fetchall())
    yield from _check_states("run", states, recorded.runs, whole=recorded.since == 0)


def _check_chain(c: Connection, recorded: Recorded) -> Iterator[str]:
    seq, seal = split_mark(read_meta(c, ANCHOR))
    recorded.since = seq
    for *body, previous, stated in c.execute(_AUDIT):
        number = body[0]
        if number != seq + 1:
            yield f"audit: rows {seq + 1} to {number - 1} are missing"
        elif previous != seal:
            yield f"audit row {number}: does not follow row {seq} as it stands"
        if seal_of(tuple(body), previous) != stated:
            yield f"audit row {number}: was changed after it was written"
        else:
            _replay(load(body[5]), recorded)
        seq, seal = number, stated
    head = read_head(c)
    if (seq, seal) != head:
        yield f"audit: ends at row {seq}, but the last row written was {head[0]}"


def _replay(data: Mapping[str, Any], recorded: Recorded) -> None:
    for id_, seal, state in data.get("decisions", ()):
        recorded.digests[id_] = seal
        recorded.first[id_] = state
        recorded.moves.pop(id_, None)
    for id_, seal in data.get("resealed", ()):
        recorded.digests[id_] = seal
    for decision, part, state in data.get("moves", ()):
        recorded.moves.setdefault(decision, {})[part] = state
    for key, seal in data.get("messages", ()):
        recorded.messages[key] = seal
    recorded.outbox.update(data.get("outbox", ()))
    recorded.runs.update(data.get("runs", ()))


def _check_decisions(c: Connection, recorded: Recorded) -> Iterator[str]:
    missing = set(recorded.digests)
    for page, *row in c.execute(_DECISIONS):
        id_ = row[0]
        missing.discard(id_)
        parts = c.execute(_PARTS, (id_,)).fetchall()
        stated = recorded.digests.get(id_)
        if stated is None:
            if page > recorded.since:
                yield f"decision {id_}: is not in the audit"
        elif stated != digest_content(row, [part[:4] for part in parts]):
            yield f"decision {id_}: is not what was recorded"
        yield from _check_effects(id_, {part[0]: part[4] for part in parts}, recorded)
    yield from (f"decision {id_}: is in the audit but not in the store" for id_ in sorted(missing))


def _check_effects(id_: str, states: Mapping[int, str], recorded: Recorded) -> Iterator[str]:
    moves = recorded.moves.get(id_, {})
    first = recorded.first.get(id_)
    for part, state in states.items():
        expected = moves.get(part, first)
        if expected is not None and expected != state:
            yield f"effect {part} of decision {id_}: is {state}, the audit says {expected}"


def _check_states(
    noun: str, states: Mapping[str, str], recorded: Mapping[str, str], *, whole: bool
) -> Iterator[str]:
    for key, state in states.items():
        expected = recorded.get(key, None if whole else state)
        if expected is None:
            yield f"{noun} {key}: is not in the audit"
        elif expected != state:
            yield f"{noun} {key}: is {state or 'open'}, the audit says {expected or 'open'}"
    for key in sorted(recorded.keys() - states.keys()):
        if recorded[key] != GONE:
            yield f"{noun} {key}: is in the audit but not in the store"
