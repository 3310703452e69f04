"""The query language: what can be built is valid, what is not valid cannot be built."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.sma.query import Filter, build_query, check_stamp, clause, id_filter, lower_bound
from kace_bridge.sma.transport import encode_query

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        pytest.param(clause("id", "gt", 5), "id gt 5", id="number"),
        pytest.param(clause("status.state", "neq", "closed"), "status.state neq closed", id="dot"),
        pytest.param(clause("hd_queue_id", "in", [1, 2]), "hd_queue_id in 1;2", id="set"),
        pytest.param(clause("owner", "nex"), "owner nex", id="no value"),
        pytest.param(clause("*", "co", "vpn drops"), "* co vpn drops", id="wildcard"),
        pytest.param(
            clause("created", "lt", datetime(2026, 3, 2, 14, tzinfo=UTC)),
            "created lt 2026-03-02 09:00:00",
            id="a date becomes appliance-local",
        ),
        pytest.param(
            clause("id", "gt", 1) & clause("title", "st", "a;b"),
            "id gt 1,title st a;b",
            id="and; a semicolon outside a set is text",
        ),
        pytest.param(id_filter([7]), "id eq 7", id="one id"),
        pytest.param(
            clause("is_manual_due_date", "eq", True), "is_manual_due_date eq 1", id="flag"
        ),
    ],
)
def test_filters_render_as_the_contract_writes_them(made, text):
    """Clauses joined by commas, values bare."""
    assert made.render(NEW_YORK) == text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("title", "eq", "a, b"), "comma", id="comma"),
        pytest.param(("title", "in", ["a;b"]), "semicolon", id="semicolon in a set"),
        pytest.param(("title", "eq", "a\nb"), "control", id="newline"),
        pytest.param(("title", "eq", "a\x00"), "control", id="NUL"),
        pytest.param(("title", "eq", "\ud800"), "control", id="lone surrogate"),
        pytest.param(("title", "eq", ""), "empty", id="empty"),
        pytest.param(("title", "eq", " a"), "blank", id="leading blank"),
        pytest.param(("title", "eq", None), "takes one", id="no value"),
        pytest.param(("title", "eq", 1.5), "takes one", id="float"),
        pytest.param(("title", "in", "abc"), "list", id="a text is not a set"),
        pytest.param(("title", "in", []), "empty set", id="empty set"),
        pytest.param(("title", "in", [1.5]), "cannot be filtered", id="float in a set"),
        pytest.param(("title", "ex", "x"), "no value", id="ex with a value"),
        pytest.param(("a b", "eq", 1), "not a field", id="blank in field"),
        pytest.param(("a,id", "eq", 1), "not a field", id="comma in field"),
        pytest.param(("title", "like", "x"), "not an operator", id="unknown operator"),
        pytest.param(("created", "ge", datetime(2026, 1, 1)), "zone", id="naive date"),  # noqa: DTZ001
    ],
)
def test_what_the_language_cannot_say_is_refused(arguments, words):
    """ValueError names the reason; nothing is quietly sent that means something else."""
    with pytest.raises(ValueError, match=words):
        clause(*arguments)


OPERATORS = st.sampled_from(["eq", "neq", "lt", "ge", "co", "st", "end"])


@given(field=st.text(max_size=20), operator=OPERATORS, value=st.text(max_size=30))
def test_a_clause_is_refused_or_reads_back_as_itself(field, operator, value):
    """No field and value can smuggle in a second clause or another parameter."""
    try:
        made = clause(field, operator, value) & clause("id", "gt", 7)
    except ValueError:
        return
    query = encode_query(build_query(UTC, where=made))
    decoded = dict(parse_qsl(query[1:], separator="&"))
    clauses = decoded["filtering"].split(",")
    assert decoded.keys() == {"filtering", "paging"}
    assert clauses == [f"{field} {operator} {value}", "id gt 7"]
    assert query.isascii()


@given(values=st.lists(st.one_of(st.integers(), st.text(max_size=10)), max_size=5))
def test_a_set_is_refused_or_reads_back_with_its_members(values):
    """Members of a set are never split or joined."""
    try:
        made = clause("name", "in", values)
    except ValueError:
        return
    members = made.render(UTC).removeprefix("name in ").split(";")
    assert members == [str(value) for value in values]


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_a_lower_bound_is_below_every_later_stamp(start, later):
    """Also in the hour that occurs twice, a later moment never carries a smaller text."""
    instant = start.replace(tzinfo=UTC)
    stamp = (instant + later).astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M:%S")
    assert lower_bound(instant, NEW_YORK) <= stamp


def test_a_lower_bound_is_exact_outside_the_hour_that_occurs_twice():
    """An hour is read again only where it must be."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert lower_bound(first, NEW_YORK) == "2026-11-01 00:30:00"
    assert lower_bound(first + timedelta(hours=1), NEW_YORK) == "2026-11-01 01:30:00"
    assert lower_bound(first - timedelta(hours=1), NEW_YORK) == "2026-11-01 00:30:00"
    assert lower_bound(datetime(2026, 3, 2, 14, tzinfo=UTC), NEW_YORK) == "2026-03-02 09:00:00"


def test_paging_is_always_named():
    """Without paging the appliance would answer fifty rows and no word."""
    assert build_query(UTC) == (("paging", "limit 0 offset 0"),)
    query = build_query(
        UTC, where=clause("id", "gt", 1), sort="id asc,name", limit=5, offset=10, shaping="a b"
    )
    assert query == (
        ("filtering", "id gt 1"),
        ("sorting", "id asc,name"),
        ("paging", "limit 5 offset 10"),
        ("shaping", "a b"),
    )
    assert not Filter()
    with pytest.raises(ValueError, match="negative"):
        build_query(UTC, limit=-1)
    with pytest.raises(ValueError, match="sort key"):
        build_query(UTC, sort="id up")


def test_queries_are_encoded_with_percent_twenty_and_no_semicolons():
    """Blanks as %20, commas readable, semicolons out of harm's way."""
    text = encode_query({"filtering": "a in 1;2,b co x&y=+z"})
    assert text == "?filtering=a%20in%201%3B2,b%20co%20x%26y%3D%2Bz"
    assert encode_query(()) == ""


@pytest.mark.parametrize("text", ["2026-03-02", "2026-03-02T09:00:00", "yesterday", ""])
def test_a_date_of_another_shape_is_not_an_appliance_date(text):
    """Only YYYY-MM-DD HH:MM:SS compares as text."""
    with pytest.raises(ValueError, match=re.escape("YYYY-MM-DD HH:MM:SS")):
        check_stamp(text)
