"""Facts for tests: one desk, one ticket, one moment; everything can be replaced."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.condition import Condition, Issue, Known, parse_condition
from kace_bridge.rules.facts import Desk, Facts, Group, Team
from kace_bridge.sla.calendar import Calendar, CalendarSpec

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)

DESK = Desk(
    teams={
        "desk": Team("desk", (UserName("adiaz"), UserName("bkim"))),
        "network": Team("network", (UserName("fruiz"),), lead=UserName("gcho")),
    },
    groups={
        "vip": Group("vip", users=frozenset({"provost"})),
        "execs": Group("execs", emails=("*@exec.example.org",)),
        "annex": Group("annex", locations=frozenset({"Annex"})),
    },
    people={
        "jdoe": Person(UserName("jdoe"), "Jane Doe", "jdoe@example.org", "Annex"),
        "adiaz": Person(UserName("adiaz"), "Ana Diaz", "adiaz@example.org", "Library"),
    },
    labels={"asset tag": "custom_3"},
    orders={"priority": ("High", "Medium", "Low")},
)

RECORD: Mapping[str, object] = {
    "id": 41,
    "title": "VPN drops",
    "summary": "<p>Since <b>Monday</b> there is no internet</p>",
    "hd_queue_id": 1,
    "queue": {"id": 1, "name": "Help Desk"},
    "created": "2026-03-09 09:00:00",
    "modified": "2026-03-10 11:00:00",
    "due_date": "2026-03-12 17:00:00",
    "cc_list": "",
    "custom_3": "LT-0042",
    "custom_4": "17",
    "custom_5": "2026-03-01",
    "status": {"id": 1, "name": "Opened", "ordinal": 1, "state": "opened"},
    "priority": {"id": 1, "name": "Medium", "ordinal": 1},
    "category": {"id": 1, "name": "Network::VPN"},
    "submitter": {"id": 12, "user_name": "jdoe"},
    "owner": {"id": 15, "user_name": "adiaz"},
}

OFFICE = CalendarSpec(
    timezone="America/New_York", week={"mon-fri": ["08:00-17:00"]}, closed=["2026-03-12"]
)
CALENDARS = {"office": Calendar.from_spec("office", OFFICE)}

KNOWN = Known(
    teams=frozenset(DESK.teams),
    groups=frozenset(DESK.groups),
    clocks=frozenset({"respond"}),
    calendars=frozenset({"office"}),
    labels=DESK.labels,
)


def make_ticket(**changes: object) -> Ticket:
    """The usual ticket with some keys replaced; None takes a key away."""
    record = {**RECORD, **changes}
    return Ticket.from_api({key: value for key, value in record.items() if value is not None}, ZONE)


def make_facts(
    ticket: Ticket | None = None,
    *,
    event: Event | None = None,
    timeline: tuple[Event, ...] = (),
    before: Ticket | None = None,
    desk: Desk = DESK,
) -> Facts:
    """The usual facts."""
    clocks = {"respond": timedelta(hours=3)}
    return Facts(ticket or make_ticket(), NOW, desk, before, event, timeline, clocks, CALENDARS)


def make_event(
    kind: str = "changed",
    *changes: tuple[str, str | None, str | None],
    hours_ago: float = 1,
    author: str | None = "adiaz",
    **more: object,
) -> Event:
    """An event some hours before NOW; changes are (field, before, after)."""
    return Event(
        EventKind(kind),
        TicketId(41),
        NOW - timedelta(hours=hours_ago),
        f"row:{kind}:{hours_ago}",
        UserName(author) if author else None,
        changes=tuple(FieldChange(*change) for change in changes),
        **more,  # type: ignore[arg-type]
    )


def read(data: object, known: Known = KNOWN) -> Condition:
    """The condition *data* means; fails the test where it is refused."""
    problems: list[Issue] = []
    found = parse_condition(data, ("if",), problems, known)
    assert not problems, problems
    assert found is not None
    return found


def refuse(data: object, known: Known = KNOWN) -> list[Issue]:
    """The problems of *data*; fails the test where it has none."""
    problems: list[Issue] = []
    assert parse_condition(data, ("if",), problems, known) is None
    assert problems
    return problems
