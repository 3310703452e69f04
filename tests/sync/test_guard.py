"""Two who cannot agree: the bridge gives way before it becomes a loop."""

import pytest

from kace_bridge.sync.commands import escalate
from tests.support.desk import Desk


@pytest.fixture
def stubborn(desk: Desk) -> int:
    """A rule that raises what somebody lowers, and the ticket it is about."""
    desk.config["escalate"] = []
    desk.config["limits"] = {"changes_per_ticket_per_day": 4}
    desk.config["classify"] = [
        {"id": "raise", "event": {"changed": {"priority": {"to": "Low"}}},
         "then": {"set": {"priority": "High"}}},
    ]  # fmt: skip
    ticket = desk.submit()
    desk.sync()
    return ticket


def lower(desk: Desk, ticket: int, times: int) -> int:
    """Somebody lowers the priority again and again; how often the bridge wrote."""
    wrote = 0
    for _ in range(times):
        desk.later(minutes=5)
        desk.edit("cwong", ticket, priority=3)
        desk.sync()
        wrote += len(desk.puts)
    return wrote


@pytest.mark.catalogue("C08")
def test_a_tug_of_war_ends_at_the_daily_limit(desk: Desk, stubborn: int):
    """Four writes to a ticket within a day, its routing included: then the person has their way."""
    assert lower(desk, stubborn, 8) == 3
    assert desk.ticket(stubborn)["priority"] == "Low"


def test_the_run_says_that_it_gave_way(desk: Desk, stubborn: int):
    """The ticket is reported as failed, with the limit; other tickets are not concerned."""
    lower(desk, stubborn, 3)
    desk.later(minutes=5)
    desk.edit("cwong", stubborn, priority=3)
    other = desk.submit()
    report = desk.sync()
    assert "changes_per_ticket_per_day" in report.reasons[stubborn]
    assert (report.exit_code, desk.puts) == (1, [other])


def test_the_next_day_is_a_new_day(desk: Desk, stubborn: int):
    """A day later the rule may write again."""
    lower(desk, stubborn, 6)
    desk.later(hours=26)
    desk.edit("cwong", stubborn, priority=1)
    desk.sync()
    assert lower(desk, stubborn, 1) == 1


def test_a_person_at_the_terminal_is_no_loop(desk: Desk, stubborn: int):
    """What somebody asks for by hand is done, whatever the rules have written that day."""
    lower(desk, stubborn, 6)
    with desk.bridge() as bridge:
        (result,) = escalate(bridge, [stubborn], to="epark", reason="stop it", person="gcho")
    assert (result.state, desk.owner(stubborn)) == ("applied", "epark")
