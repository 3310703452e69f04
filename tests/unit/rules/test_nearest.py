"""The nearest miss: the fewest comparisons that keep a condition from being met."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.rules.evaluate import Judgement
from kace_bridge.rules.nearest import misses, nearest_miss
from kace_bridge.rules.picture import ALREADY, Verdicts
from kace_bridge.rules.ruleset import Rule
from kace_bridge.rules.verdict import Verdict, conjoin, disjoin, negate

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def leaf(verdict: Verdict, name: str = "title is") -> Judgement:
    return Judgement(verdict, name)


def every(*parts: Judgement) -> Judgement:
    return Judgement(conjoin(part.verdict for part in parts), "all", children=parts)


def some(*parts: Judgement) -> Judgement:
    return Judgement(disjoin(part.verdict for part in parts), "any", children=parts)


def no(part: Judgement) -> Judgement:
    return Judgement(negate(part.verdict), "not", children=(part,))


TREES = st.recursive(
    st.sampled_from(Verdict).map(leaf),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: every(*parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: some(*parts)),
        inner.map(no),
    ),
    max_leaves=8,
)


def number(tree: Judgement, at: tuple[int, ...] = ()) -> Judgement:
    """*tree* with a name of its own for every leaf."""
    if not tree.children:
        return tree._replace(label=f"leaf {at}")
    children = tuple(number(child, (*at, n)) for n, child in enumerate(tree.children))
    return tree._replace(children=children)


def corrected(tree: Judgement, wanted: dict[str, Verdict]) -> Judgement:
    """*tree* judged anew with some leaves as wanted."""
    if not tree.children:
        return tree._replace(verdict=wanted.get(tree.label, tree.verdict))
    parts = tuple(corrected(child, wanted) for child in tree.children)
    return {"all": every, "any": some, "not": no}[tree.label](*parts)


@given(TREES)
def test_putting_the_misses_right_meets_the_condition(tree: Judgement) -> None:
    """What is named is enough, all of it is wrong as it stands, and nothing is named when met."""
    tree = number(tree)
    found = misses(tree)
    assert bool(found) is (tree.verdict is not YES)
    assert all(miss.step.verdict is not miss.wanted for miss in found)
    assert corrected(tree, {miss.step.label: miss.wanted for miss in found}).verdict is YES


@given(TREES)
def test_no_fewer_would_do(tree: Judgement) -> None:
    """Leaving one of the misses wrong leaves the condition unmet."""
    tree = number(tree)
    wanted = {miss.step.label: miss.wanted for miss in misses(tree)}
    for left_out in wanted:
        rest = {name: verdict for name, verdict in wanted.items() if name != left_out}
        assert corrected(tree, rest).verdict is not YES


def test_any_names_its_cheapest_branch() -> None:
    """Of two ways to be met, the one that lacks less."""
    far = every(leaf(NO, "a"), leaf(NO, "b"))
    assert [miss.step.label for miss in misses(some(far, leaf(UNKNOWN, "c")))] == ["c"]


def test_under_not_a_comparison_is_wrong_by_holding() -> None:
    """What should have failed is named as such."""
    (miss,) = misses(every(leaf(YES, "a"), no(leaf(YES, "b"))))
    assert (miss.step.label, miss.wanted) == ("b", NO)


def verdict(name: str, reason: str, **more: object) -> Verdicts:
    rule = Rule(id=name, phase="notify", place="rules.yaml:1")
    return Verdicts(rule, False, reason, **more)  # type: ignore[arg-type]


def test_the_rule_that_lacks_least_is_the_nearest() -> None:
    """Fewer misses first, then more conditions met; an event that never was comes last."""
    two = verdict("two", "condition: no", condition=every(leaf(NO), leaf(NO)))
    one = verdict("one", "condition: no", condition=leaf(NO))
    close = verdict("close", "condition: no", condition=every(leaf(YES), leaf(YES), leaf(NO)))
    event = verdict("event", "no such event", event=leaf(NO))
    order = [nearest_miss(some) for some in ([two, one, close, event], [two, one], [event, two])]
    assert [near.rule.id if near else None for near in order] == ["close", "one", "two"]


def test_a_rule_that_fired_once_is_no_miss() -> None:
    """Not for another event either, nor when it was decided before."""
    fired = replace(verdict("a", "fired"), fired=True)
    missed = verdict("a", "condition: no", condition=leaf(NO))
    assert nearest_miss([fired, missed, verdict("b", ALREADY)]) is None


def test_time_can_be_all_that_is_missing() -> None:
    """Where the conditions hold, the reason says what is waited for."""
    near = nearest_miss([verdict("late", "no level is due", condition=leaf(YES))])
    assert near is not None
    assert (near.misses, near.reason) == ((), "no level is due")
