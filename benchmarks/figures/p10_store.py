"""P10: decisions committed in bulk, fully durable, beside bare sqlite3 with the same rows."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from benchmarks.workload.site import copied
from benchmarks.workload.tickets import NOW
from kace_bridge.clock import SystemClock
from kace_bridge.model.effect import AddComment, Decision
from kace_bridge.model.ids import TicketId
from kace_bridge.state import open_store
from kace_bridge.state.rows import PageCommit

FIGURES = ("P10",)
PAGE = 500
TABLES = ("decision", "effect", "audit", "meta")
_DURABLE = ("PRAGMA foreign_keys=ON", "PRAGMA synchronous=FULL", "PRAGMA journal_mode=WAL")
Rows = list[dict[str, list[tuple[Any, ...]]]]


def measure(setting: Setting) -> list[Line]:
    """One transaction per page of 500 decisions with one effect each, into an empty store."""
    pages = setting.pick(20, 2)
    decisions = [[_decision(page * PAGE + n) for n in range(PAGE)] for page in range(pages)]
    with TemporaryDirectory() as name:
        empty = Path(name) / "empty.db"
        open_store(f"sqlite:///{empty}", SystemClock()).close()

        def stores(label: str) -> Iterator[Path]:
            return iter([copied(empty, f"{label}-{n}.db") for n in range(setting.rounds + 2)])

        rows = _rows_of(decisions, next(spare := stores("spare")))
        del spare
        cases = {
            "ours": Case(_ours(decisions, stores("ours")), pages * PAGE),
            "sqlite3": Case(_bare(rows, stores("bare")), pages * PAGE),
        }
        found = time_rounds(cases, setting.rounds)
    rate = {name: 1e9 / found.median(name) for name in cases}
    return [
        Line("P10", f"decisions committed, {PAGE} a page", rate["ours"], "/s", 0.5,
             found.ratio("sqlite3", "ours"), rate["sqlite3"], "sqlite3, same rows",
             at_least=True)
    ]  # fmt: skip


def _decision(number: int) -> Decision:
    ticket = TicketId(100_000 + number)
    return Decision(
        ticket, f"rule-{number % 50}", "classify", f"row:{number}", NOW.replace(tzinfo=UTC),
        effects=(AddComment(ticket, f"Rule {number % 50}"),),
        trace={"event": {"kind": "changed", "cause": f"row:{number}"}, "condition": "all of 3"},
    )  # fmt: skip


def _ours(decisions: list[list[Decision]], stores: Iterator[Path]) -> Callable[[], None]:
    def work() -> None:
        with open_store(f"sqlite:///{next(stores)}", SystemClock()) as store:
            for page in decisions:
                assert len(store.commit_page(PageCommit("run", decisions=tuple(page)))) == PAGE

    return work


def _rows_of(decisions: list[list[Decision]], state: Path) -> Rows:
    """The rows each page leaves in the tables it writes."""
    found: Rows = []
    with open_store(f"sqlite:///{state}", SystemClock()) as store:
        for page in decisions:
            store.commit_page(PageCommit("run", decisions=tuple(page)))
    with sqlite3.connect(state) as c:
        whole = {table: list(c.execute(f"SELECT * FROM {table}")) for table in TABLES}
    c.close()
    for number, page in enumerate(decisions):
        ids = {decision.id for decision in page}
        found.append({
            "decision": [row for row in whole["decision"] if row[0] in ids],
            "effect": [row for row in whole["effect"] if row[0] in ids],
            "audit": whole["audit"][number : number + 1],
            "meta": [("audit_head", f"{number}:x")],
        })  # fmt: skip
    return found


def _bare(rows: Rows, stores: Iterator[Path]) -> Callable[[], None]:
    def work() -> None:
        c = sqlite3.connect(next(stores), isolation_level=None)
        for pragma in _DURABLE:
            c.execute(pragma)
        for page in rows:
            c.execute("BEGIN IMMEDIATE")
            for table, values in page.items():
                marks = ",".join("?" * len(values[0]))
                c.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", values)
            c.execute("COMMIT")
        c.close()

    return work
