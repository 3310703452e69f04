"""Clocks read off a ticket's history."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.sla.calendar import ALWAYS, Calendar, CalendarSpec
from kace_bridge.sla.clock import ClockSpec, Reading, read_clock
from kace_bridge.sla.duration import parse_level

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Calendar.from_spec(
    "office",
    CalendarSpec(timezone="America/New_York", week={"mon-fri": ["08:00-12:00", "13:00-17:00"]}),
)
STATES = {
    "New": "stalled", "Opened": "opened", "Closed": "closed", "Need More Info": "stalled",
    "Waiting on Customer": "stalled", "Resolved": "opened",
}  # fmt: skip
RESPOND = ClockSpec(start="created", stop="first_staff_reply", target="1bd")
RESOLVE = ClockSpec.model_validate(
    {
        "start": "created",
        "stop": "closed",
        "target": {"High": "1bd", "*": "5bd"},
        "pause": {"state": "stalled", "except": ["New"]},
    }
)
SILENT = ClockSpec.model_validate(
    {"start": {"status": ["Need More Info", "Waiting on Customer"]}, "stop": "submitter_reply"}
)

Day = str
"""``Mon 09:00`` in the week of 2 March 2026; a second week is ``Mon+1 09:00``."""


def at(text: Day) -> datetime:
    day, _, time = text.partition(" ")
    name, _, weeks = day.partition("+")
    number = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].index(name)
    date = datetime(2026, 3, 2) + timedelta(number, weeks=int(weeks or 0))  # noqa: DTZ001 -- below
    hour, minute = (int(part) for part in time.split(":"))
    return date.replace(hour=hour, minute=minute, tzinfo=NEW_YORK)


def status(when: Day, before: str, after: str, by: str = "adiaz") -> list[Event]:
    """A change of status as history tells it: one row, with an event of its own for the edge."""
    changes = [FieldChange("status", before, after)]
    if STATES[before] != STATES[after]:
        changes.append(FieldChange("state", STATES[before], STATES[after]))
    row: dict[str, Any] = {
        "ticket": TicketId(41),
        "at": at(when),
        "cause": f"row:{when}",
        "author": UserName(by),
        "staff": by != "jdoe",
    }
    events = [Event(EventKind.CHANGED, **row, changes=tuple(changes))]
    if STATES[after] == "closed":
        events.append(Event(EventKind.CLOSED, **row))
    elif STATES[before] == "closed":
        events.append(Event(EventKind.REOPENED, **row))
    return events


def comment(when: Day, by: str = "adiaz", *, public: bool = True, own: bool = False) -> list[Event]:
    return [
        Event(
            EventKind.COMMENTED, TicketId(41), at(when), f"row:{when}", UserName(by),
            staff=by != "jdoe", public=public, own=own, comment="...",
        )
    ]  # fmt: skip


def owner(when: Day, before: str | None, after: str | None) -> list[Event]:
    change = FieldChange("owner", before, after)
    return [
        Event(EventKind.CHANGED, TicketId(41), at(when), f"row:{when}", UserName("bkim"), True,
              changes=(change,))
    ]  # fmt: skip


def read(
    spec: ClockSpec,
    now: Day,
    *events: list[Event],
    created: Day = "Mon 09:00",
    present: str = "Opened",
    owned_by: str | None = None,
    calendar: Calendar = OFFICE,
    priority: str | None = "Medium",
    **fields: object,
) -> Reading:
    record: dict[str, object] = {
        "id": 41,
        "created": at(created).strftime("%Y-%m-%d %H:%M:%S"),
        "status": {"name": present, "state": STATES[present]},
        "submitter": {"user_name": "jdoe"},
        "owner": {"user_name": owned_by} if owned_by else None,
    }
    ticket = Ticket.from_api(record | fields, NEW_YORK)
    timeline = [event for group in events for event in group]
    return read_clock("clock", spec, calendar, ticket, timeline, at(now), priority)


def shown(reading: Reading) -> list[str]:
    """The ledger in short: kind, local start, working hours, cause."""
    return [
        f"{part.episode} {part.kind} {part.start.astimezone(NEW_YORK):%a %H:%M} "
        f"{part.worked / timedelta(hours=1):g}h {part.cause}"
        for part in reading.stretches
    ]


def local(instant: datetime | None) -> str:
    return f"{instant.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" if instant else "never"


def hours(reading: Reading) -> float:
    return reading.worked / timedelta(hours=1)


# -- the first answer ---------------------------------------------------------------------------


def test_the_example_of_the_reference() -> None:
    """A ticket of Friday 16:00 with a target of 1bd is due Monday 16:00, over the week-end."""
    reading = read(RESPOND, "Sun 12:00", created="Fri 16:00")
    assert local(reading.due(parse_level("100%"))) == "2026-03-09 16:00"
    assert local(reading.due(parse_level("50%"))) == "2026-03-09 11:00"
    assert local(reading.due(parse_level({"end_of": "1bd"}))) == "2026-03-09 17:00"
    assert reading.target == timedelta(hours=8)
    assert reading.fraction == 0.125
    assert not reading.reached(parse_level("50%"))
    late = read(RESPOND, "Mon+1 16:05", created="Fri 16:00")
    assert late.reached(parse_level("100%"))
    assert not late.reached(parse_level("2bd"))
    assert local(late.due(parse_level("100%"))) == "2026-03-09 16:00"


@pytest.mark.parametrize(
    ("events", "stopped"),
    [
        pytest.param([comment("Mon 10:00")], "Mon 10:00", id="a public comment of staff answers"),
        pytest.param([comment("Mon 10:00", public=False)], "", id="an owners-only note does not"),
        pytest.param([comment("Mon 10:00", "jdoe")], "", id="the submitter's own comment does not"),
        pytest.param([comment("Mon 10:00", own=True)], "", id="an automatic comment does not"),
        pytest.param([comment("Mon 10:00", own=True), comment("Mon 11:00"), comment("Mon 11:30")],
                     "Mon 11:00", id="the first of several answers counts"),
        pytest.param([status("Mon 10:00", "Opened", "Closed")], "Mon 10:00", id="closing answers"),
        pytest.param([status("Mon 10:00", "Opened", "Closed", "jdoe")], "Mon 10:00",
                     id="a ticket its submitter closes needs no answer"),
        pytest.param([status("Mon 10:00", "Opened", "Resolved")], "", id="a status does not"),
        pytest.param([owner("Mon 10:00", None, "bkim")], "", id="an assignment does not"),
        pytest.param([comment("Tue 10:00")], "", id="a comment after now is not yet known"),
    ],
)  # fmt: skip
def test_what_answers_a_ticket(events: list[list[Event]], stopped: str) -> None:
    """The response clock runs until staff answers in public."""
    present = "Closed" if any(e.kind is EventKind.CLOSED for g in events for e in g) else "Opened"
    reading = read(RESPOND, "Mon 15:00", *events, present=present)
    assert reading.stopped_at == (at(stopped).astimezone(UTC) if stopped else None)
    assert reading.running == (not stopped)
    assert hours(reading) == (at(stopped or "Mon 14:00").hour - 9)


def test_an_engineers_own_ticket() -> None:
    """An engineer commenting on a ticket they submitted answers it only as its owner."""
    mine = {"submitter": {"user_name": "adiaz"}}
    assert read(RESPOND, "Mon 15:00", comment("Mon 10:00"), **mine).running
    assert not read(RESPOND, "Mon 15:00", comment("Mon 10:00"), owned_by="adiaz", **mine).running
    assert not read(RESPOND, "Mon 15:00", comment("Mon 10:00", "bkim"), **mine).running


def test_a_level_reached_before_the_answer_stays_reached() -> None:
    """An answer after half the time leaves the half reached and the whole out of reach."""
    reading = read(RESPOND, "Wed 12:00", comment("Mon 15:00"))
    assert hours(reading) == 5
    assert local(reading.due(parse_level("50%"))) == "2026-03-02 14:00"
    assert reading.reached(parse_level("50%"))
    assert reading.due(parse_level("100%")) is None
    assert not reading.reached(parse_level("100%"))
    assert reading.due(parse_level({"end_of": "1bd"})) is None


def test_an_answer_in_the_last_minute() -> None:
    """A clock stopped in the very instant of a level has reached it, as its fraction says."""
    reading = read(RESPOND, "Fri 12:00", comment("Tue 09:00"))
    assert reading.fraction == 1.0
    assert reading.due(parse_level("100%")) == at("Tue 09:00").astimezone(UTC)


# -- pauses -------------------------------------------------------------------------------------


def test_waiting_stands_still_and_new_does_not() -> None:
    """Stalled statuses pause the clock, save for the one excepted; the ledger says by whom."""
    reading = read(
        RESOLVE, "Thu 10:00",
        status("Mon 10:00", "New", "Waiting on Customer"),
        status("Mon 11:00", "Waiting on Customer", "Need More Info"),
        status("Wed 09:00", "Need More Info", "Opened", "jdoe"),
    )  # fmt: skip
    assert shown(reading) == [
        "0 running Mon 09:00 1h created",
        "0 paused Mon 10:00 0h status Waiting on Customer by adiaz",
        "0 running Wed 09:00 9h status Opened by jdoe",
    ]
    assert reading.stretches[-1].end is None
    assert hours(reading) == 10
    assert local(reading.due(parse_level("1bd"))) == "2026-03-04 17:00"
    assert local(reading.due(parse_level("100%"))) == "2026-03-10 17:00"


def test_a_paused_clock_promises_nothing_ahead() -> None:
    """While it stands still, levels short of it are due never, those passed stay passed."""
    reading = read(RESOLVE, "Fri 10:00", status("Mon 15:00", "Opened", "Waiting on Customer"))
    assert reading.paused
    assert not reading.running
    assert reading.stopped_at is None
    assert reading.reached(parse_level("4bh"))
    assert reading.due(parse_level("100%")) is None
    assert reading.due(parse_level({"end_of": "1bd"})) is None


def test_a_ticket_created_waiting() -> None:
    """A clock may begin paused."""
    reading = read(RESOLVE, "Tue 09:00", present="Waiting on Customer")
    assert shown(reading) == ["0 paused Mon 09:00 0h created"]
    assert reading.started == at("Mon 09:00").astimezone(UTC)
    assert reading.due(parse_level("1bd")) is None


def test_statuses_match_in_any_case() -> None:
    """A status is the site's word; its capitals are nobody's business."""
    spec = ClockSpec.model_validate(
        {"start": "created", "stop": "closed", "pause": {"status": ["waiting ON customer"]}}
    )
    assert read(spec, "Tue 09:00", present="Waiting on Customer").paused


def test_a_close_that_passes_in_a_pause_moves_to_the_next() -> None:
    """End of the next day, while waiting over it, becomes the close of the day it goes on."""
    waiting = [
        status("Mon 10:00", "Opened", "Waiting on Customer"),
        status("Thu 10:00", "Waiting on Customer", "Opened"),
    ]
    level = parse_level({"end_of": "1bd"})
    assert local(read(RESOLVE, "Thu 11:00", *waiting).due(level)) == "2026-03-05 17:00"
    short = [waiting[0], status("Mon 11:00", "Waiting on Customer", "Opened")]
    assert local(read(RESOLVE, "Tue 11:00", *short).due(level)) == "2026-03-03 17:00"


def test_changes_within_one_second() -> None:
    """Stretches without length leave no trace, and the ledger stays in order."""
    reading = read(
        RESOLVE, "Mon 12:00",
        status("Mon 10:00", "Opened", "Waiting on Customer"),
        status("Mon 10:00", "Waiting on Customer", "Opened"),
    )  # fmt: skip
    assert shown(reading) == ["0 running Mon 09:00 3h created"]


def test_stamps_that_step_back() -> None:
    """An event stamped before its predecessor counts as simultaneous."""
    reading = read(
        RESOLVE, "Mon 12:00",
        status("Mon 11:00", "Opened", "Waiting on Customer"),
        status("Mon 10:30", "Waiting on Customer", "Opened"),
    )  # fmt: skip
    assert hours(reading) == 3
    assert all(part.end is None or part.end > part.start for part in reading.stretches)


# -- re-opening ---------------------------------------------------------------------------------

CLOSED_AND_REOPENED = [
    status("Mon 11:00", "Opened", "Closed", "bkim"),
    status("Wed 09:00", "Closed", "Opened", "jdoe"),
]


def test_resume_goes_on_where_it_stopped() -> None:
    """Closed time does not count, and a new episode begins."""
    reading = read(RESOLVE, "Wed 12:00", *CLOSED_AND_REOPENED)
    assert shown(reading) == [
        "0 running Mon 09:00 2h created",
        "0 stopped Mon 11:00 0h closed by bkim",
        "1 running Wed 09:00 3h re-opened by jdoe",
    ]
    assert (reading.episode, reading.cause) == (1, "row:Wed 09:00")
    assert hours(reading) == 5
    assert reading.started == at("Mon 09:00").astimezone(UTC)
    assert reading.since == at("Wed 09:00").astimezone(UTC)
    assert local(reading.due(parse_level("1bd"))) == "2026-03-04 16:00"
    assert local(reading.due(parse_level({"end_of": "1bd"}))) == "2026-03-05 17:00"


def test_restart_begins_at_zero() -> None:
    """What was worked before the closing is shown, and not counted."""
    spec = RESOLVE.model_copy(update={"on_reopen": "restart"})
    reading = read(spec, "Wed 12:00", *CLOSED_AND_REOPENED)
    assert len(reading.stretches) == 3
    assert (reading.episode, reading.cause) == (1, "row:Wed 09:00")
    assert hours(reading) == 3
    assert reading.started == reading.since == at("Wed 09:00").astimezone(UTC)
    assert local(reading.due(parse_level("1bd"))) == "2026-03-05 09:00"


def test_ignore_stays_stopped() -> None:
    """The clock has done its work and keeps its episode."""
    spec = RESOLVE.model_copy(update={"on_reopen": "ignore"})
    reading = read(spec, "Wed 12:00", *CLOSED_AND_REOPENED)
    assert reading.stopped_at == at("Mon 11:00").astimezone(UTC)
    assert (reading.episode, reading.cause) == (0, "created")
    assert hours(reading) == 2
    assert reading.due(parse_level("1bd")) is None


def test_a_reopened_ticket_wants_a_new_answer() -> None:
    """The answer of the first episode does not answer the second; its re-opening note neither."""
    spec = RESPOND.model_copy(update={"on_reopen": "restart"})
    history = [comment("Mon 10:00"), *CLOSED_AND_REOPENED, comment("Wed 09:00", "adiaz")]
    reading = read(spec, "Wed 12:00", *history)
    assert reading.running
    assert hours(reading) == 3
    answered = read(spec, "Wed 16:00", *history, comment("Wed 14:00", "bkim"))
    assert shown(answered) == [
        "0 running Mon 09:00 1h created",
        "0 stopped Mon 10:00 0h first staff reply by adiaz",
        "1 running Wed 09:00 4h re-opened by jdoe",
        "1 stopped Wed 14:00 0h first staff reply by bkim",
    ]


def test_each_reopening_is_an_episode() -> None:
    """Two re-openings, each told by two events of one row, make two further episodes."""
    again = [
        status("Wed 11:00", "Opened", "Closed"),
        status("Thu 09:00", "Closed", "Waiting on Customer"),
    ]
    reading = read(
        RESOLVE, "Fri 09:00", *CLOSED_AND_REOPENED, *again, present="Waiting on Customer"
    )
    assert (reading.episode, reading.cause) == (2, "row:Thu 09:00")
    assert reading.paused
    assert hours(reading) == 4


def test_edges_without_details() -> None:
    """A closing and a re-opening known by name alone are enough."""

    def bare(kind: EventKind, when: Day) -> list[Event]:
        return [Event(kind, TicketId(41), at(when), f"digest:{when}")]

    reading = read(
        RESOLVE, "Wed 12:00",
        bare(EventKind.CLOSED, "Mon 11:00"), bare(EventKind.REOPENED, "Wed 09:00"),
    )  # fmt: skip
    assert shown(reading) == [
        "0 running Mon 09:00 2h created",
        "0 stopped Mon 11:00 0h closed",
        "1 running Wed 09:00 3h re-opened",
    ]


def test_a_clock_of_reopenings() -> None:
    """A clock that starts at re-opening does not apply before, and begins at zero each time."""
    spec = ClockSpec(start="reopened", stop="closed", target="1bd")
    before = read(spec, "Tue 09:00", CLOSED_AND_REOPENED[0], present="Closed")
    assert before.started is None
    assert before.stretches == ()
    assert before.fraction is None
    assert before.due(parse_level("1bd")) is None
    assert not before.reached(parse_level("0h"))
    first = read(spec, "Wed 12:00", *CLOSED_AND_REOPENED)
    assert (first.episode, hours(first)) == (0, 3)
    again = [status("Thu 09:00", "Opened", "Closed"), status("Fri 09:00", "Closed", "Opened")]
    second = read(spec, "Fri 10:00", *CLOSED_AND_REOPENED, *again)
    assert (second.episode, second.cause, hours(second)) == (1, "row:Fri 09:00", 1)


# -- the silent submitter -----------------------------------------------------------------------

ASKED = status("Mon 10:00", "Opened", "Need More Info")


@pytest.mark.parametrize(
    ("events", "stopped", "cause"),
    [
        pytest.param([], "", "", id="silence"),
        pytest.param([comment("Mon 11:00", "jdoe")], "Mon 11:00", "reply by jdoe", id="a reply"),
        pytest.param([comment("Mon 11:00", "guest")], "", "", id="another engineer's comment"),
        pytest.param([comment("Mon 11:00", "JDOE")], "Mon 11:00", "reply by JDOE",
                     id="login names match in any case, even of staff"),
        pytest.param([comment("Mon 11:00", own=True)], "", "", id="the bridge's own reminder"),
        pytest.param([status("Mon 11:00", "Need More Info", "Opened", "jdoe")], "Mon 11:00",
                     "status Opened by jdoe", id="leaving the status"),
        pytest.param([status("Mon 11:00", "Need More Info", "Closed")], "Mon 11:00",
                     "status Closed by adiaz", id="closing"),
        pytest.param([status("Mon 11:00", "Need More Info", "Waiting on Customer")], "", "",
                     id="moving on to the other waiting status is the same silence"),
    ],
)  # fmt: skip
def test_what_ends_a_silence(events: list[list[Event]], stopped: str, cause: str) -> None:
    """The silent clock runs from the question until a reply or another status."""
    reading = read(SILENT, "Mon 15:00", ASKED, *events)
    assert (reading.episode, reading.cause) == (0, "row:Mon 10:00")
    assert reading.stopped_at == (at(stopped).astimezone(UTC) if stopped else None)
    if cause:
        assert reading.stretches[-1].cause == cause
    else:
        assert hours(reading) == 4


def test_each_question_is_an_episode() -> None:
    """A second question starts at zero, with a cause of its own."""
    reading = read(
        SILENT, "Thu 12:00", ASKED, comment("Mon 11:00", "jdoe"),
        status("Mon 13:00", "Need More Info", "Opened"),
        status("Thu 09:00", "Opened", "Waiting on Customer"),
    )  # fmt: skip
    assert shown(reading) == [
        "0 running Mon 10:00 1h status Need More Info by adiaz",
        "0 stopped Mon 11:00 0h reply by jdoe",
        "1 running Thu 09:00 3h status Waiting on Customer by adiaz",
    ]
    assert (reading.episode, reading.cause) == (1, "row:Thu 09:00")
    assert local(reading.due(parse_level("2bd"))) == "2026-03-09 09:00"


def test_asking_again_after_a_reply() -> None:
    """After a reply, a move to the other waiting status is a new question."""
    reading = read(
        SILENT, "Mon 16:00", ASKED, comment("Mon 11:00", "jdoe"),
        status("Mon 14:00", "Need More Info", "Waiting on Customer"),
    )  # fmt: skip
    assert (reading.episode, hours(reading)) == (1, 2)


def test_a_ticket_created_in_a_waiting_status() -> None:
    """It is asked from the beginning."""
    reading = read(SILENT, "Tue 09:00", present="Need More Info")
    assert (reading.cause, hours(reading)) == ("created", 8)


def test_a_clock_of_a_state() -> None:
    """A clock can watch closed tickets too: closing stops only clocks that wait for an answer."""
    spec = ClockSpec.model_validate({"start": {"state": "closed"}, "stop": "submitter_reply"})
    reading = read(spec, "Tue 11:00", CLOSED_AND_REOPENED[0], present="Closed")
    assert reading.running
    assert hours(reading) == 8
    reopened = read(spec, "Wed 11:00", *CLOSED_AND_REOPENED)
    assert reopened.stopped_at == at("Wed 09:00").astimezone(UTC)


# -- other stops, targets and times -------------------------------------------------------------


def test_waiting_for_an_owner() -> None:
    """Any owner stops the clock; a ticket that has one never runs it."""
    spec = ClockSpec(start="created", stop="owner_assigned", target="30m")
    reading = read(spec, "Mon 10:00", owner("Mon 09:20", None, "bkim"), owned_by="bkim")
    assert shown(reading) == [
        "0 running Mon 09:00 0.333333h created",
        "0 stopped Mon 09:20 0h owner bkim by bkim",
    ]
    owned = read(spec, "Mon 10:00", owned_by="adiaz")
    assert owned.stopped_at == owned.started
    assert owned.due(parse_level("50%")) is None


def test_stopping_at_a_status() -> None:
    """A site's own word for done stops the clock as well."""
    spec = ClockSpec.model_validate({"start": "created", "stop": {"status": ["Resolved"]}})
    reading = read(spec, "Tue 09:00", status("Mon 10:00", "Opened", "Resolved"), present="Resolved")
    assert reading.stretches[-1].cause == "status Resolved by adiaz"
    assert hours(reading) == 1


@pytest.mark.parametrize(
    ("priority", "due"),
    [
        pytest.param("High", "2026-03-03 09:00", id="a priority with a target of its own"),
        pytest.param("Low", "2026-03-09 09:00", id="every other priority"),
    ],
)
def test_targets_by_priority(priority: str, due: str) -> None:
    """The target follows the ticket's priority."""
    reading = read(RESOLVE, "Mon 10:00", priority=priority)
    assert local(reading.due(parse_level("100%"))) == due


def test_without_a_target_there_are_no_shares() -> None:
    """Durations still work."""
    reading = read(SILENT, "Mon 15:00", ASKED, priority=None)
    assert reading.target is None
    assert reading.fraction is None
    assert reading.due(parse_level("50%")) is None
    assert reading.due(parse_level("2bh")) == at("Mon 12:00").astimezone(UTC)


def test_a_target_until_close_of_day() -> None:
    """Its share is taken of the working time until then."""
    spec = ClockSpec.model_validate(
        {"start": "created", "stop": "closed", "target": {"end_of": "1bd"}}
    )
    reading = read(spec, "Mon 10:00", created="Mon 13:00")
    assert reading.started is None
    reading = read(spec, "Mon 17:00", created="Mon 13:00")
    assert reading.target == timedelta(hours=12)
    assert local(reading.due(parse_level("100%"))) == "2026-03-03 17:00"
    assert local(reading.due(parse_level("50%"))) == "2026-03-03 10:00"


def test_plain_units_pass_at_night_but_not_in_a_pause() -> None:
    """2d is 48 hours of running, whatever the calendar."""
    spec = RESOLVE.model_copy(update={"target": "2d"})
    reading = read(
        spec, "Wed 09:00",
        status("Mon 21:00", "Opened", "Waiting on Customer"),
        status("Tue 21:00", "Waiting on Customer", "Opened"),
    )  # fmt: skip
    assert reading.fraction == 0.5
    assert local(reading.due(parse_level("100%"))) == "2026-03-05 09:00"
    assert local(reading.due(parse_level("1d"))) == "2026-03-04 09:00"
    assert hours(reading) == 8


def test_a_clock_without_calendar_never_rests() -> None:
    """Round the clock, a working day is a day."""
    reading = read(RESPOND, "Sat 09:00", created="Fri 16:00", calendar=ALWAYS)
    assert hours(reading) == 17
    assert local(reading.due(parse_level("100%"))) == "2026-03-07 16:00"


def test_a_ticket_not_yet_created() -> None:
    """Rehearsing an earlier time, a later ticket has no clock."""
    assert read(RESPOND, "Mon 08:00").started is None


def test_a_ticket_without_a_creation_date() -> None:
    """Nothing can be measured from an unknown instant."""
    ticket = Ticket.from_api({"id": 41}, NEW_YORK)
    reading = read_clock("c", RESPOND, OFFICE, ticket, [], at("Mon 12:00"), None)
    assert reading.started is None
    assert reading.worked == timedelta(0)


def test_the_creation_event_wins_over_the_stamp() -> None:
    """History knows the moment, and the person."""
    creation = Event(EventKind.CREATED, TicketId(41), at("Mon 09:30"), "created", UserName("jdoe"))
    reading = read(RESPOND, "Mon 12:00", [creation])
    assert shown(reading) == ["0 running Mon 09:30 2.5h created by jdoe"]


def test_levels_beyond_the_table_are_due_never() -> None:
    """A due time nobody can live to see is none."""
    calendar = Calendar.from_spec("rare", CalendarSpec(week={"mon": ["08:00-08:01"]}))
    reading = read(RESPOND, "Tue 09:00", calendar=calendar)
    assert reading.due(parse_level("80000bh")) is None


def test_clock_change_in_the_middle() -> None:
    """Instants with one zone compare by wall clock in Python; a reading does not fall for it."""
    calendar = Calendar.from_spec(
        "noc", CalendarSpec(timezone="America/New_York", week={"mon-sun": ["00:00-24:00"]})
    )
    first = datetime(2026, 11, 1, 1, 45, tzinfo=NEW_YORK, fold=0)
    second = datetime(2026, 11, 1, 1, 15, tzinfo=NEW_YORK, fold=1)
    timeline = [
        Event(EventKind.CREATED, TicketId(41), first, "created"),
        Event(EventKind.COMMENTED, TicketId(41), second, "row:2", UserName("bkim"), staff=True),
    ]
    ticket = Ticket.from_api({"id": 41}, NEW_YORK)
    reading = read_clock("c", RESPOND, calendar, ticket, timeline, second, None)
    assert reading.worked == timedelta(minutes=30)
    assert reading.stopped_at == second.astimezone(UTC)
