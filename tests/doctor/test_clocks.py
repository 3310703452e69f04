"""Clock and zone, from three moments."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.doctor.clocks import check_offset, check_zone
from tests.doctor.conftest import only

SERVER = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.mark.catalogue("A23")
@pytest.mark.parametrize(
    ("seconds", "verdict", "words"),
    [
        pytest.param(0, "ok", "agree", id="the same"),
        pytest.param(-59, "ok", "agree", id="almost a minute"),
        pytest.param(60, "warning", "1 min ahead of", id="a minute ahead"),
        pytest.param(-3000, "warning", "50 min behind", id="fifty minutes behind"),
        pytest.param(3600, "error", "1 h ahead of", id="an hour"),
        pytest.param(-200_000, "error", "2 d 7 h behind", id="days"),
    ],
)
def test_two_clocks_are_compared(seconds, verdict, words):
    """Small differences do no harm, because the appliance's clock decides."""
    check = check_offset(timedelta(seconds=seconds))
    assert check.verdict == verdict
    assert words in check.what


@pytest.mark.parametrize(
    ("modified", "zone", "verdict", "words"),
    [
        pytest.param("09:00", "America/New_York", "ok", "0 s old", id="just now"),
        pytest.param("08:00", "America/New_York", "ok", "not contradicted", id="an hour ago"),
        pytest.param("09:00", "America/Los_Angeles", "error", "3 h ahead", id="too far west"),
        pytest.param("14:00", "America/New_York", "error", "5 h ahead", id="really UTC"),
        pytest.param("09:01", "America/New_York", "ok", "0 s old", id="ticked on meanwhile"),
    ],
)
def test_a_zone_is_held_against_the_newest_change(modified, zone, verdict, words):
    """What lies ahead proves a zone wrong; what is old proves nothing."""
    at = datetime.fromisoformat(f"2026-03-02 {modified}").replace(tzinfo=ZoneInfo(zone))
    check = check_zone(at, SERVER, zone)
    assert check.verdict == verdict
    assert words in check.what


def test_the_offset_that_would_fit_is_named():
    """To the quarter of an hour."""
    at = datetime(2026, 3, 2, 19, 30, tzinfo=ZoneInfo("UTC"))
    assert "UTC+05:30" in check_zone(at, SERVER, "UTC").cure


def test_without_tickets_nothing_is_claimed():
    """The cure says how to learn it."""
    check = check_zone(None, SERVER, "UTC")
    assert check.verdict == "ok"
    assert "saved a ticket" in check.cure


def test_a_wrong_zone_is_found_on_an_appliance(make):
    """The appliance lives in Berlin, the configuration in New York."""
    desk = make(timezone="Europe/Berlin")
    desk.submit()
    check = only(desk, "zone")
    assert check.verdict == "error"
    assert "UTC+01:00" in check.cure


def test_a_slow_clock_is_found(desk):
    """Ten minutes make mails look odd and logins with codes fail."""
    desk.clock.advance(timedelta(minutes=10))
    assert "10 min behind" in only(desk, "clock").what
