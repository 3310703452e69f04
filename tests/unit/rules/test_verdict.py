"""The laws of three-valued logic (Kleene), over all cases."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.rules.verdict import Verdict, conjoin, disjoin, negate

N, U, Y = Verdict.NO, Verdict.UNKNOWN, Verdict.YES
ORDER = [N, U, Y]
verdicts = st.sampled_from(ORDER)


@pytest.mark.parametrize(("left", "right"), list(product(ORDER, ORDER)))
def test_and_is_the_lesser_and_or_the_greater(left: Verdict, right: Verdict) -> None:
    """Kleene's tables: with no < unknown < yes, *and* is the minimum, *or* the maximum."""
    assert conjoin([left, right]) is min(left, right, key=ORDER.index)
    assert disjoin([left, right]) is max(left, right, key=ORDER.index)


@given(st.lists(verdicts))
def test_de_morgan_holds(found: list[Verdict]) -> None:
    """Not all is any not, and not any is all not, with unknowns too."""
    assert negate(conjoin(found)) is disjoin(negate(each) for each in found)
    assert negate(disjoin(found)) is conjoin(negate(each) for each in found)


@given(st.lists(verdicts), st.randoms())
def test_order_does_not_matter(found: list[Verdict], chance: object) -> None:
    """Parts may be judged in any order."""
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert conjoin(shuffled) is conjoin(found)
    assert disjoin(shuffled) is disjoin(found)


@given(verdicts, st.lists(verdicts))
def test_learning_more_never_turns_a_verdict(found: Verdict, rest: list[Verdict]) -> None:
    """What is certain with an unknown stays so whatever the unknown turns out to be."""
    for join in (conjoin, disjoin):
        unsure = join([U, *rest])
        if unsure is not U:
            assert join([found, *rest]) is unsure


def test_twice_not_is_nothing() -> None:
    """Negation undoes itself, and keeps unknown."""
    assert [negate(negate(each)) for each in ORDER] == ORDER
    assert negate(U) is U


def test_no_parts_are_all_met_and_none_is() -> None:
    """The neutral elements."""
    assert conjoin([]) is Y
    assert disjoin([]) is N


def test_judging_stops_when_certain() -> None:
    """After a NO (for *and*) or a YES (for *or*) nothing more is judged."""
    parts = iter([N, Y])
    assert conjoin(parts) is N
    assert next(parts) is Y
    assert disjoin(iter([Y, N])) is Y
