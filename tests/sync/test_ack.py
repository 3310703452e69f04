"""ack: escalation waits for whoever has the ticket in hand, and goes on by itself."""

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.sync.verbs.ack import acknowledge, resume
from kace_bridge.sync.verbs.wish import CommandResult
from tests.support.desk import Desk


def ack(desk: Desk, *ids: int, **given: str) -> CommandResult:
    with desk.bridge() as bridge:
        return acknowledge(bridge, ids, person="bkim", **given)[0]  # type: ignore[arg-type]


def nudges(desk: Desk) -> int:
    return sum("reminder" in subject for _, subject in desk.mails)


@pytest.fixture
def ticket(desk: Desk) -> int:
    """A ticket four hours old; its first level is due in an hour."""
    number = desk.submit()
    desk.sync()
    desk.later(hours=4)
    return number


def test_no_level_fires_until_the_time_is_over(desk: Desk, ticket: int):
    """Two working hours: past the first level; then it fires, once."""
    result = ack(desk, ticket, length="2bh")
    assert result.after == {"escalation": "held until 2026-03-02 15:00"}
    desk.later(hours=1, minutes=30)
    desk.sync()
    assert nudges(desk) == 0
    for _ in range(3):
        desk.later(minutes=20)
        desk.sync()
    assert nudges(desk) == 1


def test_the_note_is_for_owners_and_no_answer(desk: Desk, ticket: int):
    """The clock runs on; only the ladder waits."""
    ack(desk, ticket, reason="asked the vendor")
    row = desk.ticket(ticket)["changes"][-1]
    assert row["owners_only"] == 1
    assert "In hand, says bkim; no escalation until 2026-03-02 17:00: asked" in row["comment"]
    desk.later(days=2)
    desk.sync()
    assert nudges(desk) == 1


def test_it_can_be_ended_early(desk: Desk, ticket: int):
    """The next sync takes what is due."""
    ack(desk, ticket, length="1bd")
    desk.later(hours=2)
    desk.sync()
    assert nudges(desk) == 0
    with desk.bridge() as bridge:
        resume(bridge, [ticket], person="bkim")
    desk.later(minutes=1)
    desk.sync()
    assert nudges(desk) == 1


def test_what_is_not_held_is_not_ended(desk: Desk, ticket: int):
    """No note says that escalation resumes where it never stopped."""
    with desk.bridge() as bridge:
        [result] = resume(bridge, [ticket], person="bkim")
    assert (result.state, desk.puts.count(ticket)) == ("nothing", 1)


def test_a_waiting_ladder_costs_no_requests(desk: Desk, ticket: int):
    """The ticket is not read again at every run meanwhile."""
    ack(desk, ticket, length="1bd")
    desk.later(hours=2)
    desk.sync()
    desk.later(minutes=11)
    desk.sync()
    desk.later(minutes=11)
    desk.sync()
    assert desk.requests.count("GET /api/service_desk/tickets") == 1


def test_a_ticket_no_sync_has_seen_can_be_acknowledged(desk: Desk):
    """The first sync knows of it."""
    number = desk.submit()
    assert ack(desk, number, length="1bd").state == "applied"
    desk.later(hours=6)
    desk.sync()
    assert nudges(desk) == 0


def test_closed_tickets_and_bad_lengths_are_refused(desk: Desk, ticket: int):
    """With the cure."""
    with pytest.raises(UsageError, match="--for: 'soon' is not a duration"):
        ack(desk, ticket, length="soon")
    desk.edit("adiaz", ticket, "done", status=2)
    assert ack(desk, ticket).reason == "it is closed: nothing escalates"
