"""An appliance that fails sync after sync is left alone for a while, longer each time."""

import pytest

from kace_bridge.doctor.store import check_store
from kace_bridge.errors import Resting, RetryLater, StoreBusy, UnexpectedReply
from kace_bridge.model.breaker import CLOSED
from kace_bridge.state import open_store
from kace_bridge.sync.resting import APPLIANCE, breaker
from tests.support.desk import Desk

LOGIN = "/ams/shared/api/security/login"


def fail(desk: Desk, syncs: int) -> None:
    """So many syncs in a row that the appliance fails, a minute apart."""
    for _ in range(syncs):
        with pytest.raises(RetryLater):
            desk.sync()
        desk.later(minutes=1)


@pytest.fixture
def down(desk: Desk) -> Desk:
    """An appliance that answers every login with 503."""
    desk.fail("POST", LOGIN, status=503, times=None)
    return desk


@pytest.mark.catalogue("A32")
def test_the_sixth_sync_asks_nothing_and_says_until_when(down: Desk):
    """Exit code 75, one line, no run on record, no ticket blamed."""
    fail(down, 4)
    with pytest.raises(RetryLater):
        down.sync()
    with pytest.raises(
        Resting, match=r"^the appliance rests until 2026-03-02 09:05:00 EST: .*503"
    ) as found:
        down.sync()
    assert (found.value.exit_code, found.value.retry_after, down.requests) == (75, 60.0, [])
    with down.bridge(read_only=True) as bridge:
        assert [run.kind for run in bridge.store.runs()] == ["sync"]


def test_each_fault_after_a_rest_doubles_it_and_one_request_is_spent(down: Desk):
    """A minute-by-minute schedule asks less and less: at 0 1 2 3 4, then 5 7 11 19 34 49."""
    asked = []
    for minute in range(60):
        with pytest.raises(RetryLater):
            down.sync()
        asked += [minute] * len(down.requests)
        down.later(minutes=1)
    assert asked == [0, 1, 2, 3, 4, 5, 7, 11, 19, 34, 49]


def test_one_that_fails_two_syncs_of_three_rests_as_well(desk: Desk):
    """No five came in a row, but eleven of sixteen failed: a minute's rest, told by `doctor`."""
    for sync in range(16):
        if sync % 3 == 1:
            desk.app.faults.clear()
            desk.sync()
            desk.later(minutes=1)
        else:
            desk.fail("POST", LOGIN, status=503, times=None)
            fail(desk, 1)
    desk.later(seconds=-30)
    with pytest.raises(Resting):
        desk.sync()
    (check,) = (c for c in check_store(desk.state, desk.clock) if c.name == "appliance")
    assert "after 11 faults in the last 16 attempts: " in check.what


def test_a_sync_that_succeeds_closes_it(down: Desk):
    """Nothing was lost meanwhile, and the next outage begins at the first fault."""
    ticket = down.submit()
    fail(down, 6)
    down.app.faults.clear()
    down.later(minutes=2)
    down.sync()
    assert down.puts == [ticket]
    with open_store(down.state, down.clock) as store:
        assert store.breakers() == {}


def test_somebody_who_knows_better_has_it_asked_at_once(down: Desk):
    """`sync --now`: what it finds counts like any other answer."""
    fail(down, 5)
    down.later(seconds=-30)
    with pytest.raises(RetryLater, match="503"):
        down.sync(anyway=True)
    down.app.faults.clear()
    assert down.sync(anyway=True).exit_code == 0
    assert down.sync().exit_code == 0


def test_a_wait_the_appliance_asks_for_is_kept_by_the_next_syncs(desk: Desk):
    """No fault: it counts for nothing, and nothing is asked before it is over."""
    desk.fail("POST", LOGIN, status=429, headers={"Retry-After": "600"}, times=1)
    fail(desk, 1)
    for _ in range(9):
        with pytest.raises(Resting):
            desk.sync()
        assert desk.requests == []
        desk.later(minutes=1)
    assert desk.sync().exit_code == 0


@pytest.mark.parametrize(
    ("error", "faults"),
    [(RetryLater("no route"), 1), (UnexpectedReply("a page"), 1), (StoreBusy("disk full"), 0)],
)
def test_the_store_is_not_the_appliance(desk: Desk, error: Exception, faults: int):
    """A full disk says nothing about whether the appliance is well."""
    with desk.bridge() as bridge:
        with pytest.raises(type(error)), breaker(bridge, anyway=False):
            raise error
        assert bridge.store.breaker(APPLIANCE).faults == faults


def test_doctor_tells_which_channel_rests(desk: Desk):
    """The folder for mails is not there: its name and the reason."""

    (desk.folder / "mail").write_text("in the way")
    for _ in range(6):
        desk.submit()
    desk.sync()
    (check,) = (c for c in check_store(desk.state, desk.clock) if c.name == "channel mail")
    assert "after 5 faults in a row: the folder" in check.what


def test_doctor_tells_which_channel_is_gone(desk: Desk):
    """An error: it mends itself never. The cure names the command."""
    desk.submit()
    desk.sync()
    with open_store(desk.state, desk.clock) as store:
        store.set_breaker("channel:ops", CLOSED.left("HTTP 410: the receiver is gone"))
    (check,) = (c for c in check_store(desk.state, desk.clock) if c.name == "channel ops")
    assert (check.verdict, check.what) == (
        "error", "is not asked any more: HTTP 410: the receiver is gone"
    )  # fmt: skip
    assert "outbox retry --channel ops" in check.cure


def test_doctor_tells_that_it_rests_and_why(down: Desk):
    """A warning with the reason and the command that asks at once; then nothing."""
    fail(down, 5)
    down.later(seconds=-30)
    (check,) = (c for c in check_store(down.state, down.clock) if c.name == "appliance")
    assert (check.verdict, "after 5 faults in a row" in check.what) == ("warning", True)
    assert "sync --now" in check.cure
    with open_store(down.state, down.clock) as store:
        store.set_breaker(APPLIANCE, CLOSED)
    assert all(c.name != "appliance" for c in check_store(down.state, down.clock))
