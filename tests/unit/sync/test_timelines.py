"""Timelines that are read when somebody wants to know."""

from datetime import UTC, datetime
from typing import Any, cast

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.sync.timelines import Timelines

ONE, TWO = TicketId(1), TicketId(2)


def event(ticket: TicketId, cause: str) -> Event:
    return Event(EventKind.COMMENTED, ticket, datetime(2026, 3, 2, 9, tzinfo=UTC), cause)


class Shelf:
    """A store that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[TicketId, ...]] = []
        self.known = {ONE: (event(ONE, "row:1"), event(ONE, "row:2")), TWO: ()}

    def timelines(self, tickets: Any) -> dict[TicketId, tuple[Event, ...]]:
        self.asked.append(tuple(tickets))
        return self.known


def shelf() -> tuple[Shelf, Timelines]:
    made = Shelf()
    return made, Timelines(cast("Any", made), [ONE, TWO])


def test_nothing_is_read_before_it_is_wanted_and_then_once_for_all() -> None:
    store, timelines = shelf()
    first, second = timelines.of(ONE), timelines.of(TWO)
    assert not store.asked
    assert [each.cause for each in first] == ["row:1", "row:2"]
    assert len(second) == 0
    assert store.asked == [(ONE, TWO)]


def test_what_is_told_now_follows_what_is_stored_each_once() -> None:
    _, timelines = shelf()
    told = [event(ONE, "row:2"), event(ONE, "row:3")]
    whole = timelines.of(ONE, told)
    assert [each.cause for each in whole] == ["row:1", "row:2", "row:3"]
    assert [each.cause for each in reversed(whole)] == ["row:3", "row:2", "row:1"]
    assert whole[-1].cause == "row:3"
    assert [each.cause for each in whole[:2]] == ["row:1", "row:2"]
    assert event(ONE, "row:3") in whole
    assert event(ONE, "row:4") not in whole


def test_a_ticket_of_another_page_has_none() -> None:
    _, timelines = shelf()
    assert tuple(timelines.of(TicketId(9))) == ()
