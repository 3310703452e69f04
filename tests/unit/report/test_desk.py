"""What the desk's figures count, and what they do not."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.report.desk import Figures, Story, measure, on_first_call
from kace_bridge.report.page import render_page
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import ClockSpec, read_clock
from tests.support.make import MORNING, ZONE, make_ticket

RESPOND = ClockSpec(start="created", stop="first_staff_reply", target="8h", on_reopen="ignore")
END = MORNING + timedelta(days=7)


def said(hours: float, author: str = "bkim", **more: Any) -> Event:
    return made(EventKind.COMMENTED, hours, author, **more)


def closed(hours: float, author: str = "bkim", **more: Any) -> Event:
    return made(EventKind.CLOSED, hours, author, **more)


def made(kind: EventKind, hours: float, author: str, *changes: FieldChange, **more: Any) -> Event:
    at = (MORNING + timedelta(hours=hours)).astimezone(UTC)
    given = {"staff": author != "jdoe", **more}
    return Event(kind, TicketId(41), at, f"row:{hours}", UserName(author), changes=changes, **given)


def owner(hours: float, before: str | None, after: str) -> Event:
    return made(EventKind.CHANGED, hours, "bkim", FieldChange("owner", before, after))


def story(*events: Event, **more: Any) -> Story:
    given = {name: more.pop(name) for name in ("levels", "escalated") if name in more}
    ticket = make_ticket(**({"status": "Closed"} | more))
    reading = read_clock("respond", RESPOND, ALWAYS, ticket, events, END.astimezone(UTC), None)
    return Story(ticket, events, reading, **given)


def figures(*stories: Story, **more: Any) -> Figures:
    return measure(stories, MORNING - timedelta(days=1), END, ZONE, {}, 0)


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        pytest.param(story(said(1), closed(2)), True, id="answered and closed by one"),
        pytest.param(story(closed(2)), True, id="closed without a word before"),
        pytest.param(story(owner(0.5, None, "bkim"), closed(2)), True, id="first assignment"),
        pytest.param(story(said(0.5, "jdoe"), said(1), closed(2)), True, id="submitter wrote too"),
        pytest.param(story(said(1, "adiaz"), closed(2)), False, id="somebody else answered"),
        pytest.param(story(owner(1, "bkim", "adiaz"), closed(2)), False, id="it was moved"),
        pytest.param(story(closed(2), escalated=True), False, id="it was escalated"),
        pytest.param(story(closed(2, own=True)), False, id="a rule closed it"),
        pytest.param(
            story(closed(2), made(EventKind.REOPENED, 3, "jdoe"), closed(4)), False, id="re-opened"
        ),
        pytest.param(story(said(1), status="Opened"), False, id="still open"),
    ],
)
def test_what_a_first_call_closure_is(given: Story, counts: bool):
    """One person, one go."""
    assert on_first_call(given) is counts
    assert (figures(given).first_call == (41,)) is counts


@pytest.mark.parametrize(
    ("given", "in_time", "late"),
    [
        pytest.param(story(said(2), status="Opened"), 1, 0, id="within the target"),
        pytest.param(story(said(9), status="Opened"), 0, 1, id="after it"),
        pytest.param(story(status="Opened"), 0, 1, id="not at all, and its time is over"),
        pytest.param(story(said(2, public=False), said(9), status="Opened"), 0, 1, id="a note"),
        pytest.param(
            story(said(2), closed(3), made(EventKind.REOPENED, 30, "jdoe")),
            1,
            0,
            id="a re-opening is another matter",
        ),
        pytest.param(
            story(created="2026-03-09 08:00:00", status="Opened"), 0, 0, id="not over yet"
        ),
    ],
)
def test_what_counts_as_answered_in_time(given: Story, in_time: int, late: int):
    """By the clock that waits for the first answer."""
    found = figures(given)
    assert (found.in_time, found.late) == (in_time, late)


def test_reopened_is_a_share_of_what_was_closed():
    """One of two."""
    back = story(closed(2), made(EventKind.REOPENED, 3, "jdoe"), status="Reopened")
    found = figures(back, story(closed(2)))
    assert (found.closed, found.reopened, found.reopened_share) == (2, 1, 0.5)


def test_load_is_counted_by_person():
    """Open by owner, answers by their author, closings by who closed."""
    found = figures(story(said(1, "adiaz"), closed(2)), story(owner="adiaz", status="Opened"))
    assert [(e.user, e.open, e.answered, e.closed) for e in found.engineers] == [
        ("adiaz", 1, 1, 0), ("bkim", 0, 0, 1),
    ]  # fmt: skip


def test_levels_are_counted_within_the_period():
    """By rule and level; what lies outside is left out."""
    levels = [("e", "50%", MORNING), ("e", "50%", END), ("e", "100%", MORNING)]
    found = figures(story(levels=levels), story(levels=levels[:1]))
    assert found.escalations == {("e", "100%"): 1, ("e", "50%"): 2}


def test_every_day_of_the_period_is_there():
    """Quiet ones too, by the local date."""
    found = figures(story(closed(2)))
    assert len(found.days) == 9
    assert found.days[1][1:] == (1, 1)
    assert sum(day[1] for day in found.days) == 1


def test_nothing_is_no_error():
    """An empty desk has no shares, and a page all the same."""
    found = figures()
    assert (found.in_time_share, found.first_call_share, found.answer_median) == (None, None, None)
    assert "<h1>" in render_page(found, ZONE, "Desk")


@pytest.mark.catalogue("S16")
def test_hostile_names_stay_text_on_the_page():
    """No markup of theirs, and nothing is loaded from anywhere."""
    name = "<img src=x onerror=alert(1)>"
    found = figures(story(status="Opened", owner=name), story(levels=[(name, name, MORNING)]))
    page = render_page(found, ZONE, name)
    assert "<img" not in page
    assert not any(word in page for word in ("<script", "http:", "https:", "url(", "@import"))
