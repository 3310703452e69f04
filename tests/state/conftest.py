"""A store in a real file, under a clock turned by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.state import Store, open_store
from tests.state.samples import NINE


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kace-bridge.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str, clock: ManualClock) -> Iterator[Store]:
    with open_store(url, clock) as opened:
        yield opened
