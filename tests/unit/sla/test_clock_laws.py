"""Clocks: laws that hold for every history."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.calendar import Calendar, CalendarSpec
from kace_bridge.sla.clock import ClockSpec, Reading, read_clock
from kace_bridge.sla.duration import parse_level

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
OFFICE = Calendar.from_spec(
    "office",
    CalendarSpec(timezone="America/New_York", week={"mon-fri": ["08:00-12:00", "13:00-17:00"]}),
)
STATES = {"Opened": "opened", "Waiting": "stalled", "Asking": "stalled", "Closed": "closed"}
LEVELS = [parse_level(at) for at in ("0%", "50%", "100%", "150%", "1bd", "3h", "2d")]

specs = st.builds(
    lambda **choices: ClockSpec.model_validate(choices),
    start=st.sampled_from(["created", "reopened", {"status": ["Waiting", "Asking"]}]),
    stop=st.sampled_from(
        ["first_staff_reply", "closed", "submitter_reply", {"status": ["Asking"]}]
    ),
    target=st.sampled_from(["1bd", "4bh", "1d", "90bm"]),
    pause=st.sampled_from([None, {"state": "stalled"}, {"state": "stalled", "except": ["Asking"]}]),
    on_reopen=st.sampled_from(["resume", "restart", "ignore"]),
)
steps = st.tuples(
    st.integers(0, 3 * 24 * 60), st.sampled_from([*STATES, "comment", "reply"]), st.booleans()
)
histories = st.lists(steps, max_size=8)
nows = st.integers(0, 30 * 24 * 60)


def make_timeline(history: list[tuple[int, str, bool]]) -> list[Event]:
    at, present, events = START, "Opened", []
    for number, (minutes, what, staff) in enumerate(history):
        at += timedelta(minutes=minutes)
        row = (TicketId(41), at, f"row:{number}", UserName("adiaz" if staff else "jdoe"), staff)
        if what in ("comment", "reply"):
            events.append(Event(EventKind.COMMENTED, *row))
            continue
        if what == present:
            continue
        changes = (
            FieldChange("status", present, what),
            FieldChange("state", STATES[present], STATES[what]),
        )
        events.append(Event(EventKind.CHANGED, *row, changes=changes))
        present = what
    return events


def read(spec: ClockSpec, history: list[tuple[int, str, bool]], now: datetime) -> Reading:
    record = {
        "id": 41,
        "created": "2026-03-02 07:00:00",
        "status": {"name": "Opened", "state": "opened"},
        "submitter": {"user_name": "jdoe"},
    }
    ticket = Ticket.from_api(record, ZoneInfo("America/New_York"))
    return read_clock("clock", spec, OFFICE, ticket, make_timeline(history), now, None)


@settings(deadline=None)
@given(specs, histories, nows)
def test_the_ledger_is_without_gaps(
    spec: ClockSpec, history: list[tuple[int, str, bool]], now: int
) -> None:
    """Stretches touch, ascend, and only the last goes on; their work is the clock's."""
    reading = read(spec, history, START + timedelta(minutes=now))
    for one, two in pairwise(reading.stretches):
        assert one.end == two.start
        assert one.start < two.start
        assert one.episode <= two.episode
    assert (reading.started is None) == (reading.stretches == ())
    assert (reading.started is None) == (reading.cause == "")
    if reading.stretches:
        assert reading.stretches[-1].end is None
        states = [reading.running, reading.paused, reading.stopped_at is not None]
        assert states.count(True) == 1
    for part in reading.stretches:
        end = part.end or reading.now
        worked = OFFICE.open_time(part.start, end) if part.kind == "running" else timedelta(0)
        assert part.worked == worked
    assert reading.worked <= sum((part.worked for part in reading.stretches), timedelta(0))


@settings(deadline=None)
@given(specs, histories, nows)
def test_a_level_is_reached_when_its_time_is_used_up(
    spec: ClockSpec, history: list[tuple[int, str, bool]], now: int
) -> None:
    """The share shown and the levels reached never disagree."""
    reading = read(spec, history, START + timedelta(minutes=now))
    for level in LEVELS:
        if level.fraction and reading.fraction is not None:
            assert reading.reached(level) == (reading.fraction >= level.fraction)


@settings(deadline=None)
@given(specs, histories, nows)
def test_a_promise_is_kept(spec: ClockSpec, history: list[tuple[int, str, bool]], now: int) -> None:
    """If nothing more happens, a level is reached at the instant named, and not before."""
    moment = START + timedelta(minutes=now)
    known = [event for event in make_timeline(history) if event.at <= moment]
    history = history[: _length(history, len(known))]
    reading = read(spec, history, moment)
    for level in LEVELS:
        due = reading.due(level)
        if due is not None and due > moment:
            assert not reading.reached(level)
            assert read(spec, history, due).reached(level)
            assert not read(spec, history, due - timedelta(microseconds=1)).reached(level)


@settings(deadline=None)
@given(specs, histories, nows, st.integers(0, 10 * 24 * 60))
def test_what_was_reached_stays_reached(
    spec: ClockSpec, history: list[tuple[int, str, bool]], now: int, more: int
) -> None:
    """Within an episode no later event takes a level back or moves its instant."""
    earlier = read(spec, history, START + timedelta(minutes=now))
    later = read(spec, history, START + timedelta(minutes=now + more))
    if earlier.cause == later.cause:
        for level in LEVELS:
            if earlier.reached(level):
                assert later.due(level) == earlier.due(level)


def _length(history: list[tuple[int, str, bool]], events: int) -> int:
    """How many steps of *history* make that many events."""
    return max(n for n in range(len(history) + 1) if len(make_timeline(history[:n])) <= events)
