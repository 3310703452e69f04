"""Pairs of rules that disagree."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.rules.analysis.pairs import disagreeing

WANTED = st.dictionaries(st.sampled_from("abc"), st.none() | st.sampled_from("xyz"))


@given(st.lists(WANTED, max_size=8))
def test_every_two_that_disagree_are_found(values: list[dict[str, str | None]]) -> None:
    """The same pairs, in the same order, as comparing each with each."""
    assert disagreeing(values) == [
        (one, two)
        for one, two in combinations(range(len(values)), 2)
        if any(
            values[one][name] != values[two][name]
            for name in values[one].keys() & values[two].keys()
        )
    ]
