"""changed, times_changed, last_changed_by."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from kace_bridge.rules.facts import Desk
from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_event, make_facts, make_ticket, refuse

RAISED = make_event("changed", ("priority", "Low", "High"))
CLOSED = make_event("changed", ("state", "opened", "closed"), ("status", "Opened", "Done"))
CLOSING = make_event("closed", ("state", "opened", "closed"), ("status", "Opened", "Done"))
RENAMED = make_event("changed", ("status", "New", "Opened"))
TAKEN = make_event("changed", ("owner", None, "fruiz"))
TAGGED = make_event("changed", ("custom_3", None, "LT-1"))
MOVED = make_event("changed", ("hd_queue_id", "2", "1"))
DUE = make_event("changed", ("due_date", None, "2026-03-12 17:00:00"))
PAST = (
    make_event("changed", ("owner", None, "adiaz"), hours_ago=9),
    make_event("changed", ("owner", "adiaz", "fruiz"), hours_ago=8),
    make_event("closed", ("status", "Opened", "Closed"), hours_ago=7, author="jdoe"),
    make_event("changed", ("status", "Opened", "Closed"), hours_ago=7, author="jdoe"),
    make_event("changed", ("priority", "Low", "High"), hours_ago=6, author=None),
)
BEFORE = make_ticket(hd_queue_id=2, queue={"id": 2, "name": "Campus"})


def on(event: object, **more: object) -> object:
    """Facts with *event* being judged."""
    return make_facts(event=event, **more)  # type: ignore[arg-type]


LATER = make_facts(timeline=PAST)
UNLABELLED = make_facts(event=TAGGED, timeline=PAST, desk=Desk())

ROWS = [
    Row("any change of the field", "priority", "changed", True, "yes", on(RAISED),
        detail="priority: Low -> High"),
    Row("from one of several, to one", "priority", "changed", {"from": ["Low", "Medium"], "to": "high"},
        "yes", on(RAISED)),
    Row("from another", "priority", "changed", {"from": "Medium"}, "no", on(RAISED)),
    Row("to another than named", "priority", "changed", {"other_than": "Medium"}, "yes", on(RAISED)),
    Row("to the one excluded", "priority", "changed", {"other_than": ["High"]}, "no", on(RAISED)),
    Row("another field changed", "priority", "changed", True, "no", on(TAKEN)),
    Row("without an event nothing is known", "priority", "changed", True, "unknown", make_facts()),
    Row("to a closed state", "status", "changed", {"to": {"state": "closed"}}, "yes", on(CLOSED)),
    Row("from an open state", "status", "changed", {"from": {"state": ["opened", "stalled"]}}, "yes",
        on(CLOSED)),
    Row("the closing event repeats the change and is not matched", "status", "changed",
        {"to": {"state": "closed"}}, "no", on(CLOSING)),
    Row("a state that stayed is read from the ticket", "status", "changed",
        {"to": {"state": "opened"}}, "yes", on(RENAMED)),
    Row("a state nobody told", "status", "changed", {"to": {"state": "opened"}}, "unknown",
        on(RENAMED, ticket=make_ticket(status=None))),
    Row("from nobody", "owner", "changed", {"from": None}, "yes", on(TAKEN)),
    Row("to a team", "owner", "changed", {"to": {"in_team": "network"}}, "yes", on(TAKEN)),
    Row("to another team", "owner", "changed", {"to": {"in_team": "desk"}}, "no", on(TAKEN)),
    Row("a custom field by its label", "custom.Asset Tag", "changed", {"to": {"starts_with": "LT"}},
        "yes", on(TAGGED)),
    Row("a label nobody knows", "custom.asset tag", "changed", True, "unknown", UNLABELLED),
    Row("to a queue by name", "queue", "changed", {"from": "campus", "to": "Help Desk"}, "yes",
        on(MOVED, before=BEFORE)),
    Row("from a queue whose name is not at hand", "queue", "changed", {"from": "campus"}, "unknown",
        on(MOVED)),
    Row("to a queue by number", "hd_queue_id", "changed", {"to": 1}, "yes", on(MOVED)),
    Row("to a date", "due_date", "changed", {"to": {"less_than": "2026-04-01"}}, "yes", on(DUE)),
    Row("often enough", "owner", "times_changed", {"at_least": 2}, "yes", LATER,
        detail="changed 2 times"),
    Row("closing counts once", "status", "times_changed", {"is": 1}, "yes", LATER),
    Row("not often enough", "owner", "times_changed", {"more_than": 2}, "no", LATER),
    Row("what comes after the judged event does not count", "owner", "times_changed", {"is": 1},
        "yes", make_facts(event=PAST[0], timeline=PAST)),
    Row("a label without a key was changed who knows how often", "custom.asset tag", "times_changed",
        {"is": 0}, "unknown", UNLABELLED),
    Row("by the submitter", "status", "last_changed_by", "submitter", "yes", LATER),
    Row("by the owner or a named person", "owner", "last_changed_by", ["owner", "bkim"], "yes", LATER),
    Row("by staff", "owner", "last_changed_by", "staff", "yes", LATER),
    Row("not by staff", "status", "last_changed_by", "staff", "no", LATER),
    Row("by a member of a team", "owner", "last_changed_by", {"in_team": "desk"}, "yes", LATER),
    Row("by nobody, for it never changed", "category", "last_changed_by", "staff", "no", LATER),
    Row("by somebody not known", "priority", "last_changed_by", "staff", "unknown", LATER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "message", "cure"),
    [
        pytest.param({"age": {"changed": True}}, "does not fit age", "more_than", id="computed"),
        pytest.param({"status": {"changed": "New"}}, "cannot read", "{from: ..., to: ...}", id="text"),
        pytest.param({"status": {"changed": {}}}, "cannot read", "true for any", id="nothing"),
        pytest.param({"status": {"changed": {"form": "New"}}}, "unknown key 'form'", "'from'", id="key"),
        pytest.param({"state": {"changed": {"to": "close"}}}, "unknown state", "'closed'", id="state"),
        pytest.param({"status": {"changed": {"to": {}}}}, "the map is empty", "operator", id="end"),
        pytest.param({"status": {"changed": {"to": {"changed": True}}}}, "one end", "", id="twice"),
        pytest.param({"owner": {"times_changed": 3}}, "comparison", "at_least: 3", id="count"),
        pytest.param({"owner": {"times_changed": {"at_last": 3}}}, "unknown operator", "at_least",
                     id="misspelt"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be_told_are_refused(
    condition: object, message: str, cure: str
) -> None:
    """A change that no event could report, or that is misspelt, is refused with a cure."""
    (issue,) = refuse(condition)
    assert message in issue.message
    assert cure in issue.fix
