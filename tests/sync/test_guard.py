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
def test_what_was_taken_back_twice_is_not_written_a_third_time(desk: Desk, stubborn: int):
    """The person has their way; the run says which rule gave way, and how to let it go on."""
    assert lower(desk, stubborn, 8) == 2
    assert desk.ticket(stubborn)["priority"] == "Low"
    desk.later(minutes=5)
    desk.edit("cwong", stubborn, priority=1)
    desk.sync()
    desk.edit("cwong", stubborn, priority=3)
    report = desk.sync()
    assert "raise set priority to High 2 times within a day" in report.reasons[stubborn]
    assert f"kace-bridge retry {stubborn}" in report.reasons[stubborn]


@pytest.mark.catalogue("C08")
def test_a_rule_of_the_appliance_that_takes_it_back_is_given_way_to(desk: Desk, stubborn: int):
    """Whoever it is: two writes, no third, and other rules go on with the ticket."""
    assert lower(desk, stubborn, 3) == 2
    desk.later(minutes=5)
    desk.edit("cwong", stubborn, owner=0)
    desk.sync()
    assert desk.sync().exit_code == 0


@pytest.mark.catalogue("C08")
def test_somebody_may_let_the_rule_go_on(desk: Desk, stubborn: int):
    """Released: it may write twice more; the daily limit counts on."""
    lower(desk, stubborn, 3)
    desk.config["limits"] = {"changes_per_ticket_per_day": 20}
    with desk.bridge() as bridge:
        bridge.store.release(stubborn, "gcho")
    desk.edit("cwong", stubborn, priority=1)
    desk.sync()
    assert lower(desk, stubborn, 4) == 2


def test_a_tug_of_war_of_several_rules_ends_at_the_daily_limit(desk: Desk, stubborn: int):
    """However different each write is: at the limit rules stop."""
    desk.config["limits"] = {"changes_per_ticket_per_day": 2}
    assert lower(desk, stubborn, 4) == 1


def test_the_run_says_that_it_gave_way(desk: Desk, stubborn: int):
    """The ticket is reported as failed, with the limit; other tickets are not concerned."""
    desk.config["limits"] = {"changes_per_ticket_per_day": 3}
    lower(desk, stubborn, 2)
    with desk.bridge() as bridge:
        bridge.store.release(stubborn, "gcho")
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
