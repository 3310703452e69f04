"""A person's choice of owner is respected."""

from datetime import timedelta

import pytest

from kace_bridge.model.event import Event
from kace_bridge.rules.decide import Picture
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.handsoff import hands_off
from tests.unit.rules.rulebook import MONDAY, ask, book, desk_of, event, make_ticket

RULES = book("hands_off: 8bh\n")
CHOSEN = event("changed", ("owner", "bkim", "epark"), author="adiaz", staff=True)
BY_US = event("changed", ("owner", None, "epark"), own=True)


def reason(
    *timeline: Event, hours: float = 0, owner: str | None = "epark", rules: object = RULES
) -> str:
    """Why routing must keep off, so many hours after Monday at nine; the last event is new."""
    facts = Facts(
        make_ticket(owner=owner), MONDAY + timedelta(hours=hours), desk_of(RULES),
        timeline=timeline,
    )  # fmt: skip
    return hands_off(rules, facts, timeline[-1:])  # type: ignore[arg-type]


COMMENT = event("commented", comment="hello", row=999)


@pytest.mark.parametrize(
    ("timeline", "hours", "kept"),
    [
        pytest.param((event(), CHOSEN, COMMENT), 1, True, id="a person has just chosen"),
        pytest.param((event(), CHOSEN, COMMENT), 23.9, True, id="for eight working hours"),
        pytest.param((event(), CHOSEN, COMMENT), 24, False, id="and no longer"),
        pytest.param((event(), BY_US, COMMENT), 1, False, id="our own choice does not count"),
        pytest.param((event(), CHOSEN, BY_US, COMMENT), 1, True, id="nor does it end theirs"),
        pytest.param((event(), COMMENT), 1, False, id="nobody has chosen"),
        pytest.param((event(),), 0, True, id="made owner when the ticket was logged"),
    ],
)
def test_who_chose_and_when_decides(timeline: tuple[Event, ...], hours: float, kept: bool) -> None:
    """Working hours of the site's calendar are counted from the person's choice."""
    assert bool(reason(*timeline, hours=hours)) is kept


def test_without_an_owner_there_is_nothing_to_respect() -> None:
    """A ticket somebody put back is routed."""
    assert reason(event(), CHOSEN, COMMENT, hours=1, owner=None) == ""


def test_the_reason_names_the_person() -> None:
    """``explain`` can say whose choice it was."""
    assert reason(event(), CHOSEN, COMMENT, hours=1) == "hands off: adiaz chose epark"


def test_routing_obeys_and_the_rest_goes_on() -> None:
    """Only route keeps off; classify and notify are not about the owner."""
    rules = book("""
classify: [{id: c, then: {set: {priority: High}}}]
route: [{id: r, then: {assign: {team: network}}}]
notify: [{id: n, event: commented, then: {notify: {to: [owner]}}}]
""")
    asked = ask(
        rules, make_ticket(owner="epark"), [COMMENT], timeline=[event(), CHOSEN, COMMENT],
        now=MONDAY + timedelta(hours=1),
    )  # fmt: skip
    assert asked.fired() == ["c", "n"]
    assert asked.reason("r") == "hands off: adiaz chose epark"


def test_a_picture_needs_no_history() -> None:
    """The smallest picture can be decided."""
    picture = Picture(ticket=make_ticket(), now=MONDAY, desk=desk_of(RULES))
    assert (picture.events, picture.done) == ((), frozenset())
