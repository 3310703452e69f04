"""Tickets read as the appliance means them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.appliance_time import format_stamp, parse_stamp
from kace_bridge.model.difference import diff
from kace_bridge.model.digest import digest_parts, digest_record
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.people import Person, to_int
from kace_bridge.model.ticket import Status, Ticket

NEW_YORK = ZoneInfo("America/New_York")
RECORD = {
    "id": 41,
    "title": "VPN drops",
    "summary": "<p>Every ten minutes</p>",
    "hd_queue_id": 1,
    "created": "2026-03-02 09:01:13",
    "modified": "2026-03-02 09:31:02",
    "status": {"id": 1, "name": "Opened", "ordinal": 1, "state": "opened"},
    "priority": {"id": 2, "name": "High", "ordinal": 0},
    "owner": {"id": 15, "user_name": "adiaz", "full_name": "Ana Diaz", "email": "a@example.org"},
    "custom_1": "case-991",
    "shiny_new_field": {"kept": True},
}


@pytest.mark.catalogue("A09")
def test_a_record_reads_typed_and_keeps_what_is_unknown() -> None:
    """Known fields are typed, instants aware, unknown fields stay."""
    ticket = Ticket.from_api(RECORD, NEW_YORK)
    assert ticket.created == datetime(2026, 3, 2, 14, 1, 13, tzinfo=UTC)
    assert ticket.status == Status("Opened", 1, 1, "opened")
    assert ticket.owner is not None
    assert ticket.owner.shown == "Ana Diaz"
    assert ticket.summary == "Every ten minutes"
    assert ticket.submitter is None
    assert ticket.record["shiny_new_field"] == {"kept": True}


def test_other_casings_and_text_numbers_are_accepted() -> None:
    """``ID: "7"`` is the ticket 7 (contract section 8, Q1 and Q7)."""
    assert Ticket.from_api({"ID": "7", "Title": "x"}, NEW_YORK).id == 7


@pytest.mark.parametrize("record", [{}, {"id": 0}, {"id": None}, {"id": "x"}, {"id": -3}])
def test_a_record_without_a_number_is_no_ticket(record: dict[str, object]) -> None:
    """A record that names no ticket is refused, not guessed."""
    with pytest.raises(ValueError, match="without an id"):
        Ticket.from_api(record, NEW_YORK)


@pytest.mark.parametrize("text", ["", "empty", "0000-00-00 00:00:00", None, "soon", 17])
def test_every_way_of_saying_no_date_is_none(text: object) -> None:
    """Zero dates, blanks and words are no date (contract section 3.7)."""
    assert parse_stamp(text, NEW_YORK) is None


@given(st.integers(min_value=631_152_000, max_value=3_786_912_000))
def test_a_stamp_survives_the_way_there_and_back(seconds: int) -> None:
    """What is written as appliance time reads as the same instant, to the second."""
    instant = datetime.fromtimestamp(seconds, UTC)
    text = format_stamp(instant, NEW_YORK)
    back = parse_stamp(text, NEW_YORK)
    assert back is not None
    assert format_stamp(back, NEW_YORK) == text


def test_the_difference_names_fields_by_their_plain_values() -> None:
    """A change of owner and status reads as names; the state follows the status."""
    before = Ticket.from_api(RECORD, NEW_YORK)
    after = before.with_values({
        "owner": "bkim", "status": {"name": "Closed", "state": "closed"}, "modified": "later",
    })  # fmt: skip
    found = {change.field: (change.before, change.after) for change in diff(before, after)}
    assert found == {
        "owner": ("adiaz", "bkim"), "status": ("Opened", "Closed"), "state": ("opened", "closed"),
    }  # fmt: skip


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.text(), st.integers())))
def test_nothing_differs_from_itself(extra: dict[str, object]) -> None:
    """A ticket has no difference to itself, whatever it holds."""
    ticket = Ticket(extra | RECORD, NEW_YORK)
    assert diff(ticket, Ticket(dict(ticket.record), NEW_YORK)) == ()


def test_the_digest_ignores_order_and_computed_values_only() -> None:
    """Key order and sla_dates do not count; any other movement does."""
    turned = dict(reversed(RECORD.items()))
    assert digest_record(turned) == digest_record(RECORD)
    assert digest_record(RECORD | {"sla_dates": [1]}) == digest_record(RECORD)
    assert digest_record(RECORD | {"custom_1": "other"}) != digest_record(RECORD)


def test_parts_of_an_identity_cannot_run_together() -> None:
    """``("ab", "c")`` and ``("a", "bc")`` are different identities."""
    assert digest_parts("ab", "c") != digest_parts("a", "bc")


def test_a_history_row_reads_with_its_author_and_visibility() -> None:
    """Numbers as text, markup in comments, owners-only flags are read as meant."""
    row = HistoryEntry.from_api(
        {
            "id": "905", "hd_ticket_id": 41, "timestamp": "2026-03-02 09:31:02", "user_id": "15",
            "comment": "<p>Looking</p>", "owners_only": "1", "description": "geändert",
            "user": {"id": 15, "user_name": "adiaz"},
        },
        NEW_YORK,
    )  # fmt: skip
    assert (row.id, row.comment, row.owners_only) == (905, "Looking", True)
    assert row.author == Person("adiaz", id=15)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "number"),
    [("7", 7), (" 7 ", 7), (7.0, 7), (7.5, None), ("x", None), (None, None), (True, 1)],
)
def test_numbers_are_read_as_the_appliance_means_them(value: object, number: int | None) -> None:
    """Integers come as numbers or as text (contract section 8, Q1)."""
    assert to_int(value) == number
