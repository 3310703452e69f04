"""Reading the desk: where a sweep starts, how it goes on, and how far it may move the mark."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.tickets import Page
from kace_bridge.state.rows import Cursor
from kace_bridge.sync.pull import Batch, Sweep, looks, standing, wants_look, wants_whole
from tests.support.make import MORNING, ZONE, make_ticket

SWEEP = Sweep("queues:1", (QueueId(1),), ZONE, 2, full=False)
LONG_AGO = MORNING - timedelta(hours=6)
DONE = Cursor("queues:1", "2026-03-02 08:00:00", baselined=True, full_sweep_at=MORNING)


@dataclass
class FakeTickets:
    """Gives its tickets two to a page, and remembers what it was asked."""

    tickets: list[Ticket] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def pages(self, **asked: Any) -> Iterator[Page]:
        self.asked.append(asked)
        found = [ticket for ticket in self.tickets if ticket.id > asked["after_id"]]
        size = asked["page_size"]
        for start in range(0, max(len(found), 1), size):
            part = tuple(found[start : start + size])
            last = max([asked["after_id"], *(ticket.id for ticket in part)])
            yield Page(part, {}, last, MORNING, start + size >= len(found))


@dataclass
class FakeSma:
    tickets: FakeTickets


def ticket(number: int, modified: str) -> Ticket:
    return make_ticket(id=TicketId(number), modified=modified)


def read(
    sweep: Sweep, cursor: Cursor | None, *tickets: Ticket, now: datetime = MORNING
) -> tuple[list[Batch], Mapping[str, Any]]:
    fake = FakeTickets(list(tickets))
    batches = list(sweep.read(cast("Sma", FakeSma(fake)), cursor, now))
    return batches, fake.asked[0]


def test_the_first_sweep_reads_everything():
    """Without a cursor there is no lower bound, and the sweep counts as a full one."""
    batches, asked = read(SWEEP, None, ticket(1, "2026-03-01 10:00:00"))
    assert asked["modified_since"] is None
    last = batches[-1].cursor
    assert (last.watermark, last.full_sweep_at) == ("2026-03-01 10:00:00", MORNING)
    assert last.baselined


@pytest.mark.catalogue("A20")
@pytest.mark.catalogue("A21")
def test_a_sweep_reads_back_behind_the_mark():
    """Ten minutes more than the mark: rows can become visible later than their stamp."""
    _, asked = read(SWEEP, DONE)
    assert asked["modified_since"] == "2026-03-02 07:50:00"
    assert asked["queues"] == [1]


def test_the_mark_is_the_newest_stamp_seen():
    """The appliance's own stamps move the mark, not this machine's clock."""
    found = [ticket(1, "2026-03-02 08:30:00"), ticket(2, "2026-03-02 08:20:00")]
    batches, _ = read(SWEEP, DONE, *found)
    assert batches[-1].cursor.watermark == "2026-03-02 08:30:00"


@pytest.mark.catalogue("A24")
def test_the_mark_never_passes_the_moment_the_sweep_began():
    """A ticket saved while the sweep ran does not hide others saved at the same time."""
    batches, _ = read(SWEEP, DONE, ticket(1, "2026-03-02 09:00:30"))
    assert batches[-1].cursor.watermark == "2026-03-02 08:59:00"


@pytest.mark.catalogue("A24")
def test_the_mark_never_goes_back():
    """Old tickets read again leave it where it is; so does a sweep that saw none."""
    for found in ([ticket(1, "2026-02-01 08:00:00")], []):
        batches, _ = read(SWEEP, DONE, *found)
        assert batches[-1].cursor.watermark == DONE.watermark


def test_an_empty_desk_gets_a_mark_too():
    """With nothing to go by, the mark is where the sweep began, less the safety margin."""
    batches, _ = read(SWEEP, None)
    assert batches[-1].cursor.watermark == "2026-03-02 08:59:00"


def test_a_desk_rehearsed_in_the_future_keeps_its_mark_in_the_present():
    """An empty desk read with --at next week must not skip this week afterwards."""
    batches, _ = read(SWEEP, None, now=MORNING + timedelta(days=7))
    assert batches[-1].cursor.watermark <= "2026-03-02 09:00:00"


def test_each_page_is_a_place_to_go_on_from():
    """A cursor of a page in the middle says where it stands and what it saw."""
    tickets = [ticket(number, f"2026-03-02 08:0{number}:00") for number in (1, 2, 3)]
    batches, _ = read(SWEEP, DONE, *tickets)
    middle = batches[0].cursor
    assert (middle.last_id, middle.newest) == (2, "2026-03-02 08:02:00")
    assert middle.watermark == DONE.watermark
    assert middle.sweep_start == "2026-03-02 09:00:00"


def test_an_interrupted_sweep_goes_on_where_it_was():
    """The next run reads on after the last page, from the same lower bound, with the old start."""
    tickets = [ticket(number, f"2026-03-02 08:0{number}:00") for number in (1, 2, 3)]
    batches, _ = read(SWEEP, DONE, *tickets)
    later = MORNING + timedelta(hours=1)
    rest, asked = read(SWEEP, batches[0].cursor, *tickets, now=later)
    assert (asked["after_id"], asked["modified_since"]) == (2, "2026-03-02 07:50:00")
    assert [t.id for batch in rest for t in batch.tickets] == [3]
    done = rest[-1].cursor
    assert done.watermark == "2026-03-02 08:03:00"
    assert (done.sweep_start, done.last_id, done.newest) == (None, 0, "")


def test_an_interrupted_full_sweep_stays_full():
    """It goes on without a lower bound, although the run that finishes it did not ask for one."""
    full = replace(SWEEP, full=True)
    tickets = [ticket(number, f"2026-03-02 08:0{number}:00") for number in (1, 2, 3)]
    batches, _ = read(full, DONE, *tickets)
    rest, asked = read(SWEEP, batches[0].cursor, *tickets)
    assert asked["modified_since"] is None
    assert rest[-1].cursor.full_sweep_at == MORNING


@pytest.mark.catalogue("A25")
@pytest.mark.parametrize(
    ("mark", "low"),
    [
        pytest.param("2026-10-31 21:30:00", "2026-10-31 21:20:00", id="well before: ten minutes"),
        pytest.param("2026-11-01 01:50:00", "2026-11-01 00:40:00", id="in the hour told twice"),
        pytest.param("2026-11-01 02:30:00", "2026-11-01 01:20:00", id="shortly after"),
        pytest.param("2026-11-01 04:30:00", "2026-11-01 04:20:00", id="well after: ten minutes"),
    ],
)
def test_the_hour_told_twice_is_read_twice(mark, low):
    """When the appliance's clock goes back, stamps do too: the overlap covers the hour."""
    _, asked = read(SWEEP, replace(DONE, watermark=mark))
    assert asked["modified_since"] == low


@pytest.mark.parametrize(
    ("cursor", "whole", "look"),
    [
        pytest.param(None, True, False, id="never read"),
        pytest.param(replace(DONE, full_sweep_at=None), True, False, id="never read in full"),
        pytest.param(DONE, False, False, id="looked at just now"),
        pytest.param(replace(DONE, full_sweep_at=LONG_AGO), False, True, id="looked at long ago"),
        pytest.param(
            replace(DONE, sweep_start="2026-03-02 08:00:00", full_sweep_at=None), False, False,
            id="in the middle of a partial one",
        ),
        pytest.param(
            replace(DONE, sweep_start="2026-03-02 08:00:00", full=True), True, False,
            id="in the middle of a whole one",
        ),
    ],
)  # fmt: skip
def test_everything_is_compared_at_first_and_what_lives_now_and_then(cursor, whole, look):
    """Six hours after the last look the next one is due; an open sweep stays what it is."""
    assert wants_whole(cursor) is whole
    assert wants_look(cursor, MORNING) is look


def test_a_look_leaves_out_what_was_closed_long_ago():
    """Two sweeps, each from the first ticket on: the filters have no "or"."""
    asked = [read(part, None)[1] for part in looks(SWEEP, MORNING)]
    assert [each["modified_since"] for each in asked] == [None, None]
    assert [each["where"].render(ZONE) for each in asked] == [
        "status.state neq closed",
        "status.state eq closed,modified ge 2026-01-31 09:00:00",
    ]


BEGUN = Cursor("open:queues:1", "", sweep_start="2026-03-02 09:00:00", last_id=7, full=True)


@pytest.mark.parametrize(
    ("cursor", "stands"),
    [
        pytest.param(None, "new", id="never looked"),
        pytest.param(replace(BEGUN, sweep_start=None, full_sweep_at=MORNING), "done", id="done"),
        pytest.param(replace(BEGUN, sweep_start=None, full_sweep_at=LONG_AGO), "new", id="due"),
        pytest.param(BEGUN, "begun", id="cut off"),
        pytest.param(replace(BEGUN, sweep_start="2026-03-02 01:00:00"), "new", id="out of date"),
    ],
)
def test_a_look_goes_on_where_it_was_cut_off(cursor, stands):
    """But one that was cut off before the last complete one begins anew."""
    assert standing(cursor, LONG_AGO, ZONE) == stands
