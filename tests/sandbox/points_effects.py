"""Points 58 to 63: what the appliance does by itself, and what tests do to it."""

from datetime import timedelta
from typing import Any

from kace_bridge.sandbox import Appliance
from tests.sandbox.points import point
from tests.support.sandbox_calls import TICKETS, Caller, log_in, make_appliance

USERS = [
    {"id": 12, "user_name": "jdoe", "full_name": "Jane Doe", "email": "jdoe@example.org"},
    {"id": 15, "user_name": "soc1", "full_name": "Soc One", "email": "soc1@example.org"},
]


def desk(*tickets: dict[str, Any], queue: dict[str, Any] | None = None, **settings: Any) -> Caller:
    app = make_appliance(**settings)
    rows = [{"submitter": "jdoe", "owner": "soc1", **ticket} for ticket in tickets]
    queues = [{"id": 1, "owners": ["soc1"], **(queue or {})}]
    app.load({"users": USERS, "queues": queues, "tickets": rows})
    return log_in(app)


def pass_time(app: Appliance, **span: float) -> None:
    app.clock.advance(timedelta(**span))


def events(app: Appliance) -> list[tuple[str, str]]:
    return [(mail.timestamp[11:], mail.event) for mail in app.mail]


@point("58")
def escalation() -> None:
    """High escalates every 30 minutes from creation, while opened only; New is stalled."""
    caller = desk({"id": 1, "priority": "High"}, email_events=(("owner", "escalation"),))
    app = caller.app
    pass_time(app, minutes=65)
    assert app.mail == [], "New is a stalled state"
    caller = log_in(app)
    caller.update(1, status=1)
    assert events(app) == [("10:05:00", "escalation")], "the base is creation, long past"
    pass_time(app, minutes=60)
    assert [at for at, _ in events(app)] == ["10:05:00", "10:35:00", "11:05:00"]
    assert (app.mail[0].to, app.mail[0].subject[:8]) == (["soc1@example.org"], "[TICK:1]")
    caller = log_in(app)
    caller.update(1, status=7)
    pass_time(app, hours=3)
    assert len(app.mail) == 3
    caller = desk({"id": 1, "priority": "High", "status": "Opened"})
    pass_time(caller.app, hours=3)
    assert caller.app.mail == [], "which events a fresh queue mails is not known, so none"


@point("59")
def sla() -> None:
    """An SLA priority sets due_date unless a person did; a violation is mailed."""
    slow = {"name": "Medium", "is_sla_enabled": 1, "resolution_due_date_minutes": 600}
    queue = {"priorities": [slow, "High", "Low"]}
    mails = (("owner", "sla_violation"),)
    caller = desk(queue=queue, email_events=mails)
    number, manual = (
        caller.create(owner=15),
        caller.create(due_date="2026-03-03 12:00:00", is_manual_due_date=1),
    )
    row = caller.ticket(number)
    assert row["due_date"] == "2026-03-02 19:00:00"
    assert row["sla_dates"] == [{"priority_id": 1, "resolution_date": "2026-03-02 19:00:00"}]
    assert caller.ticket(manual)["due_date"] == "2026-03-03 12:00:00"
    pass_time(caller.app, hours=11)
    assert events(caller.app) == [("19:00:00", "sla_violation")]
    office = desk(
        queue=queue, business_hours_for_sla=True, holidays=("2026-03-03",), email_events=mails
    )
    assert office.ticket(office.create())["due_date"] == "2026-03-04 10:00:00"


@point("60")
def ticket_rules() -> None:
    """The rules reopen, close and change tickets, without a change row if so set."""
    caller = desk({"id": 1, "status": "Closed"}, rule_reopen_on_reply=True)
    reply = {"Tickets": [{"change": {"comment": "It is back", "via_email": 1}}]}
    assert caller.put(f"/sandbox/as/jdoe{TICKETS}/1", reply).status == 200
    assert caller.ticket(1, "status all")["status"]["name"] == "Reopened"
    assert [row["description"] for row in caller.history(1)] == ["Ticket Created", ""]
    quiet = desk({"id": 1, "status": "Closed"})
    quiet.put(f"/sandbox/as/jdoe{TICKETS}/1", reply)
    assert quiet.ticket(1, "status all")["status"]["name"] == "Closed"
    old = {"id": 1, "status": "Waiting on Customer", "created": "2026-03-02 08:00:00"}
    caller = desk(old, rule_waiting_overdue_days=3, rule_overdue_close_days=4)
    pass_time(caller.app, days=3, hours=1)
    caller = log_in(caller.app)
    assert caller.ticket(1, "status all")["status"]["name"] == "Waiting Overdue"
    pass_time(caller.app, days=4)
    caller = log_in(caller.app)
    row = caller.ticket(1, "hd_ticket all,status all")
    assert row["status"]["name"] == "Closed"
    assert row["modified"] == "2026-03-09 08:00:00"
    assert len(caller.history(1)) == 1
    told = desk({"id": 1, "status": "Closed"}, rule_reopen_on_reply=True, rules_write_history=True)
    told.put(f"/sandbox/as/jdoe{TICKETS}/1", reply)
    assert "Reopened" in told.history(1)[-1]["description"]
    waiting = desk({"id": 1, "status": "Need More Info"}, rule_customer_responded=True)
    waiting.put(f"/sandbox/as/jdoe{TICKETS}/1", reply)
    assert waiting.ticket(1, "status all")["status"]["name"] == "Opened"


@point("61")
def archive() -> None:
    """An archived ticket leaves the live list."""
    closed = {"id": 1, "status": "Closed", "modified": "2026-03-01 08:00:00"}
    caller = desk(closed, {"id": 2}, archive_after_days=30)
    app = caller.app
    pass_time(app, days=20)
    assert log_in(app).ids() == [1, 2]
    pass_time(app, days=11)
    caller = log_in(app)
    assert caller.ids() == [2]
    assert caller.get(f"{TICKETS}/1").status == 404


@point("62")
def clock() -> None:
    """Clock and zone are the test's; the Date header and new dates follow."""
    app = make_appliance(timezone="Europe/Berlin")
    caller = log_in(app)
    reply = caller.post("/sandbox/clock", {"now": "2026-07-01 12:00:00", "frozen": True})
    assert reply.json() == {
        "now": "2026-07-01 12:00:00",
        "timezone": "Europe/Berlin",
        "utc_offset": "+0200",
        "frozen": True,
    }
    assert ("Date", "Wed, 01 Jul 2026 10:00:00 GMT") in reply.headers
    caller.post("/sandbox/clock", {"advance": "1h30m"})
    caller = log_in(app)
    assert caller.ticket(caller.create())["created"] == "2026-07-01 13:30:00"
    assert caller.get("/sandbox/clock").json()["now"] == "2026-07-01 13:30:00"
    assert caller.post("/sandbox/clock", {"advance": "soon"}).status == 400
    assert caller.post("/sandbox/clock", {}).status == 400


@point("63")
def faults() -> None:
    """Failures can be scripted: lost sessions, 500s, pages, lies, lost answers."""
    caller = desk({"id": 1})
    one = f"{TICKETS}/1"

    def script(**do: object) -> None:
        assert caller.post("/sandbox/faults", [{"match": {"path": one}, "do": do}]).status == 200

    script(status=503, headers={"Retry-After": 7})
    reply = caller.update(1, title="lost")
    assert reply.status == 503
    assert ("Retry-After", "7") in reply.headers
    script(html=True, status=502)
    assert caller.get(one).body.startswith(b"<html>")
    script(body={"Result": "Success"})
    assert caller.update(1, title="lost").json() == {"Result": "Success"}
    script(drop_before=True)
    assert caller.update(1, title="lost").drop
    script(ignore_fields=["title"])
    caller.update(1, title="lost", summary="kept")
    row = caller.ticket(1)
    assert (row["title"], row["summary"]) == ("Untitled", "kept")
    script(drop_after=True)
    assert caller.update(1, title="applied").drop
    assert caller.ticket(1)["title"] == "applied"
    script(delay_s=2.5, truncate=10)
    reply = caller.get(one)
    assert (reply.delay_s, reply.truncate) == (2.5, 10)
    script(expire_session=True)
    assert caller.get(one).json()["errorDescription"] == "Expired token"
    assert caller.get("/sandbox/faults").json() == []
