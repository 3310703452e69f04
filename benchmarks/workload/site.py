"""A configuration, a store and a bridge for the made-up appliance: what a whole sync needs."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.workload import ours
from benchmarks.workload.appliance import Appliance
from benchmarks.workload.rules import make_rules
from benchmarks.workload.tickets import QUEUES, World
from benchmarks.workload.wired import wired
from kace_bridge.clock import SystemClock
from kace_bridge.config.load import Site, load
from kace_bridge.state import open_store
from kace_bridge.state.codec import to_us
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.wire import Bridge

ENVIRON = {"KACE_URL": "http://127.0.0.1", "KACE_USERNAME": "svc", "KACE_PASSWORD": "measured"}


def make_site(folder: Path, rules: int, *, extra: dict[str, Any] | None = None) -> Site:
    """*rules* of the workload as classify rules, each planning a note, loaded from a file."""
    made = [
        {"id": f"rule-{number}", "if": ours.as_yaml(rule), "then": {"comment": f"Rule {number}"}}
        for number, rule in enumerate(make_rules(rules, world=World()))
    ]
    file = folder / "rules.yaml"
    told = {
        "version": 1,
        "appliance": {"queues": list(range(1, QUEUES + 1))},
        "clocks": {"open": {"start": "created", "stop": "closed"}},
        "classify": made, **(extra or {}),
    }  # fmt: skip
    file.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return load(file, environ=ENVIRON)


@contextmanager
def bridged(site: Site, desk: Appliance, state: Path) -> Iterator[Bridge]:
    """A bridge to *desk* with its state in the file *state*."""
    clock = SystemClock()
    with wired(desk) as sma, open_store(f"sqlite:///{state}", clock) as store:
        yield Bridge(site, sma, store, clock, sma.timezone)  # type: ignore[arg-type]


def learnt(site: Site, desk: Appliance, state: Path) -> None:
    """A store that knows every ticket of *desk*, with nothing left to do."""
    for file in state.parent.glob(f"{state.name}*"):
        file.unlink()
    with bridged(site, desk, state) as bridge:
        sync(bridge)
    with bridged(site, desk, state) as bridge:
        report = sync(bridge)
    assert not report.changed, "the second run found something"


def fill(state: Path, tickets: int, *, due: datetime | None = None) -> None:
    """Tickets the appliance has not changed for long, put straight into the store.

    *due*: when the next level of each falls due.
    """
    numbers = range(1, tickets + 1)
    record = '{"id":%d,"title":"Known for long","status":{"name":"Opened","state":"opened"}}'
    with closing(sqlite3.connect(state)) as c, c:
        c.executemany(
            "INSERT INTO snapshot (ticket, queue, record_json, digest, modified, created, "
            "last_row, owner, state, status, episode, seen_at) VALUES (?, 1, ?, ?, "
            "'2025-06-01 09:00:00', '2025-05-01 09:00:00', 0, ?, 'opened', 'Opened', 0, 0)",
            ((n, record % n, f"{n:016x}", f"engineer{n % 40}") for n in numbers),
        )
        if due is not None:
            c.executemany("INSERT INTO due VALUES (?, 'late', 1, ?)",
                          ((n, to_us(due)) for n in numbers))  # fmt: skip


def copied(state: Path, name: str) -> Path:
    """A copy of a store nobody has open, made anew for each round."""
    target = state.with_name(name)
    for ending in ("-wal", "-shm", ""):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.copy(state, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())  # or the first commit of the run would wait for the copy
    return target


def without_rules(site: Site) -> Site:
    """The same site with nothing to decide: what the rules themselves cost is the difference."""
    return replace(site, rules=replace(site.rules, rules=()))
