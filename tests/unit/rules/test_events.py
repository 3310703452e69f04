"""Reading ``event:`` and matching what happened against it."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.condition import Issue
from kace_bridge.rules.events import EventMatch, parse_event
from tests.unit.rules.picture import KNOWN, make_event, make_facts, make_ticket

CREATED = make_event("created", author="jdoe")
TAKEN = make_event("changed", ("owner", None, "bkim"), ("priority", "Low", "High"))
DONE = [("state", "opened", "closed"), ("status", "Opened", "Closed")]
CLOSED_ROW = (make_event("changed", *DONE), make_event("closed", *DONE))
REOPENED = make_event("reopened", ("state", "closed", "opened"), ("status", "Closed", "Opened"))
ASKED = make_event("commented", author="JDoe")
ANSWERED = make_event("commented", author="adiaz", staff=True)
NOTED = make_event("commented", author="bkim", staff=True, public=False)
UNSIGNED = make_event("commented", author=None)
TO_CLOSED = {"changed": {"status": {"to": {"state": "closed"}}}}


def parse(data: object) -> EventMatch:
    """The match *data* means; fails the test where it is refused."""
    problems: list[Issue] = []
    found = parse_event(data, ("event",), problems, KNOWN)
    assert not problems, problems
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("data", "event", "verdict"),
    [
        pytest.param("created", CREATED, "yes", id="a creation"),
        pytest.param("created", TAKEN, "no", id="a change is no creation"),
        pytest.param(["created", "reopened"], REOPENED, "yes", id="one of a list"),
        pytest.param(["created", "reopened"], ASKED, "no", id="none of a list"),
        pytest.param("changed", TAKEN, "yes", id="any change"),
        pytest.param({"changed": "owner"}, TAKEN, "yes", id="a change of one field"),
        pytest.param({"changed": "status"}, TAKEN, "no", id="a change of another field"),
        pytest.param({"changed": ["queue", "owner"]}, TAKEN, "yes", id="one of several fields"),
        pytest.param({"changed": {"owner": True, "priority": {"to": "High"}}}, TAKEN, "yes",
                     id="both fields at once"),
        pytest.param({"changed": {"owner": True, "status": True}}, TAKEN, "no",
                     id="not both fields"),
        pytest.param({"changed": {"priority": {"from": "Low", "other_than": "Medium"}}}, TAKEN, "yes",
                     id="from, and to another than"),
        pytest.param({"changed": {"owner": {"to": {"in_team": "desk"}}}}, TAKEN, "yes",
                     id="to a member of a team"),
        pytest.param(TO_CLOSED, REOPENED, "no", id="re-opening is no closing"),
        pytest.param("closed", CLOSED_ROW[1], "yes", id="a closing"),
        pytest.param("closed", CLOSED_ROW[0], "no", id="the change beside a closing is none"),
        pytest.param({"commented": True}, NOTED, "yes", id="any comment"),
        pytest.param({"commented": {"by": "submitter"}}, ASKED, "yes", id="by the submitter"),
        pytest.param({"commented": {"by": "submitter"}}, ANSWERED, "no", id="not by the submitter"),
        pytest.param({"commented": {"by": "submitter"}}, UNSIGNED, "unknown", id="by nobody knows"),
        pytest.param({"commented": {"by": "staff"}}, ANSWERED, "yes", id="by staff"),
        pytest.param({"commented": {"by": "staff"}}, ASKED, "no", id="not by staff"),
        pytest.param({"commented": {"by": "owner"}}, ANSWERED, "yes", id="by the owner"),
        pytest.param({"commented": {"by": "owner"}}, NOTED, "no", id="not by the owner"),
        pytest.param({"commented": {"by": ["submitter", "bkim"]}}, NOTED, "yes", id="by a person"),
        pytest.param({"commented": {"by": "anyone"}}, UNSIGNED, "yes", id="by anyone"),
        pytest.param({"commented": {"public": True}}, ANSWERED, "yes", id="readable by the submitter"),
        pytest.param({"commented": {"by": "staff", "public": True}}, NOTED, "no", id="a private note"),
        pytest.param({"commented": {"by": "staff", "public": False}}, NOTED, "yes", id="only notes"),
    ],
)  # fmt: skip
def test_events_are_matched(data: object, event: Event, verdict: str) -> None:
    """What happened is of the kind waited for, or not, or nobody knows."""
    assert parse(data).match(event, make_facts(event=event)).verdict.value == verdict


@pytest.mark.parametrize("data", [TO_CLOSED, "closed", {"changed": "state"}])
def test_one_row_of_history_fires_once(data: object) -> None:
    """A closing is told as a change and as a closing; whichever is waited for matches one."""
    found = [
        parse(data).match(event, make_facts(event=event)).verdict.value for event in CLOSED_ROW
    ]
    assert sorted(found) == ["no", "yes"]


def test_nobody_owns_the_ticket_so_the_owner_said_nothing() -> None:
    """A role that nobody holds matches nobody."""
    facts = make_facts(make_ticket(owner=None), event=ANSWERED)
    assert parse({"commented": {"by": "owner"}}).match(ANSWERED, facts).verdict.value == "no"


def test_a_match_says_what_it_saw() -> None:
    """The trace names the pattern, the happening and the change, hostile names tamed."""
    event = make_event("changed", ("priority", "Low", "\x1b[2JHigh"), author="ad\u202eiaz")
    data = parse({"changed": ["priority", "owner"]}).match(event, make_facts()).as_data()
    assert data == {
        "verdict": "yes",
        "label": "event changed",
        "expected": "changed priority owner",
        "actual": "changed by adiaz, priority: Low -> [2JHigh",
        "detail": "priority: Low -> [2JHigh; owner did not change",
        "path": ["event", "changed"],
    }


def test_a_list_traces_each_of_its_events() -> None:
    """Every pattern of a list is judged and shown."""
    judgement = parse(["created", {"changed": "owner"}]).match(CREATED, make_facts())
    assert judgement.label == "any event"
    assert [child.path for child in judgement.children] == [("event", 0), ("event", 1, "changed")]


def test_the_kinds_that_can_match_are_told() -> None:
    """So that what cannot matter need not be judged."""
    assert parse(["created", {"changed": "owner"}]).kinds == {EventKind.CREATED, EventKind.CHANGED}


@pytest.mark.parametrize(
    ("data", "path", "message", "fix"),
    [
        pytest.param("closd", (), "unknown event 'closd'", "'closed'", id="misspelt"),
        pytest.param(None, (), "unknown event 'nothing'", "created", id="nothing"),
        pytest.param([], (), "list of events is empty", "created", id="an empty list"),
        pytest.param([["created"]], (0,), "unknown event", "", id="a list in a list"),
        pytest.param({}, (), "one event at a time", "Write a list", id="an empty map"),
        pytest.param({"created": None, "closed": None}, (), "one event at a time", "list", id="two"),
        pytest.param({"created": None}, ("created",), "takes no more", "under if", id="created: null"),
        pytest.param({"closed": {"by": "x"}}, ("closed",), "takes no more", "under if", id="closed by"),
        pytest.param({"changed": None}, ("changed",), "needs a field", "changed: owner", id="no field"),
        pytest.param({"changed": []}, ("changed",), "needs a field", "", id="no fields"),
        pytest.param({"changed": "ownr"}, ("changed", "ownr"), "unknown field", "'owner'", id="field"),
        pytest.param({"changed": ["owner", "age"]}, ("changed", "age"), "no event tells", "", id="age"),
        pytest.param({"changed": {"status": "Closed"}}, ("changed", "status"), "cannot read",
                     "{to: Closed}", id="a bare value"),
        pytest.param({"changed": {"status": {"too": "x"}}}, ("changed", "status"), "unknown key 'too'",
                     "'to'", id="a misspelt end"),
        pytest.param({"commented": None}, ("commented",), "needs a map", "by: submitter", id="null"),
        pytest.param({"commented": {"form": "x"}}, ("commented", "form"), "unknown key", "by, public",
                     id="a strange key"),
        pytest.param({"commented": {"by": 5}}, ("commented", "by"), "needs a name", "submitter", id="by"),
        pytest.param({"commented": {"by": []}}, ("commented", "by"), "needs a name", "", id="by none"),
        pytest.param({"commented": {"public": "no"}}, ("commented", "public"), "true or false", "",
                     id="public"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_place_and_cure(
    data: object, path: tuple[str | int, ...], message: str, fix: str
) -> None:
    """What is wrong, where, and what to write instead."""
    problems: list[Issue] = []
    assert parse_event(data, ("event",), problems, KNOWN) is None
    (issue,) = problems
    assert issue.path == ("event", *path)
    assert message in issue.message
    assert fix in issue.fix
