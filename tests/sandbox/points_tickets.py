"""Points 31 to 44: writing tickets."""

from datetime import timedelta
from typing import Any

from tests.sandbox.points import point
from tests.support.sandbox_calls import TICKETS, Caller, log_in, make_appliance

USERS = [
    {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe", "password": "p"},
    {"id": 15, "user_name": "soc1", "full_name": "Soc One", "password": "p"},
]


def desk(*tickets: dict[str, Any], queue: dict[str, Any] | None = None, **settings: Any) -> Caller:
    app = make_appliance(**settings)
    queues = [{"id": 1, "owners": ["soc1"], **(queue or {})}, {"id": 3, "name": "Second"}]
    app.load({"users": USERS, "queues": queues, "tickets": list(tickets)})
    return log_in(app)


@point("31")
def misshapen_create() -> None:
    """Another layout than Tickets succeeds without ids and creates nothing."""
    caller = desk()
    for body in ({"title": "x"}, {"Ticket": [{"hd_queue_id": 1}]}, [1], {"Tickets": {}}, None):
        reply = caller.post(TICKETS, body)
        assert (reply.status, reply.json()) == (200, {"Result": "Success"})
    assert caller.ids() == []
    assert caller.post(TICKETS, b"{").status == 400


@point("32")
def create_answer() -> None:
    """Creation answers Success and the new ids as integers."""
    caller = desk({"id": 41})
    body = {"Tickets": [{"hd_queue_id": 1, "title": "a"}, {"hd_queue_id": "3"}]}
    assert caller.post(TICKETS, body).json() == {"Result": "Success", "IDs": [42, 43]}
    assert caller.ids() == [41, 42, 43]
    assert caller.ticket(43)["hd_queue_id"] == 3


@point("33")
def references() -> None:
    """References are n, "n" or an object with an id; names are refused."""
    caller = desk()
    for value in (15, "15", {"id": 15}, {"id": "15"}):
        assert caller.ticket(caller.create(owner=value))["owner_id"] == 15
    for value in ("soc1", 999, {"name": "x"}.get("id", "x"), True, [15]):
        body = {"Tickets": [{"hd_queue_id": 1, "owner": value}]}
        assert caller.post(TICKETS, body).status == 400
    assert caller.post(TICKETS, {"Tickets": [{"title": "no queue"}]}).status == 400


@point("34")
def create_defaults() -> None:
    """A new ticket is Untitled, New, Medium, Other, one person cannot work."""
    caller = desk()
    row = caller.ticket(
        caller.create(), "hd_ticket all,status all,priority all,category all,impact all"
    )
    assert row["title"] == "Untitled"
    assert (row["status"]["name"], row["priority"]["name"]) == ("New", "Medium")
    assert (row["category"]["name"], row["impact"]["name"]) == ("Other", "1 person cannot work")
    assert row["created"] == row["modified"] == "2026-03-02 09:00:00"


@point("35")
def submitter_missing() -> None:
    """No submitter is fine unless the queue requires one."""
    caller = desk()
    assert "submitter" not in caller.ticket(caller.create(), "submitter limited")
    strict = desk(submitter_required=True)
    reply = strict.post(TICKETS, {"Tickets": [{"hd_queue_id": 1}]})
    assert reply.status == 400
    assert "Submitter" in reply.json()["errorDescription"]
    assert strict.create(submitter=12)


@point("36")
def foreign_ids() -> None:
    """Status, priority, category and impact ids must belong to the ticket's queue."""
    caller = desk()
    number = caller.create()
    other = caller.ticket(caller.create(hd_queue_id=3))
    for key in ("status", "priority", "category", "impact"):
        reply = caller.update(number, **{key: other[f"hd_{key}_id"]})
        assert reply.status == 400
        assert key in reply.json()["errorDescription"]
    assert len(caller.history(number)) == 1
    lenient = desk(foreign_reference="ignore")
    kept = lenient.create()
    assert lenient.update(kept, status=9999, title="new").status == 200
    assert lenient.ticket(kept)["hd_status_id"] == 4


@point("37")
def update() -> None:
    """PUT and POST change only what is sent, move modified and write one row."""
    caller = desk()
    number = caller.create(title="old", summary="kept")
    for verb in ("PUT", "POST"):
        caller.app.clock.advance(timedelta(minutes=1))
        body = {"Tickets": [{"title": f"by {verb}", "priority": 2}]}
        assert caller.send(verb, f"{TICKETS}/{number}", body).json() == {"Result": "Success"}
        row = caller.ticket(number)
        assert (row["title"], row["summary"]) == (f"by {verb}", "kept")
        assert row["modified"] == caller.app.clock.stamp()
    assert len(caller.history(number)) == 3
    assert caller.update(number, title="by POST").status == 200
    assert len(caller.history(number)) == 3, "nothing differed, so nothing was written"
    only_put = desk({"id": 1}, update_verbs="PUT")
    assert only_put.send("POST", f"{TICKETS}/1", {"Tickets": [{}]}).status == 405
    assert only_put.update(1, title="x").status == 200
    lossy = desk({"id": 1, "due_date": "2026-03-09 10:00:00"}, due_date_lost_on_update=True)
    lossy.update(1, title="x")
    assert "due_date" not in lossy.ticket(1)


@point("38")
def comments() -> None:
    """change.comment adds a comment by the session user; owners_only is stored."""
    caller = desk({"id": 1, "submitter": "jdoe"})
    caller.app.clock.advance(timedelta(minutes=1))
    caller.update(1, change={"comment": "<p>Looking</p>"})
    caller.update(1, status=1, change={"comment": "inside", "owners_only": True})
    rows = caller.history(1)
    assert [row["comment"] for row in rows] == ["", "<p>Looking</p>", "inside"]
    assert [row["owners_only"] for row in rows] == [0, 0, 1]
    assert rows[2]["user_id"] == 10
    assert "Status" in rows[2]["description"]
    assert caller.ticket(1)["modified"] == "2026-03-02 09:01:00"
    reader = log_in(caller.app, "jdoe", "p")
    assert len(reader.history(1)) == 2
    assert len(reader.ticket(1, "changes all")["changes"]) == 2
    forgetful = desk({"id": 1}, owners_only_stored=False)
    forgetful.update(1, change={"comment": "inside", "owners_only": 1})
    assert forgetful.history(1)[1]["owners_only"] == 0
    private = desk({"id": 1}, queue={"owners_only_comments": 1})
    private.update(1, change={"comment": "by default"})
    assert private.history(1)[1]["owners_only"] == 1
    still = desk({"id": 1, "created": "2026-03-01 08:00:00"}, modified_moves_on_comment=False)
    still.update(1, change={"comment": "quiet"})
    assert still.ticket(1)["modified"] == "2026-03-01 08:00:00"


@point("39")
def omitted_keys() -> None:
    """What is zero or unset has no key, also after it was taken away."""
    caller = desk({"id": 1, "owner": "soc1", "due_date": "2026-03-09 10:00:00"})
    shape = "hd_ticket all,owner limited,category limited,machine limited"
    assert {"owner", "owner_id", "due_date"} <= caller.ticket(1, shape).keys()
    for nothing in (0, None, {"id": 0}):
        caller.update(1, owner=15)
        caller.update(1, owner=nothing, category=0, due_date="0000-00-00 00:00:00")
        row = caller.ticket(1, shape)
        assert not {"owner", "owner_id", "due_date", "category", "machine"} & row.keys()


@point("40")
def custom_fields() -> None:
    """custom_N is CUSTOM_FIELD_VALUE(N-1) and always text."""
    caller = desk()
    number = caller.create(custom_1=7, custom_14="done", custom_2=None)
    row = caller.ticket(number)
    assert (row["custom_1"], row["custom_14"]) == ("7", "done")
    assert "custom_2" not in row
    field = next(f for f in caller.app.desk.queues[1].fields if f.key == "custom_1")
    assert field.column == "CUSTOM_FIELD_VALUE0"


@point("41")
def resolution() -> None:
    """resolution keeps its HTML, resolution_plaintext has none."""
    caller = desk()
    row = caller.ticket(caller.create(resolution="<p>Blocked &amp; <b>cleaned</b></p>"))
    assert row["resolution"] == "<p>Blocked &amp; <b>cleaned</b></p>"
    assert row["resolution_plaintext"] == "Blocked & cleaned"


@point("42")
def state_times() -> None:
    """Entering a state stamps its time; a closed ticket no longer escalates."""
    caller = desk(times_shown=True, email_events=(("owner", "escalation"),))
    caller.app.load({"users": [{"id": 15, "user_name": "soc1", "email": "soc1@example.org"}]})
    number = caller.create(priority=2, owner=15)
    assert caller.ticket(number)["time_stalled"] == "2026-03-02 09:00:00"
    for status, key in ((1, "time_opened"), (2, "time_closed"), (5, "time_opened")):
        caller.app.clock.advance(timedelta(minutes=5))
        caller.update(number, status=status)
        assert caller.ticket(number)[key] == caller.app.clock.stamp()
    caller.update(number, status=2)
    caller.app.clock.advance(timedelta(hours=5))
    assert caller.app.mail == []


@point("43")
def queue_move() -> None:
    """A ticket moves queue only with choices of the new queue."""
    caller = desk()
    number, sample = caller.create(), caller.ticket(caller.create(hd_queue_id=3))
    assert caller.update(number, hd_queue_id=3).status == 400
    new = {key: sample[f"hd_{key}_id"] for key in ("status", "priority", "category", "impact")}
    assert caller.update(number, hd_queue_id=3, **new).status == 200
    assert caller.ticket(number)["hd_queue_id"] == 3
    assert "Queue" in caller.history(number)[-1]["description"]
    easy = desk({"id": 1, "status": "Closed"}, queue_move="map")
    assert easy.update(1, hd_queue_id=3).status == 200
    assert easy.ticket(1, "status limited")["status"]["name"] == "Closed"


@point("44")
def delete() -> None:
    """DELETE honours ALLOW_DELETE."""
    caller = desk({"id": 1}, {"id": 2})
    assert caller.send("DELETE", f"{TICKETS}/1").json() == {"Result": "Success"}
    assert caller.ids() == [2]
    assert caller.get(f"{TICKETS}/1").status == 404
    assert caller.create() == 3
    kept = desk({"id": 1}, queue={"allow_delete": 0})
    assert kept.send("DELETE", f"{TICKETS}/1").status == 403
    assert kept.ids() == [1]
