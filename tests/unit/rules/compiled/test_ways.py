"""Conditions as ways to be met."""

import pytest

from kace_bridge.rules.compiled.ways import MOST, ways_of
from kace_bridge.rules.condition import AnyOf, Comparison, Condition, Not
from tests.unit.rules.picture import read

A, B, C = ({"status": {"is": name}} for name in ("New", "Opened", "Closed"))
SLOW = {"idle": {"more_than": "1h"}}


def shown(condition: object) -> list[list[str]]:
    quick = lambda part: not isinstance(part, AnyOf) and "idle" not in repr(part)  # noqa: E731
    ways = ways_of(read(condition), quick)
    return [[_one(part) for part in way] for way in ways]


def _one(part: Condition) -> str:
    if isinstance(part, Not):
        return f"not {_one(part.part)}"
    return part.shown if isinstance(part, Comparison) else type(part).__name__


@pytest.mark.parametrize(
    ("condition", "ways"),
    [
        pytest.param(A, [["New"]], id="one comparison"),
        pytest.param({"all": [A, {"all": [B, C]}]}, [["New", "Opened", "Closed"]], id="flat"),
        pytest.param({"any": [A, B]}, [["New"], ["Opened"]], id="any of quick parts"),
        pytest.param({"not": {"any": [A, B]}}, [["not New", "not Opened"]], id="not inwards"),
        pytest.param({"not": {"not": A}}, [["New"]], id="twice not"),
        pytest.param({"all": [SLOW, {"any": [A, B]}]}, [["New", "1h"], ["Opened", "1h"]],
                     id="spread where nothing else is quick"),
        pytest.param({"all": [C, {"any": [A, B]}]}, [["Closed", "AnyOf"]], id="not needed"),
        pytest.param({"any": [A, SLOW]}, [["AnyOf"]], id="no use: a branch is slow"),
        pytest.param({"any": [A] * (MOST + 1)}, [["AnyOf"]], id="too many"),
    ],
)  # fmt: skip
def test_ways(condition: object, ways: list[list[str]]) -> None:
    """``any`` is spread over ``all`` only where it helps."""
    assert shown(condition) == ways


def test_no_condition_is_met_in_one_way() -> None:
    """Without a part to ask."""
    assert ways_of(None, bool) == ((),)
