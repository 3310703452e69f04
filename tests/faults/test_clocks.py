"""Eight ways clocks go wrong: nothing is missed, nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.desk import Desk
from tests.sync.test_faults import done_once, until_idle

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def steady(desk: Desk) -> list[int]:
    """Tickets are logged and synced as on any day; their numbers."""
    made = []
    for _ in range(3):
        made.append(desk.submit())
        desk.sync()
        desk.later(minutes=5)
    return made


def host_ahead(desk: Desk) -> list[int]:
    desk.clock.advance(HOUR)
    return steady(desk)


def host_behind(desk: Desk) -> list[int]:
    desk.clock.advance(-HOUR)
    return steady(desk)


def host_jumps_ahead(desk: Desk) -> list[int]:
    made = steady(desk)
    desk.clock.at += DAY
    return made + steady(desk)


def host_jumps_back(desk: Desk) -> list[int]:
    made = steady(desk)
    desk.clock.at -= DAY
    return made + steady(desk)


def appliance_jumps_ahead_and_back(desk: Desk) -> list[int]:
    """By less than falls due meanwhile: what a clock that is right would fire is not asked here."""
    made = steady(desk)
    desk.app.clock.advance(2 * HOUR)
    made += steady(desk)
    desk.app.clock.advance(-2 * HOUR)
    return made + steady(desk)


def appliance_set_back(desk: Desk) -> list[int]:
    made = steady(desk)
    desk.app.clock.advance(-HOUR)
    return made + steady(desk)


def hour_comes_twice(desk: Desk) -> list[int]:
    desk.app.clock.set("2026-11-01T05:40:00+00:00", frozen=True)  # 01:40, the first time
    made = steady(desk)
    desk.app.clock.set("2026-11-01T06:10:00+00:00", frozen=True)  # 01:10, the second time
    return made + steady(desk)


def hour_is_skipped(desk: Desk) -> list[int]:
    desk.app.clock.set("2026-03-08T06:50:00+00:00", frozen=True)  # 01:50, then 03:00
    return steady(desk) + steady(desk)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(host_ahead, marks=pytest.mark.catalogue("A23")),
        pytest.param(host_behind, marks=pytest.mark.catalogue("A23")),
        pytest.param(host_jumps_ahead, marks=pytest.mark.catalogue("B15")),
        pytest.param(host_jumps_back, marks=pytest.mark.catalogue("B15")),
        pytest.param(appliance_jumps_ahead_and_back, marks=pytest.mark.catalogue("A24")),
        pytest.param(appliance_set_back, marks=pytest.mark.catalogue("A24")),
        pytest.param(hour_comes_twice, marks=pytest.mark.catalogue("A25")),
        pytest.param(hour_is_skipped, marks=pytest.mark.catalogue("A26")),
    ],
)
def test_every_ticket_gets_its_one_effect(desk: Desk, trouble: Callable[[Desk], list[int]]) -> None:
    """Stamps are the appliance's, waits are the machine's: neither is believed blindly."""
    made = trouble(desk)
    until_idle(desk)
    assert [ticket for ticket in made if not done_once(desk, ticket)] == []
