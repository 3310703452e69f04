"""How often people agreed with a rule on trial."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.rules.agreement import Agreement, Tally, Wish, agreement, by_team, wishes_of
from tests.unit.rules.rulebook import MONDAY, ask, book, desk_of, event, make_ticket


def wish(hours: float = 0, rule: str = "r", ticket: int = 41, **values: str | None) -> Wish:
    """What a rule wanted, so many hours after Monday at nine."""
    return Wish(rule, TicketId(ticket), MONDAY + timedelta(hours=hours), values)


def did(hours: float, *changes: tuple[str, str | None, str | None], own: bool = False) -> Event:
    """What somebody did, so many hours after Monday at nine."""
    return event("changed", *changes, at=MONDAY + timedelta(hours=hours), author="adiaz", own=own)


@pytest.mark.parametrize(
    ("wishes", "events", "agreed", "total"),
    [
        pytest.param([wish(owner="bkim")], [did(1, ("owner", None, "bkim"))], 1, 1, id="the same"),
        pytest.param([wish(owner="bkim")], [did(1, ("owner", None, "BKIM"))], 1, 1, id="any case"),
        pytest.param([wish(owner="bkim")], [did(1, ("owner", None, "adiaz"))], 0, 1, id="another"),
        pytest.param([wish(owner="bkim")], [], 0, 0, id="nobody has decided"),
        pytest.param([wish(owner="bkim")], [did(-1, ("owner", None, "bkim"))], 0, 0,
                     id="what was before says nothing"),
        pytest.param([wish(owner="bkim")], [did(1, ("owner", None, "bkim"), own=True)], 0, 0,
                     id="our own writes say nothing"),
        pytest.param([wish(owner="bkim")], [did(1, ("priority", "Low", "High"))], 0, 0,
                     id="another field says nothing"),
        pytest.param([wish(owner="bkim")],
                     [did(2, ("owner", "adiaz", "bkim")), did(1, ("owner", None, "adiaz"))], 0, 1,
                     id="the first choice counts, in whatever order it is told"),
        pytest.param([wish(owner="bkim")],
                     [did(1, ("owner", "adiaz", None)), did(2, ("owner", None, "bkim"))], 1, 1,
                     id="clearing is no choice"),
        pytest.param([wish(owner=None)], [did(1, ("owner", "adiaz", None))], 1, 1,
                     id="clearing was the wish"),
        pytest.param([wish(owner=None)], [did(1, ("owner", "adiaz", "bkim"))], 0, 1,
                     id="clearing was the wish, and somebody took it"),
        pytest.param([wish(owner="bkim", priority="High")],
                     [did(1, ("owner", None, "bkim")), did(2, ("priority", "Low", "Medium"))], 0, 1,
                     id="all fields people touched must agree"),
        pytest.param([wish(owner="bkim", priority="High")], [did(1, ("owner", None, "bkim"))], 1, 1,
                     id="a field nobody touched is no disagreement"),
        pytest.param([wish(0, owner="bkim"), wish(5, owner="cwong")],
                     [did(1, ("owner", None, "bkim")), did(6, ("owner", "bkim", "cwong"))], 2, 2,
                     id="each wish until the next of its rule"),
        pytest.param([wish(0, owner="bkim"), wish(5, owner="cwong")],
                     [did(6, ("owner", "bkim", "cwong"))], 1, 1,
                     id="a wish that was replaced before anybody acted is undecided"),
        pytest.param([wish(ticket=42, owner="bkim")], [did(1, ("owner", None, "bkim"))], 0, 0,
                     id="another ticket says nothing"),
    ],
)  # fmt: skip
def test_what_people_did_is_compared(
    wishes: list[Wish], events: list[Event], agreed: int, total: int
) -> None:
    """Cases people decided, and those in which they did as the rule would have."""
    found = agreement(wishes, events)
    assert (found.agreed, found.total) == (agreed, total)
    assert found.undecided == len(wishes) - total


def test_rules_are_told_apart() -> None:
    """One line per rule, those nobody has decided about included."""
    found = agreement(
        [wish(owner="bkim"), wish(rule="s", priority="High"), wish(rule="t", impact="x")],
        [did(1, ("owner", None, "bkim"), ("priority", "Low", "Medium"))],
    )
    assert found == Agreement(1, 2, {"r": Tally(1, 1), "s": Tally(0, 1), "t": Tally(0, 0)}, 1)
    assert str(found) == "people agreed in 50% of 2 cases"
    assert str(found.by_rule["t"]) == "nobody has decided a case yet"
    assert found.by_rule["t"].share is None


def test_a_colleague_of_the_same_team_is_agreement_on_the_route() -> None:
    """Where the team is what matters, anybody of it will do; the lead of it is no member."""
    rules = book()
    same = by_team(desk_of(rules))
    assert same("owner", "bkim", "cwong")
    assert not same("owner", "bkim", "dlee")
    assert not same("owner", "nobody", "dlee")
    assert not same("priority", "High", "Low")
    found = agreement([wish(owner="bkim")], [did(1, ("owner", None, "cwong"))], same)
    assert (found.agreed, found.total) == (1, 1)


def test_shadow_decisions_are_wishes() -> None:
    """What the evaluator recorded for a rule on trial can be compared as it is."""
    rules = book("""
classify:
  - {id: trial, event: created, mode: shadow, then: {set: {priority: High}, comment: hello}}
  - {id: silent, event: created, mode: shadow, then: {comment: hello}}
  - {id: real, event: created, then: {set: {impact: x}}}
""")
    found = wishes_of(ask(rules, make_ticket()).found.decisions)
    assert found == [wish(rule="trial", priority="High")]
    assert agreement(found, [did(1, ("priority", "Medium", "High"))]).agreed == 1


WISHES = st.builds(wish, st.integers(0, 9), st.sampled_from("rs"), owner=st.sampled_from("ab"))
ACTS = st.builds(
    lambda at, to: did(at, ("owner", None, to)), st.integers(0, 9), st.sampled_from("ab")
)


@given(st.lists(WISHES), st.lists(ACTS))
def test_every_case_is_counted_once(wishes: list[Wish], events: list[Event]) -> None:
    """Agreed, disagreed and undecided cases are all there are, whatever the order."""
    found = agreement(wishes, events)
    assert found.total + found.undecided == len(wishes)
    assert 0 <= found.agreed <= found.total
    turned = agreement(wishes, list(reversed(events)))
    assert turned.total == found.total
