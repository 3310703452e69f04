"""Reading and proving in bulk: few requests, and never a write on an old reading."""

import json

import pytest

from kace_bridge.errors import UnexpectedReply
from kace_bridge.sandbox import Reply, Request
from kace_bridge.sync.apply import CHUNK, FEW, FRESH
from tests.support.desk import TICKETS, Desk

LIST = f"GET {TICKETS}"


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk whose rules mark every new ticket, and which may write as often as it likes."""
    desk.config["limits"] = {"changes_per_run": 1000, "messages_per_run": 1000}
    desk.config["escalate"] = desk.config["notify"] = []
    return desk


def saving_takes(desk: Desk, seconds: float) -> list[tuple[str, float]]:
    """Every write takes that long; what is asked from then on, with the moment it was asked."""
    answer, asked = desk.app.handle, list[tuple[str, float]]()

    def slowly(request: Request) -> Reply:
        asked.append((f"{request.method} {request.path}", desk.clock.monotonic()))
        reply = answer(request)
        if request.method == "PUT":
            desk.later(seconds=seconds)
        return reply

    desk.app.handle = slowly  # type: ignore[method-assign]
    return asked


def readings(desk: Desk) -> list[int]:
    """How many tickets each reading by number named."""
    asked = [entry.query for entry in desk.app.requests]
    return [query.count("%3B") + 1 for query in asked if ",id%20in%20" in query]


def leave_out(desk: Desk, ticket: int) -> None:
    """From now on no list shows a ticket that is there."""
    answer = desk.app.handle

    def shorten(request: Request) -> Reply:
        reply = answer(request)
        if f"{request.method} {request.path}" != LIST:
            return reply
        shown = json.loads(reply.body)
        shown["Tickets"] = [row for row in shown["Tickets"] if row["id"] != ticket]
        shown["Count"] = len(shown["Tickets"])
        return Reply(reply.status, reply.headers, json.dumps(shown).encode())

    desk.app.handle = shorten  # type: ignore[method-assign]


def test_a_hundred_writes_cost_three_readings(busy: Desk):
    """The page that led to them, one before and one after."""
    for _ in range(100):
        busy.submit()
    report = busy.sync()
    assert report.applied == len(busy.puts) == 100
    assert busy.requests.count(LIST) == 3


def test_what_was_written_is_proved_by_the_reading_for_what_comes_next(busy: Desk):
    """Beyond one chunk it takes one reading more, not two."""
    for _ in range(CHUNK + 20):
        busy.submit()
    assert busy.sync().applied == CHUNK + 20
    assert busy.requests.count(LIST) == 1 + 3


def test_messages_alone_take_no_readings(busy: Desk):
    """Tickets that are not written to do not divide those that are."""
    busy.config["classify"] = []
    busy.config["route"] = [
        {"id": "loud", "event": "created", "if": {"title": {"is": "Loud"}},
         "then": {"set": {"priority": "High"}}},
    ]  # fmt: skip
    busy.config["notify"] = [
        {"id": "receipt", "event": "created",
         "then": {"notify": {"to": ["submitter"], "template": "receipt"}}},
    ]  # fmt: skip
    for place in range(CHUNK + 50):
        busy.submit(title="Loud" if place % 100 == 0 else "Quiet")
    report = busy.sync()
    assert (report.applied, report.messages) == (5, CHUNK + 50)
    assert len(readings(busy)) == 2


@pytest.mark.parametrize("seconds", [0.3, 3.0, 25.0])
def test_no_write_goes_out_on_an_old_reading(busy: Desk, seconds: float):
    """However slow the appliance: tickets whose turn comes late are read again."""
    for _ in range(40):
        busy.submit()
    asked = saving_takes(busy, seconds)
    report = busy.sync()
    assert report.applied == 40
    read_at = 0.0
    for name, at in asked:
        if name == LIST:
            read_at = at
        elif name.startswith("PUT"):
            assert at - read_at <= FRESH.total_seconds()


def test_a_slow_appliance_is_asked_for_what_it_can_save_in_time(busy: Desk):
    """Not for all that is left, again and again."""
    tickets = [busy.submit() for _ in range(60)]
    saving_takes(busy, 5.0)
    busy.sync()
    named = [
        entry.query.count("%3B") + 1 for entry in busy.app.requests if "id%20in" in entry.query
    ]
    assert named[0] >= len(tickets)
    assert max(named[1:]) <= 2 * FEW + 3


@pytest.mark.catalogue("A37")
def test_a_person_who_acts_while_others_are_slowly_saved_wins(busy: Desk):
    """The last of a batch was read before; by its turn it is read again."""
    tickets = [busy.submit() for _ in range(10)]
    saving_takes(busy, 3.0)
    busy.before(f"PUT {TICKETS}/{tickets[1]}", 1,
                lambda: busy.edit("cwong", tickets[-1], owner="gcho"))  # fmt: skip
    report = busy.sync()
    assert busy.owner(tickets[-1]) == "gcho"
    assert report.applied == 9
    assert "set by somebody else" in report.reasons[tickets[-1]]


def test_what_was_written_is_proved_before_the_next_is_doubted(busy: Desk):
    """A list that leaves out what comes next stops the run, and leaves nothing open."""
    tickets = [busy.submit() for _ in range(10)]
    saving_takes(busy, 11.0)
    busy.before(f"PUT {TICKETS}/{tickets[0]}", 1, lambda: leave_out(busy, tickets[-1]))
    with pytest.raises(UnexpectedReply, match=f"leaves out ticket {tickets[-1]}"):
        busy.sync()
    with busy.bridge() as bridge:
        assert not bridge.store.effects(states=("intent", "unknown"))
        assert bridge.store.effects(states=("applied",), ticket=tickets[0])
        assert bridge.store.effects(states=("planned",), ticket=tickets[-1])
