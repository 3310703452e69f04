"""The client and the sandbox, written apart, mean the same: filters, and every ticket."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.clock import ManualClock
from kace_bridge.model.text import clean_text, html_to_text
from kace_bridge.sandbox import Appliance, Settings
from kace_bridge.sandbox.query import OPERATORS, parse_query
from kace_bridge.sma import Sma, clause
from kace_bridge.sma.query import build_query, lower_bound
from kace_bridge.sma.transport import encode_query
from tests.sma.data import DESK
from tests.support.mount import mount

URL = "https://kace.example.org"
ZONE = ZoneInfo("America/New_York")
NAMES = st.sampled_from(["id", "title", "custom_3", "MODIFIED", "hd_status.name", "owner.email"])
TEXTS = st.text(max_size=30) | st.sampled_from(["a=b&c", "50%", "x + y", "#1?", "in 1;2", "ü,"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)
VALUES = TEXTS | st.integers(-5, 10**9) | MOMENTS
WORDS = st.sampled_from(sorted({*OPERATORS} - {"ne", "nc", "ns", "en", "nen"}))


@contextmanager
def connected(app: Appliance) -> Iterator[Sma]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mount(mock, app, URL)
        yield Sma(
            URL,
            username=app.settings.username,
            password=app.settings.password,
            timezone=ZONE,
            clock=ManualClock(app.clock.now()),
        )


@pytest.mark.catalogue("S21")
@given(NAMES | st.just("*"), WORDS, VALUES | st.lists(VALUES, max_size=3) | st.none())
def test_a_filter_means_the_same_in_the_parser_of_the_sandbox(field, operator, value):
    """What the builder accepts is one clause there: same field, operator and values."""
    try:
        made = clause(field, operator, value)
    except ValueError:
        return
    query = build_query(ZONE, where=made & clause("hd_queue_id", "eq", 1), shaping="owner all")
    parsed = parse_query(encode_query(query).removeprefix("?"), "hd_ticket")
    assert len(parsed.clauses) == 2
    found = parsed.clauses[0]
    entity, _, name = field.lower().rpartition(".")
    if operator in ("ex", "nex"):
        assert (found.entity, found.op) == (field.lower().removeprefix("hd_"), operator)
        return
    assert (found.entity, found.field) == (entity.removeprefix("hd_"), name)
    assert found.op == OPERATORS[operator]
    several = list(value) if operator in ("in", "nin") else [value]
    texts = found.value.split(";") if operator in ("in", "nin") else [found.value]
    assert texts == [as_sent(each, operator) for each in several]


def as_sent(value: object, operator: str) -> str:
    if isinstance(value, datetime):
        if operator in ("gt", "ge"):
            return lower_bound(value, ZONE)
        return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


FOLDED: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda have, want: have == want,
    "neq": lambda have, want: have != want,
    "co": lambda have, want: want in have,
    "nco": lambda have, want: want not in have,
    "st": lambda have, want: have.startswith(want),
    "nst": lambda have, want: not have.startswith(want),
    "end": lambda have, want: have.endswith(want),
    "nend": lambda have, want: not have.endswith(want),
}
COUNTED: dict[str, Callable[[int, int], bool]] = {
    "eq": lambda have, want: have == want,
    "neq": lambda have, want: have != want,
    "lt": lambda have, want: have < want,
    "le": lambda have, want: have <= want,
    "gt": lambda have, want: have > want,
    "ge": lambda have, want: have >= want,
}
ABC = st.text("aAbB ", min_size=1, max_size=4).map(str.strip).filter(bool)


@pytest.mark.catalogue("S21")
@given(st.lists(ABC, min_size=1, max_size=8), st.sampled_from(sorted(FOLDED)), ABC)
def test_a_filter_on_text_finds_what_its_words_say(titles, operator, wanted):
    """Whatever the case, over the whole way: client, encoding, parser, search."""
    app = Appliance(Settings())
    app.load({"tickets": [{"id": n, "title": text} for n, text in enumerate(titles, 1)]})
    test = FOLDED[operator]
    expected = [n for n, text in enumerate(titles, 1) if test(text.lower(), wanted.lower())]
    with connected(app) as sma:
        assert [t.id for t in sma.tickets.list(where=clause("title", operator, wanted))] == expected


@given(st.sampled_from(sorted(COUNTED)), st.integers(0, 12), st.sets(st.integers(1, 10)))
def test_a_filter_on_numbers_finds_what_its_words_say(operator, wanted, members):
    """Together with a set of ids: both must hold."""
    app = Appliance(Settings())
    app.load({"tickets": [{"id": number} for number in range(1, 11)]})
    where = clause("id", operator, wanted)
    expected = {number for number in range(1, 11) if COUNTED[operator](number, wanted)}
    if members:
        where &= clause("id", "in", sorted(members))
        expected &= members
    with connected(app) as sma:
        assert [t.id for t in sma.tickets.list(where=where)] == sorted(expected)


@pytest.mark.parametrize(("field", "operator"), [("owner.email", "ex"), ("*", "nex")])
def test_what_no_appliance_could_answer_is_refused(field, operator):
    """``ex`` asks for a record, not for one of its fields."""
    with pytest.raises(ValueError, match="name an entity such as owner"):
        clause(field, operator)


ODD = ("<p>a&nbsp;b</p>", "1 < 2 & 3 > 2", "\u202e", "😀")
MARKUP = st.text(max_size=40) | st.sampled_from(ODD)
STAMPS = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S")
)
TICKETS = st.fixed_dictionaries(
    {"title": st.text(min_size=1, max_size=40)},
    optional={
        "summary": MARKUP,
        "resolution": MARKUP,
        "cc_list": st.text(max_size=20),
        "custom_1": st.text(min_size=1, max_size=20),
        "custom_19": st.text(min_size=1, max_size=20),
        "due_date": STAMPS,
        "is_manual_due_date": st.sampled_from([0, 1]),
        "status": st.sampled_from([0, *range(1, 9)]),
        "priority": st.sampled_from([0, 1, 2, 3]),
        "category": st.sampled_from([0, 1, 2, 3, 4]),
        "impact": st.sampled_from([0, 1, 2, 3, 4]),
        "owner": st.sampled_from([0, 20, 21]),
        "submitter": st.sampled_from([0, 12]),
        "hd_queue_id": st.just(1),
    },
)
PLAIN = ("title", "summary", "resolution", "cc_list", "custom_1", "custom_19", "due_date")
REFERENCES = ("status", "priority", "category", "impact", "owner", "submitter")


def kept(app: Appliance, number: int) -> dict[str, Any]:
    """A ticket as the appliance holds it, without what every save moves."""
    row = next(row for row in app.dump()["tickets"] if row["id"] == number)
    return {key: value for key, value in row.items() if key not in ("modified", "changes", "id")}


@given(TICKETS, st.lists(MARKUP, max_size=3), st.booleans())
def test_any_ticket_survives_the_way_there_and_back(values, comments, terse):
    """Read, listed, written back and made anew: the appliance holds the same as before."""
    app = Appliance(Settings(required_fields_enforced=False, category_default_owner=False))
    app.clock.set("2026-03-02 09:00:00", frozen=True)
    app.load({key: DESK[key] for key in ("users", "queues")})
    history = [{"timestamp": "2026-03-02 08:00:00", "comment": text} for text in comments]
    app.load({"tickets": [{"id": 41, **values, "changes": history}]})
    before = kept(app, 41)
    with connected(app) as sma:
        ticket = sma.tickets.get(41)
        (listed,) = sma.tickets.list()
        assert listed.record == ticket.record
        for name in PLAIN:
            assert ticket.record.get(name, "") == values.get(name, ""), name
        for name in REFERENCES:
            if name in values:
                assert ticket.part(name).get("id", 0) == values[name], name
        rows = sma.tickets.history(41)[-len(comments) :] if comments else ()
        assert [row.comment for row in rows] == [html_to_text(clean_text(c)) for c in comments]
        sent = as_values(ticket.record, terse=terse)
        sma.tickets.update(41, sent)
        assert kept(app, 41) == before
        if ticket.title.strip():
            made = sma.tickets.create(sent)
            drop = {"created", "time_opened", "time_closed", "time_stalled"}
            again = kept(app, made)
            assert {k: v for k, v in again.items() if k not in drop} == {
                k: v for k, v in before.items() if k not in drop
            }


def as_values(record: Any, *, terse: bool) -> dict[str, object]:
    """A record read, as values to write: references by id, or whole where not *terse*."""
    sent: dict[str, object] = {name: record[name] for name in PLAIN if name in record}
    sent["hd_queue_id"] = record["hd_queue_id"]
    sent["is_manual_due_date"] = record["is_manual_due_date"]
    for name in REFERENCES:
        found = record.get(name) or {"id": 0}
        sent[name] = found["id"] if terse else json.loads(json.dumps(found))
    return sent
