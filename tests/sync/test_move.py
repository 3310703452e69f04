"""Moving a ticket to another queue: one request, names looked up where it goes."""

from typing import Any

import pytest

from kace_bridge.sandbox import Request
from tests.support.desk import Desk

HOME = "The K1000 Service Desk"
LIST = "GET /api/service_desk/tickets"
THERE = {
    "statuses": [{"name": "Closed", "state": "closed"}, {"name": "Opened", "state": "opened"},
                 {"name": "New", "state": "stalled"}],
    "priorities": [{"name": "Low"}, {"name": "High"}, {"name": "Medium"}],
    "categories": [{"name": "Other"}, {"name": "Hardware"}],
}  # fmt: skip
SEEN = {
    "hd_queue_id": 7, "submitter": "jdoe", "title": "Door", "created": "2026-02-20 10:00:00",
    "status": "New", "priority": "High", "category": "Hardware",
}  # fmt: skip
"""What a queue may hold is learnt from its tickets: no route lists it (contract section 4.11)."""


def two_queues(desk: Desk, **there: Any) -> None:
    """Another queue, whose numbers for the same names are others, and a rule that moves to it."""
    seen = there.pop("seen", "High")
    queue = {"id": 7, "name": "Facilities", "owners": ["adiaz", "bkim"], **THERE, **there}
    desk.app.load({"queues": [queue], "tickets": [{**SEEN, "priority": seen}]})
    desk.config["classify"] = [
        {"id": "heating", "event": "created", "if": {"title": {"any_word": "heating"}},
         "then": {"move": "facilities"}},
    ]  # fmt: skip


def bodies(desk: Desk) -> list[str]:
    """Records every body written from here on."""
    answer, seen = desk.app.handle, []

    def listen(asked: Request) -> Any:
        if asked.method == "PUT":
            seen.append(asked.body.decode())
        return answer(asked)

    desk.app.handle = listen  # type: ignore[method-assign]
    return seen


def test_the_names_go_along(desk: Desk) -> None:
    """Queue, status, priority and category in one request, by the new queue's numbers; the owner
    is routed in the same write; an appliance that maps nothing by itself is content."""
    two_queues(desk)
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    sent = bodies(desk)
    report = desk.sync()
    held = desk.ticket(ticket)
    names = ("hd_queue_id", "status", "priority", "category", "owner")
    assert [held[name] for name in names] == [7, "New", "High", "Hardware", "adiaz"]
    assert (desk.puts, report.applied, report.failed) == ([ticket], 1, 0)
    assert len(sent) == 1
    assert '"hd_queue_id": 7' in sent[0]
    note = held["changes"][-1]["comment"]
    assert f"Queue: {HOME} → facilities (rule heating)." in note


def test_the_move_is_made_once(desk: Desk) -> None:
    """The queue is watched or not: nothing is left to do, and nobody is blamed for the change."""
    two_queues(desk)
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    desk.sync()
    desk.later(minutes=5)
    report = desk.sync()
    assert (desk.puts, report.decisions) == ([], 0)
    desk.config["appliance"]["queues"] = [HOME, "Facilities"]
    desk.later(minutes=5)
    desk.sync()
    desk.edit("adiaz", ticket, comment="On my way")
    desk.later(minutes=5)
    desk.sync()
    assert desk.puts == []
    assert desk.ticket(ticket)["hd_queue_id"] == 7


def test_a_name_the_queue_lacks_stops_the_move_alone(desk: Desk) -> None:
    """The rule fails with its reason; what other rules decided is written all the same."""
    two_queues(desk, priorities=[{"name": "Urgent"}], seen="Urgent")
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    report = desk.sync()
    assert (desk.ticket(ticket)["hd_queue_id"], desk.owner(ticket)) == (1, "adiaz")
    assert (report.applied, report.failed, report.exit_code) == (1, 1, 1)
    assert report.reasons[ticket].startswith(
        "cannot move to facilities: no priority named 'High' in queue 7"
    )


def test_set_beside_move_names_another(desk: Desk) -> None:
    """The rule's own value is looked up in the new queue, in place of the ticket's."""
    two_queues(desk, priorities=[{"name": "Urgent"}], seen="Urgent")
    desk.config["classify"][0]["then"] = {"move": "Facilities", "set": {"priority": "Urgent"}}
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    report = desk.sync()
    held = desk.ticket(ticket)
    assert (held["hd_queue_id"], held["priority"], report.failed) == (7, "Urgent", 0)


def test_another_rule_may_name_it_too(desk: Desk) -> None:
    """What any rule of the run sets goes out in the one request, so it counts for the move."""
    two_queues(desk, priorities=[{"name": "Urgent"}], seen="Urgent")
    desk.config["classify"].append(
        {"id": "cold", "event": "created", "then": {"set": {"priority": "urgent"}}}
    )
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    report = desk.sync()
    held = desk.ticket(ticket)
    assert (held["hd_queue_id"], held["priority"], report.failed) == (7, "Urgent", 0)


def test_a_queue_nobody_has_is_named(desk: Desk) -> None:
    """The reason lists the queues there are."""
    two_queues(desk)
    desk.config["classify"][0]["then"] = {"move": "Facilties"}
    ticket = desk.submit(title="No heating")
    report = desk.sync()
    assert desk.ticket(ticket)["hd_queue_id"] == 1
    assert "no queue is named 'Facilties'; queues: " in report.reasons[ticket]
    assert "'Facilities'" in report.reasons[ticket]


@pytest.mark.catalogue("A16")
def test_a_ticket_somebody_moved_first_stays_theirs(desk: Desk) -> None:
    """Between the plan and the write a person may have moved it: that is a conflict, not ours."""
    two_queues(desk)
    desk.app.load({"queues": [{"id": 8, "name": "Mailroom", "owners": ["bkim"]}]})
    ticket = desk.submit(title="No heating", category="Hardware", priority="High")
    held = {key: desk.ticket(ticket)[key] for key in ("status", "priority", "category", "impact")}

    def meddle() -> None:
        desk.edit("bkim", ticket, hd_queue_id=8, **held)

    desk.before(LIST, 2, meddle)
    report = desk.sync()
    assert desk.ticket(ticket)["hd_queue_id"] == 8
    assert "queue is now 'Mailroom', set by somebody else" in report.reasons[ticket]


def test_closing_by_rule_is_one_write(desk: Desk) -> None:
    """Status, resolution and public comment together; the next sync finds nothing of it new."""
    desk.config["classify"] = [
        {"id": "spam", "event": "created", "if": {"title": {"any_word": "lottery"}},
         "then": {"close": {"resolution": "Spam & <such>", "public": True}}},
    ]  # fmt: skip
    ticket = desk.submit(title="Lottery")
    report = desk.sync()
    held = desk.ticket(ticket)
    assert (held["status"], held["resolution"]) == ("Closed", "Spam &amp; &lt;such&gt;")
    assert (desk.puts, report.failed) == ([ticket], 0)
    comment = held["changes"][-1]
    assert comment["owners_only"] == 0
    assert "Spam &amp; &lt;such&gt;" in comment["comment"]
    desk.later(minutes=5)
    assert desk.sync().decisions == 0


@pytest.mark.parametrize("spelling", ["high", "HIGH"])
def test_a_name_in_another_case_is_no_failure(desk: Desk, spelling: str) -> None:
    """The appliance's spelling is what is read back; the rule's means the same."""
    desk.config["classify"] = [
        {"id": "up", "event": "created", "then": {"set": {"priority": spelling}}}
    ]
    ticket = desk.submit()
    report = desk.sync()
    assert (desk.ticket(ticket)["priority"], report.failed) == ("High", 0)
