"""A store in a real file and one on a real server, under a clock turned by hand."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.state import Store, open_store
from tests.state.samples import NINE
from tests.support.postgres import Server, require, serve


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this process; skips where there is none."""
    require()
    with serve() as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kace-bridge.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, path: Path) -> str:
    """One store after the other: what is promised of the one is promised of the other."""
    if request.param == "sqlite":
        return f"sqlite:///{path}"
    server: Server = request.getfixturevalue("server")
    return server.url()


@dataclass
class Behind:
    """A way into the store behind the program's back."""

    url: str
    server: Server | None

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows *sql* gives."""
        if self.server is not None:
            return self.server.run(sql, self.url)
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as raw, raw:
            return raw.execute(sql).fetchall()

    def change(self, sql: str) -> int:
        """How many rows *sql* changed, whatever refers to them."""
        return len(self.ask(f"{sql} RETURNING 1"))


@pytest.fixture
def behind(request: pytest.FixtureRequest, url: str) -> Behind:
    on_server = url.startswith("postgresql")
    return Behind(url, request.getfixturevalue("server") if on_server else None)


@pytest.fixture
def later(behind: Behind, clock: ManualClock) -> Callable[[float], None]:
    """Lets seconds pass for leases, which a server dates by its own clock: there they age."""

    def pass_by(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        if behind.server is not None:
            behind.ask(f"UPDATE lease SET expires = expires - {int(seconds * 1_000_000)}")

    return pass_by


@pytest.fixture
def file_url(path: Path) -> str:
    """A store in a file, for what only files have: modes, damage, network shares."""
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str, clock: ManualClock) -> Iterator[Store]:
    with open_store(url, clock) as opened:
        yield opened
