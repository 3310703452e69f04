"""Taking over from whoever stands still, whatever the clocks say; and what then holds him back."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import LeaseHeld, RetryLater
from kace_bridge.state import Store, open_store
from tests.state.conftest import Behind
from tests.state.samples import TTL, make_decision, make_update, record
from tests.state.test_lease import child, first_line
from tests.support.postgres import Server

DAY_US = 86_400_000_000
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def url(server: Server) -> str:
    """Only on a server can a living holder be overtaken: a file's lock is the kernel's."""
    return server.url()


def is_taken(url: str, clock: ManualClock) -> bool:
    """Whether another worker gets the lease."""
    with open_store(url, clock) as other:
        try:
            with other.lease("sync", TTL):
                return True
        except LeaseHeld:
            return False


@pytest.mark.catalogue("B14")
@posix_only
def test_a_stopped_worker_is_overtaken_when_its_lease_runs_out(
    store: Store, url: str, later: Callable[[float], None]
) -> None:
    """SIGSTOP past the lease: another takes over, and nothing is written on waking up."""
    with child("write", url) as process:
        epoch = int(first_line(process))
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(LeaseHeld), store.lease("sync", TTL):
            raise AssertionError
        later(TTL.total_seconds())
        with store.lease("sync", TTL) as lease:
            assert lease.epoch == epoch + 1
            process.send_signal(signal.SIGCONT)
            said, _ = process.communicate("go on\n", timeout=30)
            assert said.splitlines() == ["lost the lease"] * 4
        assert store.decisions() == []
        assert store.meta("colour") is None


@pytest.mark.catalogue("B15")
def test_a_clock_a_day_ahead_costs_a_take_over_and_no_more(
    store: Store, url: str, clock: ManualClock, later: Callable[[float], None]
) -> None:
    """The lease seems over: the other takes it, and the first writes nothing under it."""
    with store.lease("sync", TTL) as first:
        later(86_400)
        with open_store(url, clock) as other, other.lease("sync", TTL) as second:
            assert second.epoch > first.epoch
            with pytest.raises(RetryLater, match="lost the lease"):
                record(store, make_decision(41, make_update(41)))
            assert len(record(other, make_decision(41, make_update(41)))) == 1


@pytest.mark.catalogue("B15")
def test_a_clock_a_day_behind_delays_a_take_over_by_one_lease(
    store: Store,
    url: str,
    behind: Behind,
    clock: ManualClock,
    later: Callable[[float], None],
) -> None:
    """A lease with more than its length to go is cut to it on sight, so nobody waits a day."""
    with store.lease("sync", TTL):
        behind.change(f"UPDATE lease SET expires = expires + {DAY_US}")
        assert not is_taken(url, clock)
        later(TTL.total_seconds() + 1)
        assert is_taken(url, clock)


@pytest.mark.catalogue("B15")
def test_a_standby_goes_by_its_own_clock(store: Store, url: str, clock: ManualClock) -> None:
    """Whatever the server's clock says: not renewed for its whole length, a lease is over."""
    with store.lease("sync", TTL):
        assert not is_taken(url, clock)
        clock.advance(TTL - timedelta(seconds=1))
        assert not is_taken(url, clock)
        clock.advance(timedelta(seconds=1))
        assert is_taken(url, clock)


def test_a_standby_sees_each_renewal(store: Store, url: str, clock: ManualClock) -> None:
    """Whoever renews is alive, however long it takes."""
    with store.lease("sync", TTL) as lease:
        for _ in range(4):
            assert not is_taken(url, clock)
            clock.advance(TTL - timedelta(seconds=1))
            lease.renew()


def test_everything_written_under_a_lost_lease_is_refused(
    store: Store, url: str, clock: ManualClock, later: Callable[[float], None]
) -> None:
    """No method of the store forgets to ask; that a run ended may still be told."""
    run = store.start_run("sync", "c0", clock.now())
    with store.lease("sync", TTL):
        later(TTL.total_seconds())
        with open_store(url, clock) as other, other.lease("sync", TTL):
            for write in (
                lambda: store.set_meta("colour", "blue"),
                lambda: record(store, make_decision(41, make_update(41))),
                lambda: store.set_due([], []),
                lambda: store.claim(clock.now(), 9, TTL),
                lambda: store.dropped("k1", "no more"),
                lambda: store.prune(clock.now()),
                lambda: store.hold("r1", "too much"),
            ):
                with pytest.raises(RetryLater, match="lost the lease"):
                    write()
            store.end_run(run, "stopped", {}, clock.now())
