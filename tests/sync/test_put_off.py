"""A ticket that cannot be read holds up no other; an appliance that cannot be read blames none."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from kace_bridge.errors import RetryLater
from kace_bridge.model.ids import TicketId
from kace_bridge.state import open_store
from kace_bridge.state.rows import DueRow
from kace_bridge.sync.work import put_off
from tests.support.desk import TICKETS, Desk
from tests.support.make import MORNING


@pytest.fixture
def bare(desk: Desk) -> Desk:
    """An appliance that gives no history beside a list: each ticket's is asked for by itself."""
    answer = desk.app.handle

    def without_changes(asked):
        query = re.sub(r"(,|%2C)changes(\+|%20| )all", "", asked.query)
        return answer(replace(asked, query=query))

    desk.app.handle = without_changes
    return desk


def put_off_until(desk: Desk, ticket: int) -> list[tuple[int, timedelta]]:
    """How many faults in a row, and how long from now."""
    with open_store(desk.state, desk.clock) as store:
        rows = store.due(desk.clock.now() + timedelta(days=9), 99)
    return [
        (row.level, row.at - desk.clock.now())
        for row in rows
        if row.ticket == ticket and row.rule == "retry"
    ]


@pytest.mark.catalogue("A04")
def test_one_ticket_that_answers_500_is_put_off_and_the_others_go_on(bare: Desk):
    """Told as failed; the mark moves on; once it can be read it is routed like any other."""
    poison, other = bare.submit(), bare.submit()
    bare.fail("GET", f"{TICKETS}/{poison}/changes", status=500, times=None)
    report = bare.sync()
    assert (report.exit_code, bare.puts) == (1, [other])
    assert "500" in report.reasons[poison]
    bare.app.faults.clear()
    bare.later(minutes=16)
    bare.sync()
    assert bare.puts == [poison]


@pytest.mark.catalogue("A04")
def test_each_fault_in_a_row_doubles_the_wait(bare: Desk):
    """15 minutes, half an hour, an hour; retry brings it forward."""
    poison = bare.submit()
    bare.fail("GET", f"{TICKETS}/{poison}/changes", status=500, times=None)
    waits = []
    for minutes in (0, 16, 31, 61):
        bare.later(minutes=minutes)
        bare.sync()
        waits += put_off_until(bare, poison)
    assert [level for level, _ in waits] == [1, 2, 3, 4]
    bare.app.faults.clear()
    with open_store(bare.state, bare.clock) as store:
        store.release(poison, "gcho")
    bare.sync()
    assert bare.puts == [poison]


@pytest.mark.catalogue("A04")
def test_when_every_ticket_answers_500_none_is_blamed(bare: Desk):
    """Five in a row: the run ends with 75 and nothing of the page is put off."""
    tickets = [bare.submit() for _ in range(8)]
    bare.fail("GET", f"{TICKETS}/*/changes", status=500, times=None)
    with pytest.raises(RetryLater):
        bare.sync()
    assert [put_off_until(bare, ticket) for ticket in tickets] == [[]] * 8
    bare.app.faults.clear()
    bare.later(minutes=1)
    bare.sync()
    assert sorted(bare.puts) == tickets


@pytest.mark.parametrize(("faults", "hours"), [(1, 0.25), (3, 1), (7, 16), (8, 24), (99, 24)])
def test_the_wait_is_a_day_at_most(faults: int, hours: float):
    """And from the third fault on the reason says how long."""
    before = DueRow(TicketId(41), "retry", faults - 1, MORNING)
    work = put_off(TicketId(41), before, MORNING, "why")
    assert work.due[0].at - MORNING == timedelta(hours=hours)
    assert ("in a row" in work.failures[41]) == (faults >= 3)


def test_a_look_in_passing_does_not_count():
    """Every sync meets the ticket while its stamp is recent; the wait stays as it is."""
    before = DueRow(TicketId(41), "retry", 2, MORNING + timedelta(minutes=20))
    assert put_off(TicketId(41), before, MORNING, "why").due == (before,)
