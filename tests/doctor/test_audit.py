"""The auditor: told from the appliance's history alone, what is missing, doubled or late."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from kace_bridge.doctor.audit import Findings, as_checks, audit
from kace_bridge.doctor.heartbeat import VARIABLE, beat
from kace_bridge.errors import ConfigError, RetryLater
from tests.support.desk import URL, Desk
from tests.support.mount import mount


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A site with one ticket that was routed."""
    desk = Desk(tmp_path)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, desk.app, URL)
        desk.sync()
        desk.later(minutes=1)
        desk.submit()
        desk.sync()
        yield desk


def findings(desk: Desk) -> Findings:
    desk.later(hours=1)
    with desk.bridge(read_only=True) as bridge:
        bridge.sma.login()
        return audit(bridge.sma, bridge.store, bridge.queues(), bridge.now())


def test_a_clean_desk_is_clean(desk: Desk):
    """Its ticket and its mark are counted."""
    found = findings(desk)
    assert (found.tickets, found.marks) == (1, 1)
    assert [check.verdict for check in as_checks(found)] == ["ok"]


def test_a_write_that_is_not_there_is_missing(desk: Desk):
    """The ledger says applied; the ticket's history bears no mark."""
    rows = desk.app.desk.tickets[1].changes
    rows[:] = [row for row in rows if "[kb:" not in row.comment]
    desk.app.desk.revision += 1
    assert "everything-else wrote bears no mark" in findings(desk).missing[0]


def test_a_write_that_is_there_twice_is_doubled(desk: Desk):
    """The same mark in two rows."""
    mark = desk.marks(1)[0]
    desk.edit("adiaz", 1, f"once more {mark}")
    found = findings(desk)
    assert "was written 2 times" in found.doubled[0]
    assert [check.verdict for check in as_checks(found)].count("error") >= 1


@pytest.mark.catalogue("B13")
def test_a_mark_of_another_bridge_is_foreign(desk: Desk):
    """A second bridge with a store of its own works on the same desk."""
    desk.edit("adiaz", 1, "done [kb:0badcafe]")
    assert findings(desk).foreign == ["#1: [kb:0badcafe] is in no decision here"]


def test_a_row_that_no_sync_read_is_unread(desk: Desk):
    """An hour old, and no sync ran since."""
    desk.edit("adiaz", 1, "working on it")
    assert "was never read" in findings(desk).unread[0]


def test_a_decision_that_is_not_settled_is_overdue(desk: Desk):
    """A write in doubt for an hour, with no sync to settle it."""
    desk.submit()
    desk.fail(drop_before=True)
    desk.sync()
    assert "everything-else is unknown since" in findings(desk).overdue[0]


@pytest.mark.parametrize(("status", "told"), [(200, True), (503, False)])
def test_the_heartbeat_is_one_question(status: int, told: bool):
    """Success or a reason to look; the address is in no message."""
    with responses.RequestsMock() as mock:
        mock.get("https://beat.example.org/s3cret", status=status)
        environ = {VARIABLE: "https://beat.example.org/s3cret"}
        if told:
            assert beat(environ)
        else:
            with pytest.raises(RetryLater) as failed:
                beat(environ)
            assert "s3cret" not in str(failed.value)


def test_a_heartbeat_needs_an_address_it_can_trust():
    """None set: nothing asked. Plain http elsewhere: refused."""
    assert not beat({})
    with pytest.raises(ConfigError):
        beat({VARIABLE: "http://beat.example.org/"})
