"""A site and its appliance, served on loopback: checks open real connections."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.doctor.check import Check
from kace_bridge.doctor.examine import Case, examine
from kace_bridge.sandbox import serve
from tests.support.desk import Desk

Make = Callable[..., Desk]
TLS = Path(__file__).parents[1] / "unit" / "sma" / "tls"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a site whose appliance is served, with TLS where *tls* names a PEM file."""
    with ExitStack() as stack:

        def make_desk(tls: Path | None = None, **settings: Any) -> Desk:
            desk = Desk(tmp_path, **settings)
            server = stack.enter_context(serve(desk.app, tls=tls))
            desk.environ["KACE_URL"] = server.url
            return desk

        yield make_desk


@pytest.fixture
def desk(make: Make) -> Desk:
    return make()


def case_of(desk: Desk) -> Case:
    return Case(desk.path, desk.state, desk.environ, desk.clock)


def look(desk: Desk, name: str = "") -> list[Check]:
    """The checks of that name, or all."""
    return [check for check in examine(case_of(desk)) if name in ("", check.name)]


def only(desk: Desk, name: str) -> Check:
    (check,) = look(desk, name)
    return check


def logins(desk: Desk) -> int:
    return sum(entry.path.endswith("/security/login") for entry in desk.app.requests)
