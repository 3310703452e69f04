"""Whoever has a ticket in hand is not chased for it, until a time-out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kace_bridge.rules.acknowledge import acknowledged, as_change
from tests.unit.rules.rulebook import MONDAY, ZONE, ask, book, event, make_ticket

RULES = """
escalate:
  - id: e
    clock: respond
    levels:
      - {at: 50%, then: {notify: {to: [owner], template: nudge}}}
      - {at: 100%, then: {assign: {team: css}}}
"""


def after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def ack(at: float, until: float | None) -> Any:
    change = as_change(None if until is None else after(until))
    told = (change.field, change.before, change.after)
    return event("changed", told, at=after(at), author="bkim", staff=True)


def judge(hours: float, *more: Any) -> Any:
    return ask(book(RULES), make_ticket(owner="bkim"), [], timeline=[event(), *more],
               now=after(hours))  # fmt: skip


def test_a_level_reached_meanwhile_waits() -> None:
    """Nothing fires, explain says who has it in hand, and the end is when to look again."""
    asked = judge(5, ack(4, 24))
    assert asked.fired() == []
    (verdict,) = asked.found.verdicts
    assert verdict.reason == "a level is due, acknowledged by bkim until 2026-03-03 09:00"
    assert [due.at for due in asked.found.due] == [after(24)]


def test_it_is_taken_when_the_time_is_over() -> None:
    """All that was reached, in order."""
    assert judge(24, ack(4, 24)).fired() == ["e#1", "e#2"]


def test_levels_beyond_the_time_keep_their_moment() -> None:
    """Only what would come earlier is put off."""
    assert [due.at for due in judge(4.5, ack(4, 4.75)).found.due] == [after(5)]


@pytest.mark.parametrize(
    ("more", "held"),
    [
        pytest.param([ack(1, 9)], True, id="in force"),
        pytest.param([ack(1, 3)], False, id="over"),
        pytest.param([ack(1, 9), ack(2, None)], False, id="ended by hand"),
        pytest.param([ack(1, 3), ack(2, 9)], True, id="said again"),
        pytest.param([ack(1, 9), event("reopened", at=after(2))], False, id="re-opened since"),
        pytest.param([event("changed", ("owner", None, "x"), at=after(2))], False, id="none"),
    ],
)
def test_when_it_counts(more: list[Any], held: bool) -> None:
    """The last word counts, and a re-opening is a new ticket in this."""
    assert (acknowledged(more, after(5)) is not None) is held


def test_it_is_told_in_the_zone_of_the_ticket() -> None:
    """Not in UTC."""
    found = acknowledged([ack(1, 9)], after(5))
    assert found is not None
    assert found.told(ZONE) == "acknowledged by bkim until 2026-03-02 18:00"
