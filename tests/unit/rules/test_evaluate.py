"""Judging conditions: traces, unknowns, hostile text, and laws over random conditions."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.text import clean_line
from kace_bridge.rules.evaluate import evaluate, show_text, show_value, verdict_of
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.verdict import Verdict, negate
from tests.unit.rules.picture import RECORD, make_event, make_facts, make_ticket, read

YES = {"title": {"contains": "VPN"}}
NO = {"title": {"contains": "fax"}}
OPEN = {"custom_9": {"is": "x"}}


def test_no_condition_is_always_met() -> None:
    """A rule without ``if`` applies to every ticket, and says so."""
    assert evaluate(None, make_facts()).as_data() == {"verdict": "yes", "label": "always"}
    assert verdict_of(None, make_facts()) is Verdict.YES


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        pytest.param({"all": [YES, OPEN]}, "unknown", id="all with an unknown is unknown"),
        pytest.param({"all": [NO, OPEN]}, "no", id="one no decides over an unknown"),
        pytest.param({"any": [YES, OPEN]}, "yes", id="one yes decides over an unknown"),
        pytest.param({"any": [NO, OPEN]}, "unknown", id="any without a yes stays unknown"),
        pytest.param({"not": OPEN}, "unknown", id="unknown does not fire under not"),
        pytest.param({"not": NO}, "yes", id="not of no"),
    ],
)
def test_an_unknown_never_fires(data: object, verdict: str) -> None:
    """A missing value can neither meet a condition nor, under ``not``, fail one."""
    assert evaluate(read(data), make_facts()).verdict.value == verdict


def test_the_trace_shows_every_step_even_where_the_verdict_was_certain() -> None:
    """What an admin is shown holds all parts, so that the nearest miss can be seen."""
    data = evaluate(read({"all": [NO, YES, OPEN]}), make_facts()).as_data()
    assert json.loads(json.dumps(data)) == {
        "verdict": "no",
        "label": "all",
        "path": ["if", "all"],
        "children": [
            {
                "verdict": "no",
                "label": "title contains",
                "field": "title",
                "operator": "contains",
                "expected": "fax",
                "actual": "VPN drops",
                "path": ["if", "all", 0, "title", "contains"],
            },
            {
                "verdict": "yes",
                "label": "title contains",
                "field": "title",
                "operator": "contains",
                "expected": "VPN",
                "actual": "VPN drops",
                "detail": "matched: VPN",
                "path": ["if", "all", 1, "title", "contains"],
            },
            {
                "verdict": "unknown",
                "label": "custom_9 is",
                "field": "custom_9",
                "operator": "is",
                "expected": "x",
                "actual": "not known",
                "detail": "the field is not known",
                "path": ["if", "all", 2, "custom_9", "is"],
            },
        ],
    }


def test_hostile_text_is_tame_in_a_trace() -> None:
    """Escape codes, direction marks and length cannot leave through a trace."""
    ticket = make_ticket(title="\x1b[31m\u202evpn\r\n" + "x" * 500 + "\u0301" * 100_000)
    judgement = evaluate(read(YES), make_facts(ticket))
    assert judgement.actual.startswith("[31mvpn xxx")
    assert len(judgement.actual) == 80


def test_values_are_shown_as_people_write_them() -> None:
    """Spans, dates and numbers in a trace are readable."""
    facts = make_facts()
    shown = {
        name: evaluate(read({name: {"empty": False}}), facts).actual
        for name in ("age", "clock.respond", "due_date", "owner", "status", "cc_list", "reopened")
    }
    assert shown == {
        "age": "1d 3h",
        "clock.respond": "3h",
        "due_date": "2026-03-12 17:00-04:00",
        "owner": "adiaz",
        "status": "Opened",
        "cc_list": "nothing",
        "reopened": "0",
    }
    assert show_value(2.5) == "2.5"
    assert show_value(10.0) == "10"


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(), "0m"),
        (timedelta(seconds=59), "0m"),
        (timedelta(hours=5), "5h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=2, minutes=7), "2d 7m"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "1d 2h 3m"),
        (timedelta(minutes=-90), "-1h 30m"),
        (timedelta(microseconds=-1), "-0m"),
    ],
)
def test_spans_are_shown_in_days_hours_and_minutes(span: timedelta, shown: str) -> None:
    """Whole minutes, nothing that is zero."""
    assert show_value(span) == shown


@given(
    st.text(st.sampled_from("ab c\n\te\u0301\u202e<"), max_size=120),
    st.integers(0, 90),
    st.text(st.sampled_from("ab \n\u0301\x00"), max_size=60),
)
def test_long_texts_are_shown_as_short_ones_are(before: str, plain: int, after: str) -> None:
    """A text that begins plainly is not looked at to its end, and reads the same."""
    for text in (before, "a b" * (plain // 3) + before + after, "x" * plain + after):
        assert show_text(text) == clean_line(text, 80)


LEAVES = st.sampled_from(
    [
        YES,
        NO,
        OPEN,
        {"priority": {"at_least": "High"}},
        {"impact": {"at_most": "Low"}},
        {"due_date": {"within": "3d"}},
        {"created": {"between": ["2026-01-01", "2026-03-09"]}},
        {"submitter": {"in_group": ["vip", "annex"]}},
        {"owner": {"not_in_team": "network"}},
        {"author": {"is_member": "desk"}},
        {"status": {"changed": {"to": {"state": "closed"}}}},
        {"owner": {"times_changed": {"more_than": 1}}},
        {"priority": {"last_changed_by": ["owner", "staff"]}},
        {"custom_4": {"more_than": 3}},
        {"custom_5": {"older_than": "1w"}},
        {"before.category": {"under": "Network"}},
        {"channel": {"is": "phone"}},
        {"days_since_closed": {"less_than": 3}},
        {"moved": {"is": 0}, "idle": {"more_than": "1h"}},
        {"text": {"any_word": ["vpn"], "all_words": ["a", "b"], "starts_with": "x"}},
    ]
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)
SCRAPS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.sampled_from(["0001-01-01 00:00:00", "9999-12-31 23:59:59", "1e999", "nan", "\ud800"]),
    st.fixed_dictionaries({"id": st.integers(-1, 3)}),
    st.builds(lambda name: {"id": 1, "name": name}, st.text(max_size=8)),
    st.builds(lambda name: {"user_name": name, "email": name}, st.text(max_size=8)),
)
RECORDS = st.dictionaries(st.sampled_from(sorted({*RECORD, "impact"} - {"id"})), SCRAPS)
EVENTS = st.one_of(
    st.none(),
    st.builds(
        lambda kind, field, old, new, author: make_event(kind, (field, old, new), author=author),
        st.sampled_from(["created", "changed", "commented", "closed", "reopened"]),
        st.sampled_from(["status", "state", "owner", "priority", "hd_queue_id"]),
        st.none() | st.text(max_size=8),
        st.none() | st.sampled_from(["adiaz", "fruiz", "closed", "2"]),
        st.none() | st.sampled_from(["adiaz", "jdoe"]),
    ),
)


@st.composite
def pictures(draw: st.DrawFn) -> Facts:
    """Facts about a ticket the appliance has garbled in some way."""
    ticket = make_ticket(**draw(RECORDS))
    event = draw(EVENTS)
    timeline = tuple(each for each in (draw(EVENTS), event, draw(EVENTS)) if each is not None)
    before = draw(st.none() | st.just(make_ticket()))
    return make_facts(ticket, event=event, timeline=timeline, before=before)


@given(CONDITIONS, pictures())
def test_judging_never_raises_and_both_ways_agree(data: object, facts: Facts) -> None:
    """Whatever the appliance sends, there is a verdict, with or without its trace."""
    condition = read(data)
    judgement = evaluate(condition, facts)
    assert verdict_of(condition, facts) is judgement.verdict
    assert json.dumps(judgement.as_data())


@given(st.lists(CONDITIONS, min_size=1, max_size=3), pictures())
def test_de_morgan_holds_for_conditions(parts: list[object], facts: Facts) -> None:
    """Not-all and any-not come to the same, whatever is known of the ticket."""
    whole = evaluate(read({"not": {"all": parts}}), facts).verdict
    split = evaluate(read({"any": [{"not": part} for part in parts]}), facts).verdict
    assert whole is split


@given(CONDITIONS, pictures())
def test_a_condition_and_its_opposite_never_both_fire(data: object, facts: Facts) -> None:
    """``not`` turns a yes into a no and leaves unknown alone."""
    straight, turned = evaluate(read(data), facts), evaluate(read({"not": data}), facts)
    assert turned.verdict is negate(straight.verdict)
