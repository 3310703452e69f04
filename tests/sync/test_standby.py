"""A worker that finds another at work on a shared store: it helps to send, and writes nothing."""

from collections.abc import Iterator

import pytest

from kace_bridge.errors import LeaseHeld
from kace_bridge.sync.act import LEASE
from tests.support.desk import Desk
from tests.support.postgres import Server, require, serve


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    require()
    with serve() as running:
        yield running


@pytest.fixture
def shared(fresh: Desk, server: Server) -> Desk:
    """A site on PostgreSQL that knows its tickets, with a message that waits for its channel."""
    fresh.state = server.url()
    assert fresh.sync().baseline
    return fresh


@pytest.mark.catalogue("B12")
def test_a_standby_sends_what_waits_and_touches_no_ticket(shared: Desk):
    """One worker syncs, the other takes the messages; the line names the one at work."""
    ticket = shared.submit()
    mail = shared.folder / "mail"
    mail.write_text("a file where the folder should be: nothing can be sent")
    shared.sync()
    assert shared.owner(ticket) == "adiaz"
    mail.unlink()
    shared.later(minutes=5)
    with (
        shared.bridge() as other,
        other.store.lease("sync", LEASE),
        pytest.raises(LeaseHeld, match=r"another sync is running: pid .*; sent 1 of its messages"),
    ):
        shared.sync()
    assert shared.puts == []
    assert [to for to, _ in shared.mails] == ["jdoe@example.org"]


def test_a_standby_with_nothing_to_send_asks_the_appliance_nothing(shared: Desk):
    """Looking once a second costs one question to the store."""
    with shared.bridge() as other, other.store.lease("sync", LEASE), pytest.raises(LeaseHeld):
        shared.sync()
    assert shared.requests == []
