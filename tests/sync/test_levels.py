"""Escalation over time: each level once, on the ticket as it is, also after a stand-still."""

import pytest

from kace_bridge.sync.commands import approve
from tests.support.desk import Desk

CSS = {"dlee", "epark"}
LIST = "GET /api/service_desk/tickets"
BEFORE_WRITING = 5
"""Which list a sync asks for right before it writes: after what moved, the look's two, what is due.
"""


def subjects(desk: Desk, word: str) -> list[str]:
    return [subject for _, subject in desk.mails if word in subject]


def test_levels_fire_when_their_time_has_come_and_once(desk: Desk):
    """Half a working day: a nudge. A whole one: escalated to the other team. Then silence."""
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=4, minutes=59)  # an hour of it is lunch
    desk.sync()
    assert subjects(desk, "reminder") == []
    desk.later(minutes=2)
    for _ in range(2):
        desk.sync()
        assert len(subjects(desk, "reminder")) == 1
        assert desk.owner(ticket) == "adiaz"
        desk.later(minutes=30)
    desk.later(hours=20)
    for _ in range(3):
        desk.sync()
        desk.later(hours=1)
        assert desk.owner(ticket) in CSS
        assert len(subjects(desk, "scalated")) == 1
    assert desk.owner_changes(ticket) == 2


def test_an_idle_desk_costs_nothing_until_a_level_is_due(desk: Desk):
    """Between two levels a sync asks for the list alone, however many clocks are running."""
    for _ in range(5):
        desk.submit()
    desk.sync()
    desk.later(hours=2)
    desk.sync()
    lists = desk.requests.count("GET /api/service_desk/tickets")
    assert (lists, desk.puts) == (1, [])


@pytest.mark.catalogue("C16")
def test_three_days_of_stand_still_are_caught_up_once(desk: Desk):
    """With catch_up: latest, the higher of two missed levels fires alone."""
    desk.config["escalate"][0]["catch_up"] = "latest"
    ticket = desk.submit()
    desk.sync()
    desk.later(days=3)
    desk.sync()
    assert desk.owner(ticket) in CSS
    assert (len(subjects(desk, "scalated")), subjects(desk, "reminder")) == (1, [])
    desk.later(hours=1)
    desk.sync()
    assert (len(subjects(desk, "scalated")), subjects(desk, "reminder")) == (1, [])


def test_missed_levels_are_all_caught_up_where_asked_for(desk: Desk):
    """With catch_up: each, the default, every missed level fires, in order and once."""
    desk.submit()
    desk.sync()
    desk.later(days=3)
    for _ in range(2):
        desk.sync()
        desk.later(hours=1)
    assert (len(subjects(desk, "scalated")), len(subjects(desk, "reminder"))) == (1, 1)


def test_an_answer_stops_the_clock(desk: Desk):
    """A ticket answered before its level is due is left alone."""
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=3)
    desk.edit("adiaz", ticket, "I am on it")
    desk.later(days=3)
    desk.sync()
    assert (desk.owner(ticket), len(desk.mails)) == ("adiaz", 1)


def test_a_comment_of_the_bridge_is_no_answer(desk: Desk):
    """Our own notes do not stop the clock for a first answer."""
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=5)
    desk.sync()
    desk.later(days=3)
    desk.sync()
    assert desk.owner(ticket) in CSS


def test_an_answer_at_the_last_moment_is_seen(desk: Desk):
    """Answered while the run was deciding: the ticket is read again and not taken away."""
    ticket = desk.submit()
    desk.sync()
    desk.later(days=1)
    desk.before(LIST, BEFORE_WRITING, lambda: desk.edit("adiaz", ticket, "on it"))
    desk.sync()
    assert (desk.owner(ticket), subjects(desk, "scalated")) == ("adiaz", [])
    desk.later(minutes=5)
    desk.sync()
    assert (desk.owner(ticket), subjects(desk, "scalated")) == ("adiaz", [])


def test_a_level_withdrawn_for_another_reason_is_judged_again(desk: Desk):
    """A correction of the title at the last moment delays the escalation by one run, no more."""
    ticket = desk.submit()
    desk.sync()
    desk.later(days=1)
    desk.before(LIST, BEFORE_WRITING, lambda: desk.edit("cwong", ticket, title="Rat"))
    desk.sync()
    assert (desk.owner(ticket), subjects(desk, "scalated")) == ("adiaz", [])
    desk.later(minutes=5)
    desk.sync()
    assert desk.owner(ticket) in CSS
    assert len(subjects(desk, "scalated")) == 1


def test_a_new_episode_counts_anew(desk: Desk):
    """Closed and re-opened, the ticket escalates again, once."""
    desk.config["clocks"]["respond"]["on_reopen"] = "restart"
    ticket = desk.submit()
    desk.sync()
    desk.later(days=1)
    desk.sync()
    assert desk.owner(ticket) in CSS
    desk.later(minutes=5)
    desk.edit("dlee", ticket, "done", status=2)
    desk.sync()
    desk.later(minutes=5)
    desk.edit("jdoe", ticket, "no", status=5)
    desk.sync()
    desk.later(days=2)
    for _ in range(3):
        desk.sync()
        desk.later(minutes=30)
    assert len(subjects(desk, "scalated")) == 2


def test_tickets_overdue_at_the_first_sync_are_left_in_peace(fresh: Desk):
    """Levels past at the baseline never fire; those still to come do."""
    fresh.app.load({"tickets": [
        {"hd_queue_id": 1, "title": "Old", "submitter": "jdoe", "owner": "adiaz",
         "created": "2026-02-02 10:00:00"},
        {"hd_queue_id": 1, "title": "Young", "submitter": "jdoe", "owner": "bkim",
         "created": "2026-03-02 08:30:00"},
    ]})  # fmt: skip
    fresh.sync()
    for _ in range(8):
        fresh.later(hours=6)
        fresh.sync()
    assert (fresh.owner(1), fresh.owner(2) in CSS) == ("adiaz", True)
    assert {subject.split("]")[0] for _, subject in fresh.mails} == {"[TICK:2"}


def test_a_deleted_ticket_is_not_asked_for_again(desk: Desk):
    """What is gone when its level falls due is forgotten by the index."""
    ticket = desk.submit()
    desk.sync()
    desk.delete(ticket)
    desk.later(days=1)
    assert desk.sync().exit_code == 0
    by_number = f",id%20eq%20{ticket}&"
    assert any(by_number in entry.query for entry in desk.app.requests)
    desk.later(days=1)
    desk.sync()
    assert not any(by_number in entry.query for entry in desk.app.requests)


@pytest.mark.parametrize("limit", [1, 2])
def test_an_escalation_held_for_approval_fires_once_approved(desk: Desk, limit: int):
    """Held levels are not lost, and not repeated by the runs in between."""
    tickets = [desk.submit() for _ in range(3)]
    desk.sync()
    desk.later(days=1)
    desk.config["limits"] = {"changes_per_run": limit}
    run = desk.sync()
    assert run.exit_code == 4
    for _ in range(2):
        desk.later(minutes=5)
        assert desk.sync().applied == 0
    with desk.bridge() as bridge:
        assert approve(bridge, run.run, "gcho").applied == 3
    assert all(desk.owner(ticket) in CSS for ticket in tickets)
    assert len(subjects(desk, "scalated")) == 3
