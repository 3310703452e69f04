"""What every field reads, and what it reads where the appliance is silent."""
# ruff: noqa: E501 (in a table, one case is one line)

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import yaml

from kace_bridge.model.event import Event
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference
from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.fields._registry import (
    FAMILIES,
    FIELDS,
    MISSING,
    find_field,
    load_fields,
)
from kace_bridge.rules.issue import Known
from kace_bridge.rules.reference import describe_fields, describe_operators, read_example
from tests.unit.rules.picture import DESK, ZONE, make_event, make_facts, make_ticket, read

load_fields()
DOCS = {name: field.doc for name, field in FIELDS.items()} | {
    group.shown: group.doc for group in FAMILIES.values()
}


def value_of(name: str, facts: Facts | None = None) -> object:
    """What the field *name* reads; people and named things by their names."""
    value = find_field(name, Known()).read(facts or make_facts())
    if isinstance(value, Person):
        return value.user_name
    return value.name if isinstance(value, Reference) else value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 41),
        ("title", "VPN drops"),
        ("summary", "Since Monday there is no internet"),
        ("text", "VPN drops\nSince Monday there is no internet"),
        ("resolution", ""),
        ("cc_list", ""),
        ("category", "Network::VPN"),
        ("priority", "Medium"),
        ("status", "Opened"),
        ("state", "opened"),
        ("queue", "Help Desk"),
        ("hd_queue_id", 1),
        ("created", datetime(2026, 3, 9, 9, 0, tzinfo=ZONE)),
        ("modified", datetime(2026, 3, 10, 11, 0, tzinfo=ZONE)),
        ("now", datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)),
        ("due_date", datetime(2026, 3, 12, 17, 0, tzinfo=ZONE)),
        ("owner", "adiaz"),
        ("owner.team", "desk"),
        ("submitter", "jdoe"),
        ("submitter.full_name", "Jane Doe"),
        ("submitter.email", "jdoe@example.org"),
        ("submitter.location", "Annex"),
        ("location", "Annex"),
        ("custom_3", "LT-0042"),
        ("custom.Asset Tag", "LT-0042"),
        ("age", timedelta(days=1, hours=3)),
        ("clock.respond", timedelta(hours=3)),
    ],
)
def test_a_field_reads_what_the_ticket_says(name: str, value: object) -> None:
    """The usual ticket, field by field; the desk completes what the ticket says of people."""
    assert value_of(name) == value


@pytest.mark.parametrize(
    ("name", "changes", "value"),
    [
        pytest.param("owner", {"owner": None}, None, id="no owner is nobody"),
        pytest.param("owner.team", {"owner": None}, None, id="nobody is in no team"),
        pytest.param("owner.email", {"owner": None}, None, id="nobody has no address"),
        pytest.param("owner.email", {"owner": {"user_name": "x", "email": "x@example.org"}},
                     "x@example.org", id="a stranger's address is on the ticket"),
        pytest.param("owner.location", {"owner": {"user_name": "x"}}, MISSING,
                     id="where a stranger sits is not told"),
        pytest.param("owner.team", {"owner": {"user_name": "x"}}, None, id="a stranger neither"),
        pytest.param("category", {"category": None}, None, id="no category is none"),
        pytest.param("impact", {}, None, id="no impact is none"),
        pytest.param("machine", {}, None, id="no machine is none"),
        pytest.param("asset", {}, None, id="no asset is none"),
        pytest.param("approver", {}, None, id="no approver is none"),
        pytest.param("due_date", {"due_date": "0000-00-00 00:00:00"}, None, id="a zero date is none"),
        pytest.param("state", {"status": None}, None, id="without a status there is no state"),
        pytest.param("state", {"status": {"name": "New"}}, MISSING, id="a status set by name only"),
        pytest.param("state", {"status": {"id": 4}}, MISSING, id="a status by number only"),
        pytest.param("status", {"status": {"id": 4}}, MISSING, id="a name that was not sent"),
        pytest.param("queue", {"queue": None}, MISSING, id="every ticket has a queue"),
        pytest.param("hd_queue_id", {"hd_queue_id": None}, MISSING, id="and its number"),
        pytest.param("title", {"title": None}, MISSING, id="every ticket has a title"),
        pytest.param("title", {"title": ""}, "", id="which may be blank"),
        pytest.param("summary", {"summary": None}, "", id="an absent summary is empty"),
        pytest.param("text", {"summary": None}, "VPN drops", id="the title alone is the text"),
        pytest.param("text", {"title": None, "summary": None}, MISSING, id="no text at all"),
        pytest.param("created", {"created": None}, MISSING, id="every ticket was created"),
        pytest.param("age", {"created": None}, MISSING, id="and has an age"),
        pytest.param("modified", {"modified": None}, MISSING, id="and was modified"),
        pytest.param("idle", {"modified": None}, MISSING, id="or nobody knows since when it rests"),
        pytest.param("custom_3", {"custom_3": None}, MISSING, id="a custom field not sent"),
        pytest.param("custom_3", {"custom_3": ""}, "", id="a custom field sent empty"),
        pytest.param("location", {"submitter": None}, None, id="nobody sits nowhere"),
        pytest.param("location", {"submitter": {"user_name": "x"}}, MISSING, id="a stranger's place"),
        pytest.param("location", {"submitter": {"user_name": "x", "location": ""}}, "",
                     id="a place sent empty"),
    ],
)  # fmt: skip
def test_empty_is_not_unknown(name: str, changes: dict[str, object], value: object) -> None:
    """The appliance leaves out what is empty; what cannot be empty and is absent is not known."""
    assert value_of(name, make_facts(make_ticket(**changes))) == value


def test_an_unknown_label_clock_or_past_is_not_known() -> None:
    """What the site names, but these facts do not hold, is not known."""
    assert value_of("custom.Room") is MISSING
    assert value_of("clock.other") is MISSING
    assert value_of("before.status") is MISSING
    assert value_of("author") is MISSING
    assert value_of("comment") is MISSING


def test_before_reads_the_earlier_ticket() -> None:
    """Every field of the ticket has a before."""
    earlier = make_ticket(priority={"name": "Low"}, owner=None)
    facts = make_facts(before=earlier)
    assert value_of("before.priority", facts) == "Low"
    assert value_of("before.owner", facts) is None
    assert value_of("before.owner.team", facts) is None


BORN = make_event("created", hours_ago=27, author="jdoe")


@pytest.mark.parametrize(
    ("born", "channel"),
    [
        pytest.param(BORN, "portal", id="by the submitter"),
        pytest.param(replace(BORN, via_email=True), "email", id="by mail"),
        pytest.param(make_event("created", author="bkim", staff=True), "phone", id="by staff"),
        pytest.param(replace(BORN, staff=True), "portal", id="by staff for themselves"),
        pytest.param(make_event("created", author="other"), "portal", id="by somebody else"),
        pytest.param(make_event("created", author=None), MISSING, id="by nobody knows whom"),
        pytest.param(make_event("commented"), MISSING, id="not seen"),
    ],
)
def test_the_channel_is_read_from_the_creation(born: Event, channel: object) -> None:
    """Mail is marked, staff writing for others took a call, all else came by the portal."""
    assert value_of("channel", make_facts(timeline=(born,))) == channel
    assert value_of("channel", make_facts(event=born)) == channel


HISTORY = (
    BORN,
    make_event("changed", ("owner", None, "adiaz"), hours_ago=26),
    make_event("changed", ("owner", "adiaz", "bkim"), hours_ago=25),
    make_event("changed", ("owner", "bkim", None), hours_ago=24),
    make_event("changed", ("owner", None, "fruiz"), hours_ago=23),
    make_event("closed", ("status", "Opened", "Closed"), hours_ago=22),
    make_event("reopened", ("status", "Closed", "Opened"), hours_ago=10),
    make_event("changed", ("owner", "fruiz", "bkim"), hours_ago=9),
    make_event("commented", hours_ago=1, own=True),
)


def test_history_is_counted() -> None:
    """Re-openings, moves between teams, rest and days since closing come from the timeline."""
    facts = make_facts(timeline=HISTORY)
    assert value_of("reopened", facts) == 1
    assert value_of("moved", facts) == 2
    assert value_of("idle", facts) == timedelta(hours=9)
    assert value_of("days_since_closed", facts) == pytest.approx(22 / 24)


def test_what_came_after_the_judged_event_does_not_count() -> None:
    """Several hops between two polls are judged one by one, each as it was."""
    facts = make_facts(timeline=HISTORY, event=HISTORY[6])
    assert value_of("days_since_closed", facts) == pytest.approx(0.5)
    assert value_of("moved", facts) == 1
    assert value_of("reopened", make_facts(timeline=HISTORY, event=HISTORY[5])) == 0
    absent = make_facts(timeline=HISTORY[:6], event=HISTORY[6])
    assert value_of("days_since_closed", absent) == pytest.approx(0.5)


def test_days_since_closed_without_a_closing_seen() -> None:
    """Never closed is empty; closed before the bridge looked is not known."""
    assert value_of("days_since_closed") is None
    closed = make_ticket(status={"name": "Closed", "state": "closed"})
    assert value_of("days_since_closed", make_facts(closed)) is MISSING
    assert value_of("days_since_closed", make_facts(event=HISTORY[6])) is MISSING


def test_without_a_timeline_the_last_save_tells_how_long_it_rests() -> None:
    """The appliance's own stamp is the net below."""
    assert value_of("idle") == timedelta(hours=1)


def test_author_and_comment_come_from_the_judged_event() -> None:
    """Their absence in an event is told apart from no event."""
    said = make_event("commented", comment="thanks")
    assert value_of("comment", make_facts(event=said)) == "thanks"
    assert value_of("author", make_facts(event=said)) == "adiaz"
    assert value_of("author", make_facts(event=make_event(author=None))) is MISSING
    assert value_of("comment", make_facts(event=make_event())) == ""


def test_people_are_completed_from_the_desk() -> None:
    """The ticket's own words win over what the desk remembers."""
    ticket = make_ticket(submitter={"user_name": "jdoe", "location": "Library"})
    assert value_of("location", make_facts(ticket)) == "Library"
    assert value_of("location", make_facts(desk=replace(DESK, people={}))) is MISSING
    assert value_of("owner.team", make_facts(desk=Desk())) is None


@pytest.mark.parametrize("name", sorted(DOCS))
def test_every_field_is_documented_with_a_working_example(name: str) -> None:
    """Each field's documentation begins with a sentence and holds an example that is judged."""
    assert DOCS[name].strip().split("\n\n")[0].endswith(".")
    condition = read(yaml.safe_load(read_example(DOCS[name])), Known())
    label = evaluate(condition, make_facts()).label
    assert label.startswith(name.rstrip("NFIELDABM"))


def test_the_reference_lists_every_field_and_operator() -> None:
    """The generated pages hold each name, its meaning and its example."""
    pages = describe_fields() + describe_operators()
    for name, doc in DOCS.items():
        assert f"# `{name}`" in pages
        assert read_example(doc) in pages
    assert "Holds `opened`, `closed` or `stalled`." in pages
    assert (
        "## `any_word`\n\nFor fields that hold text, a name, a person or a custom field." in pages
    )
    assert "Example:" not in pages
