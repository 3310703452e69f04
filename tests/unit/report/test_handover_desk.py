"""What the next shift must know is sorted by urgency and nothing is left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.report.handover import Case, Mark, hand_over
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import ClockSpec, read_clock
from tests.support.make import MORNING, make_ticket

HOUR = timedelta(hours=1)
RESPOND = ClockSpec(start="created", stop="first_staff_reply", target="8h")
SILENT = ClockSpec(start={"status": ["Need More Info"]}, stop="submitter_reply")


def case(hours: float = 5, **given: Any) -> tuple[Case, datetime]:
    """A ticket that is *hours* old, and now."""
    now = MORNING + timedelta(hours=hours)
    timeline = given.pop("timeline", ())
    marks = {name: given.pop(name) for name in ("coming", "taken") if name in given}
    ticket = make_ticket(**given)
    readings = {
        name: read_clock(name, spec, ALWAYS, ticket, timeline, now, None)
        for name, spec in {"respond": RESPOND, "silent": SILENT}.items()
    }
    return Case(ticket, timeline, readings, waits_for=frozenset({"silent"}), **marks), now


def event(kind: EventKind, hours: float, comment: str = "") -> Event:
    at = (MORNING + timedelta(hours=hours)).astimezone(UTC)
    return Event(kind, TicketId(41), at, f"row:{hours}", comment=comment)


def test_what_falls_due_within_the_hours_ahead_is_told():
    """Three hours left of eight are within four, and not within two."""
    given, now = case(5, owner="bkim")
    (item,) = hand_over([given], now, 4 * HOUR).sections["due"]
    assert (item.what, item.at) == ("respond due", MORNING + 8 * HOUR)
    assert hand_over([given], now, 2 * HOUR).sections["due"] == ()


def test_what_is_past_its_target_is_overdue():
    """However long ago."""
    given, now = case(30, owner="bkim")
    (item,) = hand_over([given], now, HOUR).sections["due"]
    assert item.what == "respond overdue"


def test_a_level_to_come_is_told_by_its_rule():
    """The earliest of what falls due."""
    coming = [Mark("no-answer", "50%", MORNING + 6 * HOUR, "respond")]
    given, now = case(5, owner="bkim", coming=coming)
    (item,) = hand_over([given], now, 4 * HOUR).sections["due"]
    assert item.what == "no-answer 50%"


def test_reopenings_are_counted_with_the_last_note():
    """Twice, and why."""
    timeline = [event(EventKind.REOPENED, 1, "first"), event(EventKind.REOPENED, 2, "dark again")]
    given, now = case(3, owner="bkim", timeline=timeline)
    (item,) = hand_over([given], now, HOUR).sections["reopened"]
    assert item.what == "re-opened 2 times: dark again"


def test_a_question_without_an_answer_is_silent():
    """The clock that the submitter stops is running."""
    given, now = case(3, owner="bkim", status="Need More Info")
    (item,) = hand_over([given], now, HOUR).sections["silent"]
    assert item.what == "Need More Info"


def test_escalated_and_unassigned_stand_in_both_sections():
    """One ticket, two reasons."""
    taken = [Mark("no-answer", "100%", MORNING + HOUR)]
    given, now = case(3, taken=taken)
    found = hand_over([given], now, HOUR)
    assert [item.what for item in found.sections["escalated"]] == ["no-answer 100%"]
    assert [item.owner for item in found.sections["unassigned"]] == [""]


def test_the_most_urgent_comes_first():
    """By moment, then by number."""
    first, now = case(5, owner="bkim", created="2026-03-02 08:00:00", id=50)
    second, _ = case(5, owner="bkim")
    found = hand_over([second, first], now, 4 * HOUR)
    assert [item.ticket for item in found.sections["due"]] == [50, 41]
    assert found.open == 2
