"""The timeline to come of one ticket, and that it comes true."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.errors import NotFound, UsageError
from kace_bridge.model.ids import TicketId
from kace_bridge.sla.calendar import Calendar, CalendarSpec
from kace_bridge.sync.simulate import Simulation, parse_until, simulate
from tests.support.desk import Desk

ZONE = ZoneInfo("America/New_York")
OFFICE = Calendar.from_spec(
    "office", CalendarSpec(timezone="America/New_York", week={"mon-fri": ["08:00-17:00"]})
)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)


def run(desk: Desk, ticket: int, until: str = "2026-03-09T09:00", **given: Any) -> Simulation:
    desk.app.requests.clear()
    with desk.bridge(read_only=True, **given) as bridge:
        end = datetime.fromisoformat(until).replace(tzinfo=ZONE)
        return simulate(bridge, TicketId(ticket), end)


def told(found: Simulation) -> list[tuple[str, str, int | None]]:
    return [
        (f"{one.at.astimezone(ZONE):%d %H:%M}", one.decision.rule, one.decision.level)
        for one in found.coming
    ]


def test_the_levels_to_come_with_their_moments(desk: Desk):
    """Half a working day, a working day: nudge and escalation, each when it falls due."""
    ticket = desk.submit()
    desk.sync()
    found = run(desk, ticket)
    assert told(found) == [
        ("02 14:00", "no-first-answer", 1), ("03 09:00", "no-first-answer", 2),
    ]  # fmt: skip
    nudge, handed = found.coming
    assert [message.to for message in nudge.messages] == ["adiaz@example.org"]
    assert handed.changes == [("owner", "adiaz", "dlee")]
    assert found.targets["respond"].astimezone(ZONE) == datetime(2026, 3, 3, 9, 0, tzinfo=ZONE)


def test_what_it_foretells_comes_true(desk: Desk):
    """Syncs at the same moments take the same decisions, and no others."""
    ticket = desk.submit()
    desk.sync()
    expected = [one.decision.id for one in run(desk, ticket).coming]
    for _ in range(9):
        desk.later(hours=6)
        desk.sync()
    with desk.bridge(read_only=True) as bridge:
        rows = bridge.store.decisions(ticket=TicketId(ticket))
        assert [row.id for row in rows if row.phase == "escalate"] == expected


def test_a_ticket_no_sync_has_seen_starts_with_what_the_next_one_would_do(desk: Desk):
    """Routing comes first, marked as now, and the levels follow the owner it would get."""
    ticket = desk.submit(title="No vpn")
    found = run(desk, ticket)
    assert not found.known
    assert [one.decision.rule for one in found.coming if one.now] == ["network-words", "receipt"]
    later = [one for one in found.coming if not one.now]
    assert [message.to for message in later[0].messages] == ["gcho@example.org"]


def test_an_answered_ticket_has_nothing_to_come(desk: Desk):
    """The clock has stopped: silence."""
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, "Looking at it")
    found = run(desk, ticket)
    assert (found.coming, found.targets) == ([], {})


def test_absences_count_when_they_count(desk: Desk):
    """Who is away on the day of the escalation is passed over then."""
    ticket = desk.submit()
    desk.sync()
    with desk.bridge() as bridge:
        bridge.store.add_absence("dlee", MONDAY, MONDAY.replace(day=4))
    found = run(desk, ticket)
    assert found.coming[-1].changes == [("owner", "adiaz", "epark")]


def test_nothing_is_written_stored_or_sent(desk: Desk):
    """Only questions go to the appliance, and the store stays as it was."""
    ticket = desk.submit()
    desk.sync()
    with desk.bridge(read_only=True) as bridge:
        before = (bridge.store.decisions(), bridge.store.turns())
    run(desk, ticket)
    assert desk.puts == []
    with desk.bridge(read_only=True) as bridge:
        assert (bridge.store.decisions(), bridge.store.turns()) == before


def test_a_ticket_that_is_not_there(desk: Desk):
    """The appliance's word, in one line."""
    with pytest.raises(NotFound):
        run(desk, 4711)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-03-06T17:00", datetime(2026, 3, 6, 17, tzinfo=ZONE), id="a moment"),
        pytest.param("2026-03-06T17:00+00:00", datetime(2026, 3, 6, 12, tzinfo=ZONE), id="a zone"),
        pytest.param("fri 17:00", datetime(2026, 3, 6, 17, tzinfo=ZONE), id="a week-day"),
        pytest.param("Friday", datetime(2026, 3, 6, 23, 59, tzinfo=ZONE), id="its end"),
        pytest.param("mon 08:00", datetime(2026, 3, 9, 8, tzinfo=ZONE), id="next week's"),
        pytest.param("mon 10:00", datetime(2026, 3, 2, 10, tzinfo=ZONE), id="later today"),
        pytest.param("3d", datetime(2026, 3, 5, 9, tzinfo=ZONE), id="days"),
        pytest.param("5bd", datetime(2026, 3, 9, 9, tzinfo=ZONE), id="working days"),
    ],
)
def test_until_is_read_as_people_write_it(text: str, expected: datetime):
    """A moment, a week-day, a span of plain or working time."""
    assert parse_until(text, MONDAY, ZONE, OFFICE) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("soon", "is no time; write 2026-03-06T17:00", id="words"),
        pytest.param("fri 25:00", "is no time", id="no such hour"),
        pytest.param("2026-03-01T09:00", "lies in the past", id="the past"),
        pytest.param("9w" * 9, "is no time", id="nonsense"),
        pytest.param("400d", "more than a year ahead", id="too far"),
    ],
)
def test_until_that_is_no_time_is_told(text: str, said: str):
    """With an example of how to write one."""
    with pytest.raises(UsageError, match=said):
        parse_until(text, MONDAY, ZONE, OFFICE)
