"""A site whose first sync is over: what is on the desk is known, nothing has fired."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from tests.support.desk import URL, Desk
from tests.support.mount import mount

OLD = {
    "hd_queue_id": 1, "title": "Old story", "submitter": "jdoe", "owner": "adiaz",
    "status": "Closed", "priority": "High", "created": "2026-02-20 10:00:00",
}  # fmt: skip
"""A closed ticket. It also teaches the names Closed and High: no route lists them."""


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desk]:
    """A site no sync has looked at yet."""
    desk = Desk(tmp_path)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, desk.app, URL)
        yield desk


@pytest.fixture
def desk(fresh: Desk) -> Desk:
    """A site that knows one old, closed ticket."""
    fresh.app.load({"tickets": [OLD]})
    assert fresh.sync().baseline
    return fresh
