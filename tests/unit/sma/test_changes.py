"""Histories of a page: read when asked for, told apart by number before."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import TicketId
from kace_bridge.sma.endpoints.history import Changes, number_of

ZONE = ZoneInfo("UTC")
FIRST, SECOND = TicketId(1), TicketId(2)


def row(number: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "timestamp": "2026-03-02 09:00:00", "hd_ticket_id": 1, **more}


def changes_of(rows: dict[TicketId, list[Any]]) -> tuple[Changes, list[int]]:
    """The changes, and the numbers of the rows that were read."""
    read: list[int] = []

    def reading(_ticket: TicketId, some: Any) -> tuple[HistoryEntry, ...]:
        read.extend(each["id"] for each in some)
        return tuple(HistoryEntry.from_api(each, ZONE) for each in some)

    return Changes(rows, reading), read


def test_only_what_is_newer_is_read() -> None:
    changes, read = changes_of({FIRST: [row(4), row(5), row(9)], SECOND: [row(6)]})
    assert changes.last(FIRST) == (9, "2026-03-02 09:00:00")
    assert not changes.after(SECOND, 6)
    assert not read
    assert [entry.id for entry in changes.after(FIRST, 4)] == [5, 9]
    assert read == [5, 9]


def test_it_is_a_mapping_to_all_rows() -> None:
    changes, _ = changes_of({FIRST: [row(4), row(5)], SECOND: []})
    assert [entry.id for entry in changes[FIRST]] == [4, 5]
    assert changes.get(SECOND) == ()
    assert changes.get(TicketId(3), ()) == ()
    assert list(changes) == [FIRST, SECOND]
    assert len(changes) == 2


def test_the_newest_is_told_whatever_the_order() -> None:
    changes, _ = changes_of({FIRST: [row(9, timestamp="2026-03-03 08:00:00"), row(4)]})
    assert changes.last(FIRST) == (9, "2026-03-03 08:00:00")
    assert changes.last(SECOND) == (0, "")
    assert not changes.after(SECOND, 0)


def test_the_stamp_is_found_in_any_casing() -> None:
    """Contract section 8, Q7: what tells a restored appliance must not depend on it."""
    changes, _ = changes_of({FIRST: [{"ID": 7, "TIMESTAMP": "2026-03-03 08:00:00"}]})
    assert changes.last(FIRST) == (7, "2026-03-03 08:00:00")


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (row(7), 7), (row("7"), 7), ({"ID": "7"}, 7), (row(None), 0), (row("x"), 0), ({}, 0),
        (7, 0), (None, 0),
    ],
)  # fmt: skip
def test_a_number_is_found_however_it_is_written(raw: Any, number: int) -> None:
    """Contract section 8, Q1 and Q7; what is no row has none."""
    assert number_of(raw) == number
    assert changes_of({FIRST: [raw]})[0].last(FIRST)[0] == number
