"""The append-only record of every change of state, each row sealed with the one before it."""

import json
from datetime import datetime
from hashlib import sha256

from kace_bridge.state.codec import dump, storable, to_us
from kace_bridge.state.cursor import read_meta, write_meta
from kace_bridge.state.database import Connection, Value

HEAD = "audit_head"
"""Meta entry ``seq:hash`` of the last row, so that a row cut off the end is missed."""
ANCHOR = "audit_anchor"
"""Meta entry ``seq:hash`` of the last row removed by prune: where the chain now begins."""


def append_audit(
    c: Connection, at: datetime, actor: str, event: str, subject: str, data: object
) -> None:
    """Add one row inside the transaction that makes the change it tells of."""
    seq, previous = read_head(c)
    body = (seq + 1, to_us(at), storable(actor), event, storable(subject), dump(data))
    seal = seal_of(body, previous)
    c.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*body, previous, seal))
    write_meta(c, HEAD, f"{seq + 1}:{seal}")


def read_head(c: Connection) -> tuple[int, str]:
    return split_mark(read_meta(c, HEAD))


def split_mark(mark: str | None) -> tuple[int, str]:
    """The number and seal of a ``seq:hash`` entry; the start of the chain for None."""
    seq, _, seal = (mark or "0:").partition(":")
    return int(seq), seal


def seal_of(body: tuple[Value, ...], previous: str) -> str:
    """SHA-256 over the row's *body* and the seal of the *previous* row."""
    return sha256(json.dumps([*body, previous]).encode()).hexdigest()
