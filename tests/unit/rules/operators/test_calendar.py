"""in_calendar."""

import pytest

from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.issue import Known
from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_facts, make_ticket, read, refuse
from tests.unit.rules.rulebook import MONDAY, ask, book

NO_DUE = make_facts(make_ticket(due_date=None))
NO_CREATED = make_facts(make_ticket(created=None))
EARLY = make_facts(make_ticket(created="2026-03-09 07:59:59"))
OPENING = make_facts(make_ticket(created="2026-03-09 08:00:00"))
CLOSING = make_facts(make_ticket(created="2026-03-09 17:00:00"))
WEEK_END = make_facts(make_ticket(created="2026-03-08 12:00:00"))

ROWS = [
    Row("noon on a working day", "now", "in_calendar", "office", "yes", detail="matched: office"),
    Row("of a list, any one", "now", "in_calendar", ["office"], "yes"),
    Row("submitted in working hours", "created", "in_calendar", "office", "yes"),
    Row("before the door opens", "created", "in_calendar", "office", "no", EARLY),
    Row("the minute of opening is open", "created", "in_calendar", "office", "yes", OPENING),
    Row("the minute of closing is closed", "created", "in_calendar", "office", "no", CLOSING),
    Row("a Sunday", "created", "in_calendar", "office", "no", WEEK_END),
    Row("a closed day", "due_date", "in_calendar", "office", "no"),
    Row("no date is in no calendar", "due_date", "in_calendar", "office", "no", NO_DUE),
    Row("a date that was not sent", "created", "in_calendar", "office", "unknown", NO_CREATED),
    Row("midnight in a custom field", "custom_5", "in_calendar", "office", "no"),
    Row("a text that is no date", "custom_3", "in_calendar", "office", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "message", "cure"),
    [
        pytest.param({"now": {"in_calendar": "offise"}}, "unknown calendar", "'office'", id="typo"),
        pytest.param({"title": {"in_calendar": "office"}}, "does not fit title", "is", id="text"),
        pytest.param({"age": {"in_calendar": "office"}}, "does not fit age", "more_than", id="age"),
        pytest.param({"now": {"in_calendar": []}}, "the list is empty", "Name", id="nothing"),
    ],
)
def test_it_is_refused(condition: object, message: str, cure: str) -> None:
    """A name that no file defines, and a field that is no moment, are problems."""
    (issue,) = refuse(condition)
    assert message in issue.message
    assert cure in issue.fix


def test_a_calendar_nobody_has_heard_of_is_not_known() -> None:
    """Where names were not checked, a missing calendar leaves the question open."""
    found = evaluate(read({"now": {"in_calendar": "night"}}, Known()), make_facts())
    assert (found.verdict.value, found.detail) == ("unknown", "there is no calendar 'night'")


def test_rules_see_the_calendars_of_their_file() -> None:
    """The production evaluator hands the configured calendars to conditions."""
    rules = book(
        "classify: [{id: open, event: created, if: {now: {in_calendar: office}},"
        " then: {set: {priority: High}}}]"
    )
    assert ask(rules, now=MONDAY).fired() == ["open"]
    assert ask(rules, now=MONDAY.replace(hour=12, minute=30)).fired() == []
