"""Two bridges with stores of their own on one appliance: a test copy that was left running."""

from pathlib import Path

import pytest

from kace_bridge.errors import ConfigError
from tests.support.desk import TICKETS, Desk

pytestmark = pytest.mark.catalogue("B13")


@pytest.fixture
def copy(desk: Desk, tmp_path: Path) -> str:
    """The store of a second bridge that knows the same tickets."""
    state = f"sqlite:///{tmp_path}/copy.db"
    with desk.bridge(state=state) as made:
        from kace_bridge.sync.cycle import sync

        assert sync(made).baseline
    return state


def sync_copy(desk: Desk, copy: str) -> None:
    first, desk.state = desk.state, copy
    try:
        desk.sync()
    finally:
        desk.state = first


def test_the_second_to_look_refuses_to_write(desk: Desk, copy: str):
    """It sees the other's sign on a ticket, writes nothing, mails nothing, says what to do."""
    ticket = desk.submit()
    desk.sync()
    mails = desk.mails
    with pytest.raises(
        ConfigError, match=r"another kace-bridge .* state adopt [0-9a-f]{8}"
    ) as told:
        sync_copy(desk, copy)
    assert told.value.exit_code == 78
    assert (desk.puts, desk.mails) == ([], mails)
    with pytest.raises(ConfigError):
        sync_copy(desk, copy)
    assert (desk.owner_changes(ticket), len(desk.marks(ticket))) == (1, 1)


def test_after_the_other_has_ended_its_past_is_ours(desk: Desk, copy: str):
    """One command says so; what it did is not done again, what comes next is done."""
    first = desk.submit()
    desk.sync()
    with desk.bridge() as made:
        instance = made.store.meta("instance") or ""
    with desk.bridge(state=copy) as made:
        from kace_bridge.sync.foreign import adopt

        adopt(made.store, instance)
    second = desk.submit()
    sync_copy(desk, copy)
    assert [desk.owner_changes(ticket) for ticket in (first, second)] == [1, 1]
    assert [len(desk.marks(ticket)) for ticket in (first, second)] == [1, 1]


def test_a_lost_store_does_not_take_its_own_past_for_another(desk: Desk, tmp_path: Path):
    """The first sync learns what is there; only what is newer counts."""
    ticket = desk.submit()
    desk.sync()
    desk.state = f"sqlite:///{tmp_path}/fresh.db"
    assert desk.sync().baseline
    desk.edit("jdoe", ticket, comment="Any news?")
    assert desk.sync().exit_code == 0


@pytest.mark.parametrize("who", ["jdoe", "adiaz"])
def test_what_anybody_writes_is_not_believed(desk: Desk, who: str):
    """A sign in a comment of somebody else stops nothing, nor does one in a ticket's own words."""
    ticket = desk.submit(title="Look: [kb-by:deadbeef]")
    desk.edit(who, ticket, comment="[kb-by:deadbeef]")
    assert desk.sync().applied == 1
    desk.later(minutes=1)
    assert desk.sync().exit_code == 0
    assert f"PUT {TICKETS}/{ticket}" not in desk.requests
