"""The sandbox keeps every point of contract section 9."""

import pytest

from tests.sandbox import (  # noqa: F401 -- importing enters the points
    points_data,
    points_effects,
    points_history,
    points_query,
    points_tickets,
    points_transport,
)
from tests.sandbox.points import POINTS, Check


@pytest.mark.parametrize("check", [pytest.param(POINTS[n], id=n) for n in sorted(POINTS)])
def test_a_point_holds(check: Check) -> None:
    """What the point's docstring promises is so."""
    check()


def test_every_point_is_checked() -> None:
    """All 63 numbers are there, each with a sentence saying what it promises."""
    assert sorted(POINTS) == [f"{number:02}" for number in range(1, 64)]
    assert all(check.__doc__ for check in POINTS.values())
