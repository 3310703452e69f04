"""The lease: one at a time, taken over at once from the dead, fencing off the overtaken."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import LeaseHeld, RetryLater
from kace_bridge.state import Store, open_store
from tests.state.conftest import Behind
from tests.state.samples import TTL

Later = Callable[[float], None]
HOUR = r"\d\d:\d\d:\d\d"
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals")


@contextmanager
def child(name: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """A second process at the same store; killed in the end."""
    command = [sys.executable, "-m", "tests.state.children", name, url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_lease_is_held_until_given_back(store: Store) -> None:
    """Inside the block it is ours, after it nobody's."""
    with store.lease("sync", TTL) as lease:
        assert lease.held()
    assert not lease.held()
    with pytest.raises(RetryLater, match="lost the lease"):
        lease.renew()


def test_every_take_over_has_a_higher_epoch(store: Store) -> None:
    """Epochs rise over all names, so one alone says which lease it is."""
    epochs = []
    for name in ("sync", "sync", "deliver", "sync"):
        with store.lease(name, TTL) as lease:
            epochs.append(lease.epoch)
    assert epochs == sorted(set(epochs))


def test_leases_of_different_names_do_not_meet(store: Store) -> None:
    """Delivery may go on beside a sync; each keeps its own."""
    with store.lease("sync", TTL) as one, store.lease("deliver", TTL) as two:
        one.renew()
        assert one.held()
        assert two.held()


@pytest.mark.catalogue("B11")
@pytest.mark.parametrize("memory", [False, True])
def test_a_second_holder_is_refused_at_once(
    store: Store, url: str, clock: ManualClock, memory: bool
) -> None:
    """The line names process, host and times of the holder."""
    one = open_store("sqlite://:memory:", clock) if memory else store
    other = one if memory else open_store(url, clock)
    with one.lease("sync", TTL), pytest.raises(LeaseHeld) as caught, other.lease("sync", TTL):
        raise AssertionError
    since, until = ("09:00:00", "09:01:30") if memory or not store.shared else (HOUR, HOUR)
    assert re.fullmatch(
        rf"another sync is running: pid {os.getpid()} on host \S+ since {since}; "
        rf"it holds the lease until {until} UTC",
        str(caught.value),
    )
    assert caught.value.exit_code == 75
    other.close()


def test_renewing_holds_on_and_time_lets_go(store: Store, later: Later) -> None:
    """A lease lasts its ttl from the last renewal."""
    with store.lease("sync", TTL) as lease:
        later(80)
        lease.renew()
        later(80)
        assert lease.held()
        later(10)
        assert not lease.held()


def test_keeping_renews_what_is_ten_seconds_old(
    store: Store, behind: Behind, clock: ManualClock
) -> None:
    """It may be called before every action: only then and when does it write."""
    with store.lease("sync", TTL) as lease:
        behind.change("UPDATE lease SET expires = 7")
        clock.advance(timedelta(seconds=9))
        lease.keep()
        assert behind.ask("SELECT expires FROM lease") == [(7,)]
        clock.advance(timedelta(seconds=1))
        lease.keep()
        assert behind.ask("SELECT expires FROM lease") > [(7,)]


def test_an_error_in_the_block_gives_the_lease_back(store: Store) -> None:
    """A run that fails does not lock out the next."""
    with pytest.raises(ZeroDivisionError), store.lease("sync", TTL):
        raise ZeroDivisionError
    with store.lease("sync", TTL) as lease:
        assert lease.held()


def test_a_store_in_memory_goes_by_the_row_alone(clock: ManualClock) -> None:
    """Without a lock file an expired holder is overtaken, and fenced off."""
    with open_store("sqlite://:memory:", clock) as store, store.lease("sync", TTL) as old:
        clock.advance(TTL)
        with store.lease("sync", TTL) as new:
            assert new.epoch > old.epoch
            assert not old.held()
            with pytest.raises(RetryLater, match="lost the lease"):
                old.renew()


def test_another_process_is_refused_while_we_hold_it(store: Store, url: str) -> None:
    """The lock works between processes, not only within one."""
    with store.lease("sync", TTL), child("take", url) as process:
        assert f"another sync is running: pid {os.getpid()} " in first_line(process)
    with child("take", url) as process:
        assert first_line(process).isdecimal()


@posix_only
def test_a_killed_holder_is_overtaken_at_once(store: Store, url: str) -> None:
    """Its lease had a day to go; the kernel knows that it is dead."""
    with child("hold", url) as process:
        epoch = int(first_line(process))
        with pytest.raises(RetryLater, match=f"pid {process.pid} "), store.lease("sync", TTL):
            raise AssertionError
        process.send_signal(signal.SIGKILL)
        process.wait()
        with store.lease("sync", TTL) as lease:
            assert lease.epoch == epoch + 1


@posix_only
def test_a_stopped_holder_keeps_its_lease(store: Store, url: str) -> None:
    """A process that is only suspended may wake up: nobody takes over while its lease runs."""
    with child("hold", url) as process:
        first_line(process)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(RetryLater, match="another sync is running"), store.lease("sync", TTL):
            raise AssertionError
        process.send_signal(signal.SIGCONT)
