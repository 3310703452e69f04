"""Names no ticket uses yet, on a queue that is as it came."""

import pytest

from kace_bridge.sma.fresh_names import fresh_ids

AS_IT_CAME = {"Medium": {1}}


@pytest.mark.parametrize(
    ("queue", "name", "seen", "found"),
    [
        pytest.param(1, "High", AS_IT_CAME, {2}, id="what is seen agrees"),
        pytest.param(1, "high", AS_IT_CAME, {2}, id="in any case"),
        pytest.param(1, "High", {}, set(), id="nothing seen, nothing believed"),
        pytest.param(3, "High", AS_IT_CAME, set(), id="another queue has its own ids"),
        pytest.param(1, "Urgent", AS_IT_CAME, set(), id="not a fresh appliance's name"),
        pytest.param(1, "High", {"Medium": {5}}, set(), id="a known name has another id"),
        pytest.param(1, "High", {"Critical": {2}}, set(), id="the id has another name"),
        pytest.param(1, "High", {"Medium": {1}, "Odd": {9}}, {2}, id="additions do no harm"),
    ],
)
def test_a_fresh_name_is_believed_only_where_nothing_contradicts(
    queue: int, name: str, seen: dict[str, set[int]], found: set[int]
) -> None:
    """The table of a fresh appliance is used for its first queue while all that is seen fits."""
    assert fresh_ids(queue, "priority", name, seen) == found
