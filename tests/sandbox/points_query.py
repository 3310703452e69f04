"""Points 17 to 30: filtering, sorting, paging, shaping."""

from tests.sandbox.points import point
from tests.support.sandbox_calls import TICKETS, Caller, log_in, make_appliance

USERS = [
    {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe", "email": "jdoe@example.org"},
    {"id": 15, "user_name": "soc1", "full_name": "Soc One", "email": "soc1@example.org"},
]


def seven(**settings: object) -> Caller:
    """Seven tickets, each different in what the queries below ask for."""
    app = make_appliance(**settings)
    rows = [
        {"id": 1, "title": "VPN drops", "owner": "soc1", "status": "Opened", "priority": "High"},
        {"id": 2, "title": "vpn slow", "owner": "soc1", "status": "Closed", "priority": "Low"},
        {"id": 3, "title": "Printer", "submitter": "jdoe", "summary": "<p>blank</p>"},
        {"id": 4, "title": "Mouse", "custom_3": "case-991", "due_date": "2026-03-09 10:11:00"},
        {"id": 5, "title": "Wifi", "category": "Network", "related_tickets": [1]},
        {"id": 6, "title": "Mail", "category": None},
        {"id": 7, "title": "Phone", "cc_list": "a@example.org"},
    ]
    dated = [row | {"created": f"2026-02-0{row['id']} 08:00:00"} for row in rows]
    app.load({"users": USERS, "queues": [{"id": 3, "name": "Second"}], "tickets": dated})
    return log_in(app)


def many(count: int, **settings: object) -> Caller:
    app = make_appliance(**settings)
    app.load({"tickets": [{"id": number} for number in range(1, count + 1)]})
    return log_in(app)


@point("17")
def paging() -> None:
    """Pages hold 50 from the first row on unless asked; 0 and ALL are everything."""
    caller = many(60)
    assert caller.ids() == list(range(1, 51))
    assert caller.ids(paging="offset 55") == list(range(56, 61))
    assert caller.ids(paging="limit 3 offset 10") == [11, 12, 13]
    assert caller.ids(paging="offset 10 limit 3") == [11, 12, 13]
    assert caller.ids(paging="limit 5") == [1, 2, 3, 4, 5]
    assert len(caller.ids(paging="limit 0")) == len(caller.ids(paging="limit ALL")) == 60
    assert caller.ids(paging="limit 10 offset 600") == []
    assert len(many(60, page_limit=20).ids(paging="limit 0")) == 20


@point("18")
def counts() -> None:
    """Count is the total before paging and can be dropped or asked for alone."""
    caller = many(60)
    assert caller.get(TICKETS, paging="limit 3").json()["Count"] == 60
    assert caller.get(TICKETS, filtering="id gt 58").json()["Count"] == 2
    assert "Count" not in caller.get(TICKETS, use_count="false").json()
    assert caller.get(TICKETS, use_count_only="true").json() == {"Count": 60}
    assert "Tickets" in caller.get(TICKETS, use_count_only="false").json()


@point("19")
def envelope() -> None:
    """Lists and single objects share one envelope: Count, Warnings, the plural."""
    caller = seven()
    assert list(caller.get(TICKETS).json()) == ["Count", "Warnings", "Tickets"]
    one = caller.get(f"{TICKETS}/1").json()
    assert (one["Count"], len(one["Tickets"]), one["Warnings"]) == (1, 1, [])
    nothing = caller.get(TICKETS, filtering="id eq 99").json()
    assert nothing == {"Count": 0, "Warnings": [], "Tickets": []}
    for path, plural in (
        ("/api/service_desk/queues", "Queues"),
        (f"{TICKETS}/1/changes", "Changes"),
        ("/api/users/users", "Users"),
        ("/api/inventory/machines", "Machines"),
        ("/api/asset/assets", "Assets"),
    ):
        assert list(caller.get(path).json()) == ["Count", "Warnings", plural]


@point("20")
def filter_clauses() -> None:
    """Commas are AND; fields belong to the base or a dotted entity; * looks at names too."""
    caller = seven()
    assert caller.ids(filtering="owner.user_name eq soc1,status.state neq closed") == [1]
    assert caller.ids(filtering="hd_status.name eq closed") == [2]
    assert caller.ids(filtering="hd_ticket.id eq 3") == [3]
    assert caller.ids(filtering="* co vpn") == [1, 2]
    assert caller.ids(filtering="* co soc one") == [1, 2]
    assert caller.ids(filtering="* co jdoe@") == [3]
    assert caller.ids(filtering="custom_3 eq case-991") == [4]
    assert caller.get(TICKETS, filtering="title eq a,b").status == 400


@point("21")
def operators() -> None:
    """Every operator of the guides works, in both spellings."""
    caller = seven()
    rows = {
        "id eq 3": [3],
        "id neq 3": [1, 2, 4, 5, 6, 7],
        "id ne 3": [1, 2, 4, 5, 6, 7],
        "id lt 3": [1, 2],
        "id le 3": [1, 2, 3],
        "id gt 5": [6, 7],
        "id ge 5": [5, 6, 7],
        "title co rin": [3],
        "title nco i": [1, 2, 4, 7],
        "title nc i": [1, 2, 4, 7],
        "title st vpn": [1, 2],
        "title nst vpn": [3, 4, 5, 6, 7],
        "title ns vpn": [3, 4, 5, 6, 7],
        "title end e": [4, 7],
        "title en e": [4, 7],
        "title nend e": [1, 2, 3, 5, 6],
        "title nen e": [1, 2, 3, 5, 6],
        "id in 1;3;99": [1, 3],
        "id nin 1;3": [2, 4, 5, 6, 7],
        "title in mail;phone": [6, 7],
        "owner ex": [1, 2],
        "owner nex": [3, 4, 5, 6, 7],
        "category nex": [6],
        "related_tickets ex": [5],
        "changes.user_id eq 12": [3],
        "due_date ge 2026-01-01": [4],
    }
    assert {text: caller.ids(filtering=text) for text in rows} == rows


@point("22")
def filter_errors() -> None:
    """A type mismatch, an unknown field or a broken clause is a 400."""
    caller = seven()
    for text in ("id co 3", "id eq x", "created gt soon", "colour eq red", "owner.shoe eq 4",
                 "title", "title like x", "title eq", "owner ex 3"):  # fmt: skip
        reply = caller.get(TICKETS, filtering=text)
        assert reply.status == 400, text
        assert reply.json()["errorDescription"]
    assert caller.get(TICKETS, sorting="colour").status == 400
    assert seven(errors_in_200=True).get(TICKETS, filtering="title").status == 200


@point("23")
def case_insensitive() -> None:
    """Text is compared without regard to case."""
    caller = seven()
    assert caller.ids(filtering="title eq VPN DROPS") == [1]
    assert caller.ids(filtering="status.name eq cLOSED") == [2]
    assert caller.ids(filtering="owner.user_name in SOC1;x") == [1, 2]


@point("24")
def spaces_and_dates() -> None:
    """A space may be %20 or +; dates compare in appliance time."""
    caller = seven()
    for text in (
        "filtering=created%20gt%202026-02-06%2007%3A59%3A59",
        "filtering=created+ge+2026-02-06",
    ):
        assert [row["id"] for row in caller.send("GET", TICKETS, query=text).json()["Tickets"]] == [
            6,
            7,
        ]
    assert caller.ids(filtering="created gt 2026-02-06 08:00:00") == [7]
    assert caller.ids(filtering="modified ge 2026-02-06 08:00:00,modified lt 2026-02-07") == [6]
    assert caller.ids(filtering="modified gt 2026-02-06 08:00:00") == [7]


@point("25")
def sorting() -> None:
    """Ascending unless desc, several keys, and a sorted sub-entity is shown."""
    caller = seven()
    assert caller.ids(sorting="created desc") == [7, 6, 5, 4, 3, 2, 1]
    assert caller.ids(sorting="title") == [6, 4, 7, 3, 1, 2, 5]
    assert caller.ids(sorting="priority.ordinal asc, id desc")[:2] == [1, 7]
    assert caller.ids(sorting="priority.ordinal desc,id", filtering="id gt 1")[0] == 2
    first = caller.rows(sorting="priority.ordinal")[0]
    assert first["priority"]["name"] == "High"
    assert "ordinal" in first["priority"]


@point("26")
def shaping() -> None:
    """Sub-entities come only when named; what is unknown is harmless."""
    caller = seven()
    assert not {"owner", "status", "changes"} & caller.rows()[0].keys()
    row = caller.rows(shaping="hd_ticket regular, owner limited,  hd_status all,nonsense all")[0]
    assert row["owner"]["user_name"] == "soc1"
    assert row["status"]["state"] == "opened"
    assert "nonsense" not in row
    assert caller.rows(shaping="hd_ticket regulat") == caller.rows(shaping="hd_ticket standard")
    assert caller.rows(shaping="hd_ticket regular") == caller.rows()
    linked = caller.ticket(5, "related_tickets limited")
    assert [other["id"] for other in linked["related_tickets"]] == [1]
    assert caller.ticket(1, "referring_tickets limited")["referring_tickets"][0]["id"] == 5
    assert caller.ticket(1, "changes all")["changes"][0]["hd_ticket_id"] == 1


@point("27")
def default_row() -> None:
    """A plain ticket row holds six keys, and due_date where there is one."""
    rows = {row["id"]: row for row in seven().rows()}
    plain = ["id", "title", "created", "modified", "hd_queue_id", "sla_dates"]
    assert list(rows[1]) == plain
    assert rows[4].keys() == {*plain, "due_date"}


@point("28")
def levels() -> None:
    """limited is id and name, a person's has four keys; all adds raw foreign keys."""
    caller = seven()
    row = caller.ticket(1, "hd_ticket all,owner limited,status limited,queue limited")
    assert row["owner"] == {
        "id": 15,
        "user_name": "soc1",
        "email": "soc1@example.org",
        "full_name": "Soc One",
    }
    assert row["status"] == {"id": 1, "name": "Opened"}
    assert row["queue"] == {"id": 1, "name": "The K1000 Service Desk"}
    assert (row["owner_id"], row["hd_status_id"], row["hd_priority_id"]) == (15, 1, 2)
    assert "owner_id" not in caller.ticket(1, "hd_ticket extended")
    assert caller.ticket(1, "hd_ticket limited").keys() == {"id", "title"}
    assert "custom_3" not in caller.rows(shaping="hd_ticket standard")[3]
    hidden = seven(custom_fields_in_lists=False)
    assert "custom_3" not in hidden.rows(shaping="hd_ticket all")[3]
    assert hidden.ticket(4)["custom_3"] == "case-991"


@point("29")
def related_shaping() -> None:
    """With the switch of 10.0, related and referring shaping is a 500."""
    caller = seven(related_shaping_500=True)
    for name in ("related_tickets", "referring_tickets"):
        assert caller.get(TICKETS, shaping=f"hd_ticket all,{name} limited").status == 500
    assert caller.get(TICKETS, shaping="hd_ticket all").status == 200


@point("30")
def offset_ignored() -> None:
    """A route can be told to ignore offsets and answer its first page for ever."""
    app = make_appliance(offset_ignored_on=("Machines",))
    app.load({"machines": [{"id": n, "name": f"HOST-{n}"} for n in range(1, 10)]})
    caller = log_in(app)
    pages = [
        caller.get("/api/inventory/machines", paging=f"limit 4 offset {n}") for n in (0, 4, 1000)
    ]
    assert pages[0].body == pages[1].body == pages[2].body
    assert caller.rows("/api/users/users", paging="offset 9") == []
