"""Points 50 to 57: queues, users, inventory."""

from tests.sandbox.points import point
from tests.support.sandbox_calls import log_in, make_appliance

QUEUES = "/api/service_desk/queues"
USERS = "/api/users/users"


@point("50")
def fresh_data() -> None:
    """Fresh choices are the captured ones; a second queue has its own ids."""
    app = make_appliance()
    desk = app.desk
    statuses = {s.id: (s.name, s.ordinal, s.state) for s in desk.statuses.values()}
    assert statuses == {
        4: ("New", 0, "stalled"),
        1: ("Opened", 1, "opened"),
        5: ("Reopened", 2, "opened"),
        2: ("Closed", 3, "closed"),
        3: ("Need More Info", 4, "stalled"),
        6: ("Waiting Overdue", 5, "stalled"),
        7: ("Waiting on Customer", 6, "stalled"),
        8: ("Waiting on Third Party", 7, "stalled"),
    }
    priorities = {p.id: (p.name, p.color, p.escalation_minutes) for p in desk.priorities.values()}
    assert priorities == {2: ("High", "red", 30), 1: ("Medium", "", 0), 3: ("Low", "gray", 0)}
    assert {c.id: c.name for c in desk.categories.values()} == {
        1: "Network",
        2: "Other",
        3: "Hardware",
        4: "Software",
    }
    assert [i.id for i in sorted(desk.impacts.values(), key=lambda i: i.ordinal)] == [2, 4, 1, 3]
    assert desk.users.keys() == {10}
    app.load({"queues": [{"id": 3, "name": "Second"}]})
    second = {s.name: s.id for s in app.desk.statuses.values() if s.hd_queue_id == 3}
    assert second["New"] == 9
    named = [
        (app.desk.priorities, "Medium", 5),
        (app.desk.impacts, "1 person cannot work", 7),
        (app.desk.categories, "Software", 5),
    ]
    for table, name, number in named:
        assert (table[number].name, table[number].hd_queue_id) == (name, 3)


@point("51")
def queue_rows() -> None:
    """A queue row is id and name; fields come when shaped, without hidden custom fields."""
    app = make_appliance()
    caller = log_in(app)
    assert caller.rows(QUEUES) == [{"id": 1, "name": "The K1000 Service Desk"}]
    fields = caller.rows(QUEUES, shaping="fields all")[0]["fields"]
    by_name = {field["name"]: field for field in fields}
    assert by_name["TITLE"] == {
        "id": 2,
        "hd_queue_id": 1,
        "name": "TITLE",
        "hd_ticket_field_name": "title",
        "ordinal": 1,
        "required_state": "all",
        "field_label": "Title",
        "visible": "usercreate",
    }
    for name in ("CREATED", "MODIFIED", "REFERRERS"):
        assert "hd_ticket_field_name" not in by_name[name]
    assert not [name for name in by_name if name.startswith("CUSTOM_")]
    app.load({"queues": [{"id": 1, "fields": {"custom_2": {"visible": "uservisible"}}}]})
    shown = caller.rows(f"{QUEUES}/1", shaping="fields all")[0]["fields"]
    assert len(shown) == len(fields) + 1


@point("52")
def field_rows() -> None:
    """queues/{id}/fields speaks of jsonKey, label, column, type, visible, required."""
    caller = log_in(make_appliance())
    rows = {row["jsonKey"]: row for row in caller.rows(f"{QUEUES}/1/fields")}
    assert rows["status"] == {
        "jsonKey": "status",
        "label": "Status",
        "column": "HD_STATUS_ID",
        "type": "status",
        "visible": "uservisible",
        "required": "none",
    }
    assert "column" not in rows["referrers"]
    assert caller.get(f"{QUEUES}/9/fields").status == 404


@point("53")
def ticket_template() -> None:
    """The template is a blank ticket with the defaults, good as a create body."""
    caller = log_in(make_appliance())
    body = caller.get(f"{QUEUES}/1/ticket_template").json()
    blank = body["Tickets"][0]
    assert (blank["status"]["id"], blank["priority"]["id"]) == (4, 1)
    assert (blank["category"]["id"], blank["impact"]["id"]) == (2, 1)
    assert caller.post("/api/service_desk/tickets", body).json()["IDs"] == [1]


@point("54")
def no_choice_lists() -> None:
    """No route lists statuses, priorities or owners."""
    caller = log_in(make_appliance())
    for name in ("statuses", "priorities", "owners", "categories"):
        assert caller.get(f"/api/service_desk/{name}").status == 404
        assert caller.get(f"{QUEUES}/1/{name}").status == 404


@point("55")
def users() -> None:
    """Users are listed and read one by one; archived ones are marked."""
    app = make_appliance()
    gone = {"id": 20, "user_name": "gone", "is_archived": 1, "password": "p", "location": "Annex"}
    app.load({"users": [gone]})
    caller = log_in(app)
    rows = {row["user_name"]: row for row in caller.rows(USERS)}
    assert (rows["admin"]["id"], rows["admin"]["is_archived"]) == (10, 0)
    assert rows["gone"]["is_archived"] == 1
    assert [r["id"] for r in caller.rows(USERS, filtering="user_name eq GONE")] == [20]
    full = caller.rows(f"{USERS}/20", shaping="user all")[0]
    assert full["location"] == {"id": full["location_id"], "name": "Annex"}
    assert caller.get(f"{USERS}/99").status == 404
    assert caller.get("/api/users/20/permissions").json()["permissions"]["helpdesk"] == "WRITE"
    login = {"userName": "gone", "password": "p"}
    assert caller.post("/ams/shared/api/security/login", login).status == 401


@point("56")
def users_cannot_be_written() -> None:
    """PUT and DELETE on users are 405."""
    caller = log_in(make_appliance())
    assert caller.put(f"{USERS}/10", {"Users": [{}]}).status == 405
    assert caller.send("DELETE", f"{USERS}/10").status == 405


@point("57")
def inventory() -> None:
    """Machines have odd keys and text ids; assets have integers and mapped_id."""
    app = make_appliance()
    app.load(
        {
            "machines": [{"id": 77, "name": "HOST-7", "ip": "10.0.0.7"}],
            "assets": [{"id": 501, "name": "HOST-7", "machine": 77, "owner": "admin"}],
            "tickets": [{"id": 1, "machine": "HOST-7", "asset": 501}],
        }
    )
    caller = log_in(app)
    row = caller.rows("/api/inventory/machines", filtering="machine.name eq host-7")[0]
    assert (row["Id"], row["Name"], row["Os_name"]) == ("77", "HOST-7", "empty")
    assert row["Ram Total"] == "empty"
    assert row["Last_inventory"] == "0000-00-00 00:00:00"
    asset = caller.rows("/api/asset/assets/501")[0]
    assert (asset["id"], asset["mapped_id"], asset["owner_id"]) == (501, 77, 10)
    ticket = caller.ticket(1, "machine limited,asset standard")
    assert ticket["machine"] == {"id": 77, "name": "HOST-7"}
    assert ticket["asset"]["asset_type_id"] == 5
