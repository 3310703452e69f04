"""Everything that can be asked and everything that can stand on a ticket, to be drawn from."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.condition import Condition, parse_condition
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.fields._registry import FIELDS, load_fields
from kace_bridge.rules.issue import Issue
from kace_bridge.rules.operators._registry import OPERATORS, load_operators
from tests.unit.rules.picture import CALENDARS, DESK, KNOWN, NOW, ZONE, make_event

_FAMILIES = ("custom_3", "custom_4", "custom.Asset tag", "clock.respond")
_RAW: tuple[object, ...] = (
    "vpn", "VPN drops", "no internet", "Straße", "Network", "network::vpn", "High", "medium",
    "Low", "adiaz", "ADIAZ", "jdoe", "Opened", "opened", "closed", "LT-", "17", "Annex", "desk",
    "vip", "office", "submitter", "staff", "phone", "^vpn", "o", "2026-03-09", "2026-03-09T09:00",
    "4h", "2d", "1bh", True, False, 1, 17, 2.5,
    ["vpn", "wifi", "no internet"], ["Network", "Hardware"], ["High", "Low"], ["adiaz", "jdoe"],
    ["opened", "stalled"], ["New", "Opened"], [1, 17], [1, 30], ["1h", "3d"],
    ["2026-03-01", "2026-03-31"], ["portal", "email"], {"at_least": 1}, {"to": "Opened"},
    {"from": "Low", "to": ["High", "Medium"]}, {"to": None}, {"is": "adiaz"},
)  # fmt: skip
"""What an admin may write beside an operator; each is kept where the operator takes it."""

_NAMED: tuple[object, ...] = (
    {"name": "Network::VPN", "id": 1}, {"name": "High", "ordinal": 1}, {"name": "Medium"},
    {"name": "low"}, {"name": "Opened", "state": "opened"}, {"name": "Closed", "state": "closed"},
    {"name": "Opened"}, {"name": "x", "state": "strange"}, {"name": "x", "state": ["opened"]},
    {"id": 5}, {}, {"name": ""}, {"name": "  "}, {"name": 7}, "High", 17, [], None,
    MappingProxyType({"name": "Medium", "state": "stalled"}),
)  # fmt: skip
_PEOPLE: tuple[object, ...] = (
    {"user_name": "adiaz"}, {"user_name": " ADIAZ ", "email": "a@exec.example.org"},
    {"User_Name": "jdoe"}, {"USER_NAME": "bkim", "user_name": "gcho"}, {"id": 12}, {},
    {"user_name": 5}, {"user_name": {"name": "fruiz"}}, {"user_name": ""}, "adiaz", None,
    MappingProxyType({"user_name": "provost"}), {"user_name": "jdoe", "location": "Annex"},
)  # fmt: skip
_TEXTS: tuple[object, ...] = (
    "", "VPN drops", "no  internet\n\n\n\nat all", "<p>my <b>vpn</b> &amp; wifi</p>", "strasse",
    "STRASSE vpn", "vp\u00adn", "\ud800vpn", "a\x00vpn", " ", 17, None, ["vpn"], "LT-0042", "17",
    "2026-03-09", "nan", True, 2.5, "vpnx", "e\u0301 vpn", "vpn,wifi",
)  # fmt: skip
_STAMPS = ("2026-03-09 09:00:00", "2026-03-10 11:59:00", "0000-00-00 00:00:00", "soon", 5, None)
_KEYS: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(
        ("status", "priority", "category", "impact", "machine", "asset", "queue"), _NAMED
    ),
    **dict.fromkeys(("owner", "submitter", "approver"), _PEOPLE),
    **dict.fromkeys(("title", "summary", "resolution", "cc_list", "custom_3", "custom_4"), _TEXTS),
    **dict.fromkeys(("created", "modified", "due_date"), _STAMPS),
    "hd_queue_id": (1, 17, "1", 0, "x", True, 1.0, None),
}


@cache
def questions() -> tuple[dict[str, Any], ...]:
    """Every field asked by every operator that fits, with every value it takes."""
    return tuple(_questions())


def _questions() -> Iterator[dict[str, Any]]:
    load_fields()
    load_operators()
    earlier = [f"before.{name}" for name, field in FIELDS.items() if field.ticket_only]
    for name in (*FIELDS, *_FAMILIES, *earlier, "before.custom_3"):
        for operator in OPERATORS:
            for raw in _RAW:
                data = {name: {operator: raw}}
                if not _problems(data):
                    yield data


def _problems(data: object) -> list[Issue]:
    problems: list[Issue] = []
    parse_condition(data, (), problems, KNOWN)
    return problems


def read(data: object) -> Condition:
    """The condition *data* means."""
    found = parse_condition(data, (), [], KNOWN)
    assert found is not None
    return found


def conditions() -> st.SearchStrategy[Condition]:
    """Any question, and any joined with others."""
    return st.recursive(
        st.sampled_from(questions()),
        lambda inner: st.one_of(
            st.builds(lambda part: {"not": part}, inner),
            st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=4)),
            st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=4)),
        ),
        max_leaves=8,
    ).map(read)


def tickets() -> st.SearchStrategy[Ticket]:
    """Records in which anything may be missing or of the wrong type."""
    optional = {key: st.sampled_from(values) for key, values in _KEYS.items()}
    records = st.fixed_dictionaries({"id": st.just(41)}, optional=optional)
    return records.map(lambda record: Ticket(record, ZONE))


_EVENTS = (
    make_event("created", author="jdoe", hours_ago=30),
    make_event("commented", author=None, hours_ago=5, comment="vpn again"),
    make_event("changed", ("owner", "adiaz", "fruiz"), ("priority", "Low", "High"), hours_ago=4),
    make_event("changed", ("status", "New", "Opened"), ("state", "stalled", "opened"), hours_ago=3),
    make_event("closed", hours_ago=2), make_event("reopened", hours_ago=1, author="jdoe"),
)  # fmt: skip
_DESKS = (
    DESK, Desk(), replace(DESK, orders={"priority": ("Low", "Medium", "High")}),
    replace(DESK, labels={"asset tag": "custom_4"}),
)  # fmt: skip


def facts() -> st.SearchStrategy[Facts]:
    """A ticket at one moment, with or without a past, a snapshot, an event."""
    return st.builds(
        lambda ticket, before, event, past, desk, clock, parent: Facts(
            ticket, NOW, desk, before, event, past, clock, CALENDARS, parent=parent
        ),
        tickets(),
        st.none() | tickets(),
        st.none() | st.sampled_from(_EVENTS),
        st.integers(0, len(_EVENTS)).map(lambda count: _EVENTS[:count]),
        st.sampled_from(_DESKS),
        st.sampled_from(({}, {"respond": timedelta(hours=3)}, {"respond": timedelta(hours=20)})),
        st.none() | tickets(),
    )
