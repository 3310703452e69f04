"""Which ticket another one belongs to, and what that holds back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.rules.parent import as_news, parent_of, quieted
from tests.unit.rules.rulebook import ask, book, event, make_ticket

FIELD = "custom_4"


@pytest.mark.parametrize(
    ("record", "source", "number"),
    [
        pytest.param({FIELD: "40"}, FIELD, 40, id="a number"),
        pytest.param({FIELD: " #40 "}, FIELD, 40, id="as people write it"),
        pytest.param({FIELD: "TICK:40"}, FIELD, 40, id="as mails write it"),
        pytest.param({FIELD: "40, 41"}, FIELD, None, id="two"),
        pytest.param({FIELD: "room 40"}, FIELD, None, id="something else"),
        pytest.param({FIELD: "41"}, FIELD, None, id="itself"),
        pytest.param({FIELD: "0"}, FIELD, None, id="nothing"),
        pytest.param({}, FIELD, None, id="no such key"),
        pytest.param({FIELD: "40"}, "", None, id="not configured"),
        pytest.param({"parent": {"id": 40}}, "parent", 40, id="the appliance's own"),
        pytest.param({"parent_id": "40"}, "parent", 40, id="its number alone"),
    ],
)
def test_the_parent_is_read(record: dict[str, object], source: str, number: int | None) -> None:
    """Only what is plainly one ticket's number counts."""
    assert parent_of(make_ticket(**record), source) == number


@pytest.mark.parametrize(
    ("parent", "quiet"),
    [
        pytest.param({"id": 40}, True, id="open"),
        pytest.param({"id": 40, "status": "Closed"}, False, id="closed"),
        pytest.param({"id": 40, "status": None}, False, id="of unknown state"),
        pytest.param({"id": 39}, False, id="another ticket"),
        pytest.param({"id": 40, FIELD: "7"}, False, id="itself part of another"),
    ],
)
def test_an_open_parent_quiets(parent: dict[str, object], quiet: bool) -> None:
    """And nothing else does."""
    child = make_ticket(**{FIELD: "40"})
    assert bool(quieted(FIELD, child, make_ticket(**parent))) is quiet
    assert quieted(FIELD, child, None) == ""


@given(st.dictionaries(st.integers(1, 6), st.integers(1, 6), min_size=1))
def test_no_family_is_silent_as_a_whole(links: dict[int, int]) -> None:
    """Whoever is quieted belongs to a ticket that is not: somebody is always nagged."""
    tickets = {
        number: make_ticket(id=number, **{FIELD: str(links.get(number, ""))})
        for number in range(1, 7)
    }
    for ticket in tickets.values():
        above = tickets.get(parent_of(ticket, FIELD) or 0)
        if quieted(FIELD, ticket, above):
            assert above is not None
            assert not quieted(FIELD, above, tickets.get(parent_of(above, FIELD) or 0))


def test_only_words_closings_and_reopenings_are_news() -> None:
    """Changes of fields are the parent's own business."""
    kinds = ("created", "changed", "commented", "closed", "reopened")
    assert [e.kind for e in as_news(event(kind, row=n) for n, kind in enumerate(kinds))] == [
        "commented", "closed", "reopened",
    ]  # fmt: skip


def test_what_happens_to_the_parent_is_not_the_childs_history() -> None:
    """A rule that waits for the child's own closing hears nothing; neither do its fields."""
    rules = book("""
parent: custom_4
notify:
  - {id: own, event: closed, then: {notify: {to: [submitter], template: closed}}}
  - {id: theirs, event: {parent: closed}, if: {reopened: {is: 0}, moved: {is: 0}},
     then: {notify: {to: [submitter], template: parent-solved}}}
""")
    parent = make_ticket(id=40, status="Closed", resolution="New gateway.", title="Gateway")
    (news,) = as_news([event("closed", ("state", "opened", "closed"))])
    news = type(news)(news.kind, parent.id, news.at, news.cause, news.author)
    found = ask(rules, make_ticket(custom_4="40"), [news], timeline=[event()], parent=parent)
    assert found.fired() == ["theirs"]
    assert "New gateway." in found.decision("theirs").effects[0].text  # type: ignore[union-attr]
