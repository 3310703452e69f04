"""Values by name: when a ticket reads so, and what a move brings along."""

import pytest

from kace_bridge.sync.naming import carried, reads
from tests.support.make import make_ticket

QUEUED = {"hd_queue_id": 1, "queue": {"id": 1, "name": "Help Desk"}}


@pytest.mark.parametrize(
    ("name", "value", "so"),
    [
        pytest.param("priority", "Medium", True, id="as written"),
        pytest.param("priority", "medium", True, id="a name in another case"),
        pytest.param("owner", "BKIM", True, id="a login in another case"),
        pytest.param("queue", "help desk", True, id="a queue in another case"),
        pytest.param("priority", "High", False, id="another name"),
        pytest.param("title", "mouse broken", False, id="text is not a name"),
        pytest.param("category", None, True, id="nothing is nothing"),
        pytest.param("priority", None, False, id="something is not nothing"),
        pytest.param("category", "Other", False, id="nothing is not something"),
    ],
)
def test_reads(name: str, value: str | None, so: bool) -> None:
    """Names and logins know no case, texts do."""
    assert reads(make_ticket(owner="bkim", **QUEUED), name, value) is so


def test_a_move_brings_along_what_belongs_to_the_queue() -> None:
    """The ticket's own names, unless the write sets them; what is empty stays away."""
    ticket = make_ticket(category="Hardware")
    assert carried({"queue": "Facilities", "priority": "High"}, ticket) == {
        "queue": "Facilities", "status": "New", "priority": "High", "category": "Hardware",
    }  # fmt: skip


def test_without_a_move_nothing_is_added() -> None:
    """Only the keys sent change, so only what is meant is sent."""
    assert carried({"priority": "High"}, make_ticket()) == {"priority": "High"}
