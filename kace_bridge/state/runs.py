"""Every run of the program: when, with which configuration, and how it ended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from kace_bridge.errors import UsageError
from kace_bridge.state.codec import dump, from_us, from_us_or_none, load, to_us
from kace_bridge.state.database import Connection
from kace_bridge.state.rows import Run

_READ = "SELECT id, kind, config_hash, started, ended, outcome, counts_json FROM run"
_NEWEST = " ORDER BY started DESC, id DESC LIMIT ?"


def start_run(c: Connection, kind: str, config_hash: str, at: datetime) -> str:
    """Record a start; its id sorts by time and is short enough to type."""
    while True:
        id_ = f"{at.astimezone(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"
        row = (id_, kind, config_hash, to_us(at))
        sql = "INSERT INTO run VALUES (?, ?, ?, ?, NULL, '', '{}') ON CONFLICT (id) DO NOTHING"
        if c.execute(sql, row).rowcount == 1:
            return id_


def end_run(
    c: Connection, id_: str, outcome: str, counts: Mapping[str, object], at: datetime
) -> bool:
    sql = "UPDATE run SET outcome = ?, counts_json = ?, ended = ? WHERE id = ?"
    return c.execute(sql, (outcome, dump(counts), to_us(at), id_)).rowcount == 1


def read_runs(c: Connection, limit: int) -> list[Run]:
    return [_from_row(row) for row in c.execute(_READ + _NEWEST, (limit,))]


def read_run(c: Connection, name: str) -> Run:
    """The run named by its id, the start of its id, or ``last``; UsageError if it is not one."""
    if name == "last":
        found = read_runs(c, 1)
    else:
        # A range, not LIKE: the name is the user's and may hold wildcards.
        sql = _READ + " WHERE id >= ? AND id < ? ORDER BY id LIMIT 2"
        found = [_from_row(row) for row in c.execute(sql, (name, name + "\x7f"))]
        found = [run for run in found if run.id == name] or found
    if not found:
        raise UsageError(f"no run {name!r}; see: kace-bridge runs list")
    if len(found) > 1:
        raise UsageError(f"{name!r} fits several runs, among them {found[0].id} and {found[1].id}")
    return found[0]


def _from_row(row: Sequence[Any]) -> Run:
    id_, kind, config_hash, started, ended, outcome, counts = row
    return Run(
        id_, kind, config_hash, from_us(started), from_us_or_none(ended), outcome, load(counts)
    )
