"""Several workers send from one outbox: each message once, each line in order, claims respected."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import RetryLater
from kace_bridge.state import Store, open_store
from tests.state.samples import MINUTE, NINE, TTL, make_message, queue
from tests.state.test_lease import child


@pytest.fixture
def other(url: str, clock: ManualClock) -> Iterator[Store]:
    """A second worker at the same store."""
    with open_store(url, clock) as opened:
        yield opened


@pytest.mark.catalogue("B12")
def test_four_workers_send_each_message_once_and_each_line_in_order(store: Store, url: str) -> None:
    """Real processes claim side by side; none gets what another has, none overtakes."""
    keys = [f"{line}-{place}" for place in range(6) for line in "abcdefgh"]
    queue(store, [make_message(key, ticket=ord(key[0])) for key in keys])
    with ExitStack() as stack:
        workers = [stack.enter_context(child("send", url)) for _ in range(4)]
        said = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert sorted(key for keys in said for key in keys) == sorted(keys)
    for own in said:
        for line in "abcdefgh":
            places = [key for key in own if key[0] == line]
            assert places == sorted(places)
    assert {row.state for row in store.outbox()} == {"sent"}
    assert store.verify() == []


@pytest.mark.catalogue("D22")
@pytest.mark.parametrize(
    "late",
    [
        pytest.param(lambda store: store.retry("k1", NINE, "timeout"), id="retry"),
        pytest.param(lambda store: store.put_back("k1", NINE, "slow"), id="put back"),
        pytest.param(lambda store: store.dead("k1", "refused"), id="dead"),
        pytest.param(lambda store: store.dropped("k1", "outdated"), id="dropped"),
    ],
)
def test_a_claim_is_moved_only_by_whoever_has_it_now(
    store: Store, other: Store, late: Callable[[Store], bool]
) -> None:
    """A worker that stood still does not touch what another has taken up meanwhile."""
    queue(store, [make_message("k1")])
    with store.lease("deliver-1", TTL), other.lease("deliver-2", TTL):
        assert len(store.claim(NINE, 9, MINUTE)) == 1
        assert len(other.claim(NINE + MINUTE, 9, MINUTE)) == 1
        assert not store.is_claimed("k1")
        assert other.is_claimed("k1")
        assert not late(store)
        assert other.sent("k1", NINE)


@pytest.mark.catalogue("D22")
def test_what_was_sent_is_recorded_even_after_the_lease_is_lost(
    store: Store, other: Store, url: str, later: Callable[[float], None]
) -> None:
    """It did leave: one note spares the second copy that another would send."""
    if not store.shared:
        pytest.skip("the holder of a file's lease cannot be overtaken while it lives")
    queue(store, [make_message("k1"), make_message("k2", ticket=42)])
    with store.lease("sync", TTL):
        assert len(store.claim(NINE, 1, MINUTE)) == 1
        later(TTL.total_seconds())
        with other.lease("sync", TTL):
            assert store.sent("k1", NINE)
            with pytest.raises(RetryLater, match="lost the lease"):
                store.claim(NINE, 9, MINUTE)
            assert other.reclaim() == 0
            assert [row.key for row in other.claim(NINE, 9, MINUTE)] == ["k2"]


def test_only_the_claims_of_the_dead_are_put_back(store: Store, other: Store, url: str) -> None:
    """Whoever takes over leaves alone what living helpers are sending."""
    queue(store, [make_message("k1"), make_message("k2", ticket=42)])
    with other.lease("deliver-1", TTL):
        assert len(other.claim(NINE, 1, MINUTE)) == 1
        with store.lease("deliver-2", TTL):
            assert len(store.claim(NINE, 1, MINUTE)) == 1
        with store.lease("sync", TTL):
            assert store.reclaim() == 1
            assert [row.key for row in store.claim(NINE, 9, MINUTE)] == ["k2"]
            assert other.is_claimed("k1")
