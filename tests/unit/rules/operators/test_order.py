"""at_least, at_most, more_than, less_than, between, older_than, younger_than, within."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import DESK, make_facts, make_ticket, refuse

NO_PRIORITY = make_facts(make_ticket(priority=None))
NO_DUE = make_facts(make_ticket(due_date=None))
NO_CREATED = make_facts(make_ticket(created=None))
STRANGE = make_facts(make_ticket(priority={"name": "Urgent"}))
HIGH = make_facts(make_ticket(priority={"name": "high"}))
IMPACT = make_facts(make_ticket(impact={"name": "Many"}))
MARCH = ["2026-03-01", "2026-03-31"]

ROWS = [
    Row("High is at least Medium", "priority", "at_least", "Medium", "yes", HIGH),
    Row("Medium is at least Medium", "priority", "at_least", "Medium", "yes"),
    Row("Medium is not at least High", "priority", "at_least", "High", "no"),
    Row("a priority outside the order has no rank", "priority", "at_least", "High", "unknown", STRANGE),
    Row("a value outside the order has no rank", "priority", "at_least", "Urgent", "unknown"),
    Row("the same name has the same rank anywhere", "priority", "at_least", "urgent", "yes", STRANGE),
    Row("a field without an order has no rank", "impact", "at_least", "One", "unknown", IMPACT),
    Row("no priority is at least nothing", "priority", "at_least", "Low", "no", NO_PRIORITY),
    Row("a day and later", "created", "at_least", "2026-03-09", "yes"),
    Row("a number read in a custom field", "custom_4", "at_least", 17, "yes"),
    Row("a date read in a custom field", "custom_5", "at_least", "2026-03-01", "yes"),
    Row("a text that is no number", "custom_3", "at_least", 5, "unknown"),
    Row("a text that is no date", "custom_3", "at_least", "2026-03-01", "unknown"),
    Row("a clock's working hours", "clock.respond", "at_least", "3bh", "yes"),
    Row("Medium is at most High", "priority", "at_most", "High", "yes"),
    Row("Medium is not at most Low", "priority", "at_most", "Low", "no"),
    Row("all of a day counts as at most that day", "created", "at_most", "2026-03-09", "yes"),
    Row("an unread date is not known", "created", "at_most", "2026-03-09", "unknown", NO_CREATED),
    Row("more is more", "age", "more_than", "1d", "yes"),
    Row("the same is not more", "clock.respond", "more_than", "3h", "no"),
    Row("after a day begins the next", "created", "more_than", "2026-03-09", "no"),
    Row("the age of an unread date is not known", "age", "more_than", "1d", "unknown", NO_CREATED),
    Row("Medium is less than High", "priority", "less_than", "High", "yes"),
    Row("before a day", "due_date", "less_than", "2026-03-12", "no"),
    Row("no date lies before nothing", "due_date", "less_than", "2030-01-01", "no", NO_DUE),
    Row("less than what has no rank", "priority", "less_than", "Urgent", "unknown"),
    Row("both days included", "created", "between", ["2026-03-01", "2026-03-09"], "yes"),
    Row("outside the days", "created", "between", ["2026-02-01", "2026-02-28"], "no"),
    Row("an unread date between days is not known", "created", "between", MARCH, "unknown", NO_CREATED),
    Row("numbers between", "id", "between", [40, 41], "yes"),
    Row("ranks between", "priority", "between", ["Low", "Medium"], "yes"),
    Row("a certain no decides over an unsure end", "priority", "between", ["High", "Urgent"], "no"),
    Row("an unsure end leaves it open", "priority", "between", ["Low", "Urgent"], "unknown"),
    Row("spans between", "age", "between", ["1d", "2d"], "yes"),
    Row("a day and three hours are older than a day", "created", "older_than", "1d", "yes"),
    Row("they are not older than two", "created", "older_than", "2d", "no"),
    Row("an unread date has no age", "created", "older_than", "1d", "unknown", NO_CREATED),
    Row("no due date is older than nothing", "due_date", "older_than", "1m", "no", NO_DUE),
    Row("a custom date has an age", "custom_5", "older_than", "1w", "yes"),
    Row("an hour is younger than two", "modified", "younger_than", "2h", "yes"),
    Row("an hour is not younger than one", "modified", "younger_than", "1h", "no"),
    Row("what lies ahead is young", "due_date", "younger_than", "1m", "yes"),
    Row("an unread date is not known young", "created", "younger_than", "1d", "unknown", NO_CREATED),
    Row("soon is within", "due_date", "within", "3d", "yes"),
    Row("just past is within", "modified", "within", "1h", "yes"),
    Row("far off is not within", "due_date", "within", "2d", "no"),
    Row("an unread date is within nothing known", "created", "within", "1d", "unknown", NO_CREATED),
]  # fmt: skip


def test_without_an_order_only_equal_names_are_ranked() -> None:
    """The fixture desk orders priorities alone, so the unknown rows mean what they say."""
    assert set(DESK.orders) == {"priority"}


@pytest.mark.parametrize(
    ("condition", "message", "cure"),
    [
        pytest.param(
            {"reopened": {"at_least": "2"}}, "expected a number", "without quotes", id="a"
        ),
        pytest.param({"created": {"at_least": "soon"}}, "expected a date", "2026-03-02", id="b"),
        pytest.param({"created": {"at_least": "9999-12-31"}}, "expected a date", "", id="c"),
        pytest.param({"age": {"more_than": 3}}, "expected a duration", "2d", id="d"),
        pytest.param({"age": {"more_than": "99999w"}}, "expected a duration", "ten years", id="e"),
        pytest.param({"age": {"more_than": "1bd"}}, "working time", "clock", id="f"),
        pytest.param({"clock.respond": {"more_than": "1bd"}}, "working time", "hours", id="g"),
        pytest.param({"id": {"between": [5, 1]}}, "after its end", "[1, 5]", id="h"),
        pytest.param({"id": {"between": 5}}, "two values", "[lowest, highest]", id="i"),
        pytest.param({"age": {"between": ["2d", "1d"]}}, "after its end", "", id="j"),
        pytest.param({"created": {"between": [*reversed(MARCH)]}}, "after its end", "", id="k"),
        pytest.param({"title": {"more_than": 3}}, "does not fit title", "contains", id="l"),
        pytest.param({"owner": {"at_least": "x"}}, "does not fit owner", "in_team", id="m"),
    ],
)
def test_what_has_no_order_is_refused(condition: object, message: str, cure: str) -> None:
    """A bound that cannot be compared is refused with a cure."""
    (issue,) = refuse(condition)
    assert message in issue.message
    assert cure in issue.fix
