"""What is asked in every run is found by an index, so that it costs the same on a full desk."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kace_bridge.clock import SystemClock
from kace_bridge.model.ids import QueueId
from kace_bridge.state import ledger, open_store, snapshots
from kace_bridge.state.codec import from_us
from kace_bridge.state.rows import PageCommit
from tests.state.samples import make_snapshot

NOW = from_us(0)
ASKED = [
    pytest.param(snapshots.read_loads, "snapshot_work", id="tickets at work"),
    pytest.param(lambda c: snapshots.read_due(c, NOW, 9), "due_at", id="levels due"),
    pytest.param(lambda c: snapshots.read_digests(c, [1]), "INTEGER PRIMARY KEY|autoindex_snapshot",
                 id="digests"),
    pytest.param(lambda c: ledger.read_planned_tickets(c, 9, 0), "effect_state", id="planned"),
    pytest.param(lambda c: ledger.read_effects(c, ["planned"], None, None), "effect_state",
                 id="effects by state"),
    pytest.param(lambda c: ledger.read_decision_ids(c, [1]), "decision_ticket", id="decided"),
]  # fmt: skip


class Explaining:
    """A connection that tells how each question would be answered, and answers nothing."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.plan = ""

    def execute(self, sql: str, parameters: object = ()) -> Iterator[object]:
        rows = self.raw.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        self.plan += "\n".join(row[3] for row in rows)
        return iter(())


@pytest.mark.parametrize(("ask", "index"), ASKED)
def test_each_runs_questions_use_an_index(tmp_path: Path, ask, index: str) -> None:
    """No scan of all tickets, decisions or effects, whatever their number."""
    file = tmp_path / "state.db"
    open_store(f"sqlite:///{file}", SystemClock()).close()
    with sqlite3.connect(file) as raw:
        explaining = Explaining(raw)
        ask(explaining)
    raw.close()
    assert any(name in explaining.plan for name in index.split("|"))
    assert "SCAN" not in explaining.plan


def test_counting_what_is_known_ends_when_enough_is_known(tmp_path: Path) -> None:
    """Whether too many tickets moved does not take counting all of them."""
    with open_store(f"sqlite:///{tmp_path / 'state.db'}", SystemClock()) as store:
        store.commit_page(PageCommit("run", snapshots=tuple(map(make_snapshot, range(1, 10)))))
        assert store.count_known([QueueId(1)], 5) == 5
        assert store.count_known([QueueId(1)], 50) == 9
        assert store.count_known([QueueId(2)], 50) == 0
