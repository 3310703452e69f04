"""Ways to pick a person; every one keeps the promises of all."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.schema import RotationSpec
from kace_bridge.rules.strategies.base import STRATEGIES, Candidates, following
from tests.unit.rules.rulebook import MONDAY, ZONE, make_ticket

TEAM = ("adiaz", "bkim", "cwong")
WEEKLY = RotationSpec(every="1w", start="2026-01-05")
FACTS = Facts(make_ticket(), MONDAY, Desk())


def candidates(**changes: object) -> Candidates:
    """Three people, all present, nothing to do."""
    known: dict[str, object] = {
        "team": "desk", "present": TEAM, "everybody": TEAM, "loads": {}, "weights": {},
        "last": None, "rotation": None, "now": MONDAY, **changes,
    }  # fmt: skip
    return Candidates(**known)  # type: ignore[arg-type]


def choose(name: str, **changes: object) -> str:
    """Whom the strategy *name* picks."""
    return STRATEGIES[name](candidates(**changes), FACTS)[0]


@pytest.mark.parametrize(
    ("changes", "person"),
    [
        pytest.param({}, "adiaz", id="all free: the first of the team"),
        pytest.param({"loads": {"adiaz": 3, "bkim": 1, "cwong": 2}}, "bkim", id="fewest"),
        pytest.param({"last": "adiaz"}, "bkim", id="a tie goes to the next in turn"),
        pytest.param({"last": "cwong"}, "adiaz", id="the turn goes round"),
        pytest.param({"last": "adiaz", "loads": {"bkim": 1, "cwong": 1}}, "adiaz",
                     id="less to do beats the turn"),
        pytest.param({"loads": {"adiaz": 4, "bkim": 3, "cwong": 3}, "weights": {"adiaz": 2.0}},
                     "adiaz", id="a double weight carries double"),
        pytest.param({"loads": {"adiaz": 1, "bkim": 1, "cwong": 1}, "weights": {"adiaz": 0.0}},
                     "bkim", id="no weight at all comes last"),
        pytest.param({"present": ("cwong",), "loads": {"cwong": 9}}, "cwong", id="the only one"),
    ],
)  # fmt: skip
def test_least_loaded(changes: dict[str, object], person: str) -> None:
    """The fewest tickets by weight, equals in turn."""
    assert choose("least_loaded", **changes) == person


def test_a_weight_that_counted_is_told() -> None:
    """Whoever reads why one of four waiting tickets is least sees the weight beside the load."""
    loads, weights = {"adiaz": 4, "bkim": 3, "cwong": 3}, {"adiaz": 2.0}
    reason = STRATEGIES["least_loaded"](candidates(loads=loads, weights=weights), FACTS)[1]
    assert reason == "adiaz has the least to do (4 waiting, weight 2)"


@pytest.mark.parametrize(
    ("changes", "person"),
    [
        pytest.param({}, "adiaz", id="nobody yet: the first"),
        pytest.param({"last": "adiaz"}, "bkim", id="the next"),
        pytest.param({"last": "cwong"}, "adiaz", id="round again"),
        pytest.param(
            {"last": "adiaz", "present": ("adiaz", "cwong")}, "cwong", id="past the absent"
        ),
        pytest.param({"last": "gone"}, "adiaz", id="who left the team is forgotten"),
        pytest.param({"last": "adiaz", "loads": {"bkim": 50}}, "bkim", id="whatever the load"),
    ],
)
def test_round_robin(changes: dict[str, object], person: str) -> None:
    """Everybody present in turn."""
    assert choose("round_robin", **changes) == person


@pytest.mark.parametrize(
    ("changes", "person"),
    [
        pytest.param({"rotation": None}, "adiaz", id="no rotation: the first present"),
        pytest.param({"now": datetime(2026, 1, 5, tzinfo=ZONE)}, "adiaz", id="the first day"),
        pytest.param({"now": datetime(2026, 1, 11, 23, 59, tzinfo=ZONE)}, "adiaz",
                     id="until the last minute of the week"),
        pytest.param({"now": datetime(2026, 1, 12, tzinfo=ZONE)}, "bkim", id="then the next"),
        pytest.param({"now": datetime(2026, 1, 26, tzinfo=ZONE)}, "adiaz", id="round again"),
        pytest.param({"now": datetime(2026, 1, 4, tzinfo=ZONE)}, "cwong", id="before it began"),
        pytest.param({"present": ("bkim", "cwong"), "now": datetime(2026, 1, 6, tzinfo=ZONE)},
                     "bkim", id="the next one stands in"),
        pytest.param(
            {"rotation": RotationSpec(every="1d", start="2026-01-05"),
             "now": datetime(2026, 1, 7, 3, tzinfo=ZONE)}, "cwong", id="by day",
        ),
        pytest.param(
            {"rotation": RotationSpec(every="12h", start="2026-01-05"),
             "now": datetime(2026, 1, 5, 12, tzinfo=ZONE)}, "bkim", id="by shift",
        ),
        pytest.param(
            {"rotation": RotationSpec(every="1w", start="2026-01-05",
                                      overrides={"2026-01-06": "cwong"}),
             "now": datetime(2026, 1, 6, 9, tzinfo=ZONE)}, "cwong", id="a swapped day",
        ),
        pytest.param({"now": datetime(2026, 3, 16, 0, 30, tzinfo=ZONE)}, "bkim",
                     id="clocks went forward, turns still begin at midnight"),
    ],
)  # fmt: skip
def test_on_call(changes: dict[str, object], person: str) -> None:
    """The turn that covers the moment, counted in the appliance's zone."""
    assert choose("on_call", **{"rotation": WEEKLY, **changes}) == person


def test_following_starts_after_the_last() -> None:
    """A turned list keeps everybody."""
    assert following(TEAM, "adiaz") == ["bkim", "cwong", "adiaz"]
    assert following(TEAM, None) == list(TEAM)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
class TestEveryStrategy:
    @given(
        present=st.lists(st.sampled_from(TEAM), min_size=1, unique=True),
        loads=st.dictionaries(st.sampled_from(TEAM), st.integers(0, 9)),
        last=st.sampled_from([None, *TEAM, "gone"]),
        days=st.integers(-400, 4000),
        rotating=st.booleans(),
    )
    def test_it_names_somebody_present(
        self, name: str, present: list[str], loads: dict[str, int], last: str | None, days: int,
        rotating: bool,
    ) -> None:  # fmt: skip
        """Whatever the desk looks like, the pick is one of those present, with a reason."""
        asked = candidates(
            present=tuple(sorted(present)), loads=loads, last=last,
            rotation=WEEKLY if rotating else None, now=MONDAY + timedelta(days=days),
        )  # fmt: skip
        person, reason = STRATEGIES[name](asked, FACTS)
        assert person in present
        assert person in reason

    def test_it_explains_itself(self, name: str) -> None:
        """Each strategy says what it does."""
        assert STRATEGIES[name].__doc__
