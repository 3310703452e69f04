"""S02: where the configuration says read_only, no way leads to a write."""

import pytest

from kace_bridge.errors import RetryLater, UsageError
from kace_bridge.model.ids import TicketId
from kace_bridge.sma import Sma
from tests.support.desk import Desk

pytestmark = pytest.mark.catalogue("S02")


@pytest.fixture
def barred(desk: Desk) -> Desk:
    """A known site whose appliance may only be read, with one new ticket."""
    desk.config["appliance"]["read_only"] = True
    desk.later(minutes=5)
    desk.submit(title="VPN drops")
    return desk


def test_a_sync_decides_and_sends_nothing(barred):
    """The rules' decisions are recorded as in shadow; the appliance sees reading only."""
    report = barred.sync()
    assert report.decisions > 0
    assert (report.applied, report.messages, barred.mails) == (0, 0, [])
    assert [name for name in barred.requests if not name.startswith("GET ")] == [
        "POST /ams/shared/api/security/login"
    ]


def test_what_was_planned_before_waits(barred):
    """Effects planned while writing was allowed are kept for later, not sent."""
    barred.config["appliance"]["read_only"] = False
    barred.fail("PUT", status=429)
    with pytest.raises(RetryLater):
        barred.sync()
    barred.app.faults.clear()
    barred.config["appliance"]["read_only"] = True
    barred.later(minutes=10)
    barred.sync()
    assert barred.puts == []
    with barred.bridge(read_only=True) as bridge:
        assert bridge.store.effects(states=("planned",))


def test_a_command_is_refused_before_anything_is_recorded(barred):
    """The person is told which setting stands in the way."""
    with pytest.raises(UsageError, match=r"rules.yaml says appliance.read_only"), barred.bridge():
        pass


def test_the_client_itself_refuses():
    """Not a matter of the caller's good will: the one method that writes does not send."""
    with Sma("https://kace.example.org", username="a", password="b", read_only=True) as sma:
        with pytest.raises(UsageError, match="only reads"):
            sma.tickets.update(TicketId(1), {"title": "x"})
        assert sma.requests_made == 0
