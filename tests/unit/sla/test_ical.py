"""Closed days out of .ics files."""

from datetime import date

import pytest

from kace_bridge.sla.ical import closed_days


def wrap(*lines: str) -> str:
    body = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:Closed", *lines, "END:VEVENT"]
    return "\r\n".join([*body, "END:VCALENDAR", ""])


def days(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


@pytest.mark.parametrize(
    ("lines", "closed"),
    [
        pytest.param(["DTSTART;VALUE=DATE:20261224"], ["2026-12-24"], id="a day without an end"),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"],
            ["2026-12-24", "2026-12-25", "2026-12-26"],
            id="the end is the first day after",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261224"],
            ["2026-12-24"],
            id="an end on the same day still closes that day",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261231", "DURATION:P2D"],
            ["2026-12-31", "2027-01-01"],
            id="a length in days",
        ),
        pytest.param(
            ["DTSTART;TZID=America/New_York:20261224T000000", "DTEND:20261225T000000"],
            ["2026-12-24"],
            id="midnight to midnight is a whole day",
        ),
        pytest.param(
            ["DTSTART:20261224T090000", "DTEND:20261224T100000"], [], id="a meeting closes nothing"
        ),
        pytest.param(["DTSTART:20261224T000000Z"], [], id="an instant in UTC is no day"),
        pytest.param(["DTSTART;VALUE=DATE:20261224", "STATUS:CANCELLED"], [], id="cancelled"),
        pytest.param(["DESCRIPTION:no date"], [], id="an event without a start"),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;COUNT=3"],
            ["2026-12-25", "2027-12-25", "2028-12-25"],
            id="every year, three times",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;UNTIL=20281224"],
            ["2026-12-25", "2027-12-25"],
            id="every year until a date",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;INTERVAL=2;COUNT=2"],
            ["2026-12-25", "2028-12-25"],
            id="every second year",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3"],
            ["2026-11-26", "2027-11-25", "2028-11-23"],
            id="the fourth Thursday of November",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20260525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=2"],
            ["2026-05-25", "2027-05-31"],
            id="the last Monday of May",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;UNTIL=20290101"],
            ["2024-02-29", "2028-02-29"],
            id="29 February comes in leap years only",
        ),
        pytest.param(
            [
                "DTSTART;VALUE=DATE:20261225",
                "RRULE:FREQ=YEARLY;COUNT=3",
                "EXDATE;VALUE=DATE:20271225",
                "RDATE;VALUE=DATE:20261227,20261228",
            ],
            ["2026-12-25", "2026-12-27", "2026-12-28", "2028-12-25"],
            id="excepted and extra dates",
        ),
        pytest.param(
            [
                "BEGIN:VALARM",
                "DTSTART;VALUE=DATE:20200101",
                "END:VALARM",
                "DTSTART;VALUE=DATE:20261224",
            ],
            ["2026-12-24"],
            id="what stands inside an alarm is not the event's",
        ),
        pytest.param(["DTSTART;VALUE=DATE:2026", " 1224"], ["2026-12-24"], id="a folded line"),
    ],
)
def test_reads_closed_days(lines: list[str], closed: list[str]) -> None:
    """Whole-day events close their days, and nothing else does."""
    assert closed_days(wrap(*lines)) == days(*closed)


def test_a_rule_without_end_reaches_2100() -> None:
    """A yearly holiday is known as far ahead as anybody plans."""
    found = closed_days(wrap("DTSTART;VALUE=DATE:20260704", "RRULE:FREQ=YEARLY"))
    assert found[0] == date(2026, 7, 4)
    assert found[-1] == date(2100, 7, 4)
    assert len(found) == 75


def test_events_are_merged_in_order() -> None:
    """Days come ascending and once, whatever the order in the file; a byte order mark is fine."""
    one = wrap("DTSTART;VALUE=DATE:20261225")
    two = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nEND:VEVENT\n"
    again = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\n"
    text = "\ufeff" + one.replace("END:VCALENDAR", two + again + "END:VCALENDAR")
    assert closed_days(text) == days("2026-01-01", "2026-12-25")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("date,name\n2026-12-24,Eve", "this is no iCalendar file", id="a table"),
        pytest.param(wrap("DTSTART:tomorrow"), "'Closed' has no readable date", id="no date"),
        pytest.param(wrap("DTSTART:20260230"), "'Closed' has no readable date", id="30 February"),
        pytest.param(
            wrap("DTSTART:20260102", "RRULE:FREQ=WEEKLY"),
            "the event 'Closed' repeats by 'FREQ=WEEKLY'; only yearly repetition is read",
            id="every week",
        ),
        pytest.param(
            wrap("DTSTART:20260102", "RRULE:FREQ=YEARLY;BYWEEKNO=20"),
            "only yearly repetition is read",
            id="by week of the year",
        ),
        pytest.param(
            wrap("DTSTART:20260102", "RRULE:FREQ=YEARLY;BYDAY=FR"),
            "repeats by a rule that cannot be read",
            id="every Friday of a month",
        ),
        pytest.param(
            wrap("DTSTART:20260102", "RRULE:FREQ=YEARLY;COUNT=many"),
            "repeats by a rule that cannot be read",
            id="a count in words",
        ),
        pytest.param(
            wrap("DTSTART:20260102", "DTEND:20360102"), "lasts longer than a year", id="ten years"
        ),
        pytest.param(
            wrap("DTSTART:20260102", "RECURRENCE-ID:20260101"),
            "moves one day of a series",
            id="a moved day of a series",
        ),
    ],
)
def test_refuses_what_it_cannot_read(text: str, words: str) -> None:
    """A holiday is never passed over in silence: the event is named."""
    with pytest.raises(ValueError, match=r"event|iCalendar") as caught:
        closed_days(text)
    assert words in str(caught.value)
