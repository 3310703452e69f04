"""Calls logged at a terminal: one ticket each, whatever becomes of the answer."""

from typing import Any

import pytest

from kace_bridge.errors import OutcomeUnknown, RetryLater, UsageError
from kace_bridge.sync.verbs.submit import Call, Submitted, submit
from tests.support.desk import TICKETS, Desk


def log(desk: Desk, *, person: str = "bkim", dry_run: bool = False, **given: Any) -> Submitted:
    call = Call(**({"title": "Projector dark", "via": "phone", "submitter": "jdoe"} | given))
    with desk.bridge() as bridge:
        return submit(bridge, call, person=person, dry_run=dry_run)


def titles(desk: Desk) -> list[str]:
    return [row["title"] for row in desk.app.dump()["tickets"]]


def test_a_call_is_logged_and_greeted_by_the_next_sync(desk: Desk):
    """One ticket with its submitter; the receipt with the number, routing as for any other."""
    result = log(desk, category=None, priority="High", text="Lamp <blinks>")
    assert result.ticket is not None
    ticket = desk.ticket(result.ticket)
    assert (ticket["title"], ticket["submitter"], ticket["priority"]) == (
        "Projector dark", "jdoe", "High",
    )  # fmt: skip
    assert "Lamp &lt;blinks&gt;" in ticket["summary"]
    desk.later(minutes=1)
    desk.sync()
    assert desk.owner(result.ticket) == "adiaz"
    assert [to for to, _ in desk.mails] == ["jdoe@example.org"]


@pytest.mark.parametrize("via", ["phone", "portal", "email"])
def test_rules_know_the_way_it_came(desk: Desk, via: str):
    """The appliance saw the bridge's account; the channel is told all the same."""
    desk.config["classify"] = [
        {"id": "by-the-way", "event": "created", "if": {"channel": {"is": via}},
         "then": {"set": {"priority": "High"}}},
    ]  # fmt: skip
    result = log(desk, via=via)
    desk.later(minutes=1)
    desk.sync()
    assert desk.ticket(result.ticket or 0)["priority"] == "High"


def test_closed_on_the_first_call(desk: Desk):
    """Logged, owned by who answered and closed in one command; receipt and closing mail follow."""
    result = log(desk, resolution="Pressed the power key.")
    assert result.closing is not None
    assert result.closing.state == "applied"
    ticket = desk.ticket(result.ticket or 0)
    assert (ticket["status"], ticket["owner"]) == ("Closed", "bkim")
    desk.later(minutes=1)
    desk.sync()
    assert len(desk.mails) == 2


def test_a_lost_answer_is_found(desk: Desk):
    """The appliance made the ticket and the answer got lost: its number is printed."""
    desk.fail("POST", TICKETS, drop_after=True)
    result = log(desk)
    assert result.ticket is not None
    assert titles(desk).count("Projector dark") == 1


def test_an_answer_that_stays_lost_makes_no_second_ticket(desk: Desk):
    """It lands late: the same command finds it, and says so."""
    desk.fail("POST", TICKETS, drop_before=True)
    with pytest.raises(OutcomeUnknown, match="the same command again"):
        log(desk)
    with pytest.raises(RetryLater, match="may still come: try again in"):
        log(desk)
    with desk.bridge() as bridge:
        (run,) = [run.id for run in bridge.store.runs() if run.kind == "submit"]
    desk.submit(title="Projector dark", summary=f"Logged [log:{run}]")
    result = log(desk)
    assert result.found
    assert titles(desk).count("Projector dark") == 1


def test_once_nothing_can_come_any_more_it_is_logged_anew(desk: Desk):
    """After the settle window the first try is given up for good."""
    desk.fail("POST", TICKETS, drop_before=True)
    with pytest.raises(OutcomeUnknown):
        log(desk)
    desk.later(minutes=10)
    assert not log(desk).found
    assert titles(desk).count("Projector dark") == 1


def test_two_calls_about_the_same_are_two_tickets(desk: Desk):
    """Only an open outcome makes it one."""
    assert log(desk).ticket != log(desk).ticket


def test_a_copied_reference_proves_nothing(desk: Desk):
    """Somebody pastes the description of another ticket: theirs is their own."""
    desk.config["notify"] = []
    desk.config["classify"] = [
        {"id": "phoned", "event": "created", "if": {"channel": {"is": "phone"}},
         "then": {"set": {"priority": "High"}}},
    ]  # fmt: skip
    result = log(desk)
    summary = desk.ticket(result.ticket or 0)["summary"]
    copy = desk.submit(title="Projector dark", summary=summary)
    desk.later(minutes=1)
    desk.sync()
    assert desk.ticket(copy)["priority"] == "Medium"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"submitter": "jdo"}, "'jdo' is no user", id="submitter"),
        pytest.param({"owner": "nobody"}, "'nobody' is no user", id="owner"),
        pytest.param({"category": "Netwrk"}, "--category: ", id="category"),
        pytest.param({"title": " \n "}, "--title is empty", id="title"),
    ],
)
def test_names_nobody_has_are_refused(desk: Desk, given: dict[str, Any], said: str):
    """Before anything is sent."""
    with pytest.raises(UsageError, match=said):
        log(desk, **given)
    assert titles(desk) == ["Old story"]


def test_a_rehearsal_logs_nothing(desk: Desk):
    """The names are checked, nothing is sent or recorded."""
    result = log(desk, dry_run=True)
    assert result.ticket is None
    assert result.values["submitter"] == "jdoe"
    assert titles(desk) == ["Old story"]
