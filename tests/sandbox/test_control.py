"""The control surface: clock, faults, requests, mail, and playing other people."""

import time
from datetime import timedelta

import pytest

from kace_bridge.sandbox import Request
from kace_bridge.sandbox.control import read_span
from tests.support.sandbox_calls import TICKETS, Caller, log_in, make_appliance

USERS = [
    {"id": 12, "user_name": "jdoe", "email": "jdoe@example.org"},
    {"id": 15, "user_name": "adiaz", "email": "adiaz@example.org"},
]


def desk(**settings: object) -> Caller:
    app = make_appliance(**settings)
    app.load({"users": USERS, "queues": [{"id": 1, "owners": ["adiaz"]}]})
    return log_in(app)


def play(caller: Caller, user: str, method: str, path: str, **ticket: object) -> object:
    reply = caller.send(method, f"/sandbox/as/{user}{TICKETS}{path}", {"Tickets": [ticket]})
    assert reply.status == 200, reply.body
    return reply.json().get("IDs")


def test_people_write_in_by_portal_mail_and_phone() -> None:
    """Who writes for themselves is the submitter; mail is marked; a phone call is on behalf."""
    caller = desk()
    play(caller, "jdoe", "POST", "", hd_queue_id=1, title="portal")
    play(caller, "jdoe", "POST", "", hd_queue_id=1, title="mail", via="email")
    play(caller, "adiaz", "POST", "", hd_queue_id=1, title="call", via="phone", submitter="jdoe")
    shape = "hd_ticket all,changes all"
    rows = [caller.ticket(number, shape) for number in (1, 2, 3)]
    assert [row["submitter_id"] for row in rows] == [12, 12, 12]
    assert [row["changes"][0]["user_id"] for row in rows] == [12, 12, 15]
    assert [row["changes"][0].get("via_email", 0) for row in rows] == [0, 1, 0]


def test_engineers_and_submitters_act_without_logging_in() -> None:
    """Names serve as references there, replies by mail are marked, rights are kept."""
    caller = desk()
    play(caller, "jdoe", "POST", "", hd_queue_id=1)
    play(caller, "adiaz", "PUT", "/1", owner="adiaz", status="Opened", category="Network")
    play(caller, "jdoe", "PUT", "/1", change={"comment": "Still broken", "via_email": 1})
    row = caller.ticket(1, "owner limited,status limited,changes all")
    assert (row["owner"]["id"], row["status"]["name"]) == (15, "Opened")
    assert row["changes"][2]["via_email"] == 1
    other = caller.get(f"/sandbox/as/jdoe{TICKETS}/99")
    assert other.status == 404
    assert caller.get(f"/sandbox/as/nobody{TICKETS}").status == 404
    assert caller.app.handle(Request("GET", f"/sandbox/as/jdoe{TICKETS}")).status == 200


def test_names_are_refused_on_the_real_routes() -> None:
    """What playing allows, the appliance does not."""
    caller = desk()
    number = caller.create()
    assert caller.update(number, owner="adiaz").status == 400
    caller.update(number, change={"comment": "x", "via_email": 1})
    assert "via_email" not in caller.history(number)[1]


def test_appliance_requests_are_written_down() -> None:
    """Method, path, query and status of each; what people play is not among them."""
    caller = desk()
    caller.send("DELETE", "/sandbox/requests")
    caller.get(TICKETS, filtering="id eq 1")
    caller.get(f"/sandbox/as/jdoe{TICKETS}")
    caller.get("/api/nothing")
    rows = caller.get("/sandbox/requests").json()
    assert [(r["method"], r["path"], r["query"], r["status"]) for r in rows] == [
        ("GET", TICKETS, "filtering=id%20eq%201", 200),
        ("GET", "/api/nothing", "", 404),
    ]


def test_the_appliances_own_mails_can_be_read() -> None:
    """Events switched on reach their recipients; notes for owners reach owners only."""
    pairs = (("owner", "comment"), ("submitter", "comment"), ("submitter", "email_ticket_ack"))
    caller = desk(email_events=(*pairs, ("ticket_cc", "status_change")))
    play(caller, "jdoe", "POST", "", hd_queue_id=1, title="VPN", via="email")
    play(caller, "adiaz", "PUT", "/1", owner="adiaz", change={"comment": "in", "owners_only": 1})
    play(caller, "adiaz", "PUT", "/1", change={"comment": "<p>out</p>"}, cc_list="a@x, b@x")
    play(caller, "adiaz", "PUT", "/1", status="Closed")
    mails = [(m["event"], m["to"], m["body"]) for m in caller.get("/sandbox/mail").json()]
    assert mails == [
        ("email_ticket_ack", ["jdoe@example.org"], "Ticket Created"),
        ("comment", ["adiaz@example.org"], "in"),
        ("comment", ["adiaz@example.org"], "out"),
        ("comment", ["jdoe@example.org"], "out"),
        ("status_change", ["a@x", "b@x"], 'Changed ticket Status from "New" to "Closed".'),
    ]
    assert caller.send("DELETE", "/sandbox/mail").json() == []


def test_a_fault_waits_repeats_and_ends() -> None:
    """after lets requests pass, times counts, null times never ends, DELETE clears."""
    caller = desk()
    fault = {"match": {"method": "GET", "path": TICKETS}, "after": 1, "times": 2}
    caller.post("/sandbox/faults", [fault | {"do": {"status": 503}}])
    assert [caller.get(TICKETS).status for _ in range(4)] == [200, 503, 503, 200]
    caller.post("/sandbox/faults", {"times": None, "do": {"status": 500}})
    assert [caller.get(TICKETS).status for _ in range(3)] == [500, 500, 500]
    assert caller.send("DELETE", "/sandbox/faults").json() == []
    assert caller.get(TICKETS).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([{"do": {"explode": 1}}], id="an unknown deed"),
        pytest.param([{"match": {}}], id="nothing to do"),
        pytest.param([{"do": {"status": 500}, "wen": 1}], id="a misspelt key"),
        pytest.param("status", id="no object"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sent: object) -> None:
    """A misspelt fault would otherwise test nothing."""
    assert desk().post("/sandbox/faults", sent).status == 400


def test_a_late_write_lands_after_its_connection_broke() -> None:
    """apply_late_s: accepted, unanswered, done by real seconds, even past the session's end."""
    caller = desk()
    number = caller.create(title="before")
    late = {"match": {"method": "PUT"}, "do": {"apply_late_s": 0.02}}
    caller.post("/sandbox/faults", [late])
    assert caller.update(number, title="after").drop
    assert caller.app.dump()["tickets"][0]["title"] == "before"
    caller.app.clock.advance(timedelta(hours=9))
    time.sleep(0.03)
    assert log_in(caller.app).ticket(number)["title"] == "after"


def test_a_late_write_still_needs_a_session() -> None:
    """What would be refused is refused at once."""
    caller = desk()
    caller.post("/sandbox/faults", [{"do": {"apply_late_s": 0.01}}])
    assert Caller(caller.app).get(TICKETS).status == 401


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param("8h", timedelta(hours=8), id="hours"),
        pytest.param("1h30m", timedelta(minutes=90), id="two units"),
        pytest.param("2d 4h", timedelta(hours=52), id="with a blank"),
        pytest.param("90", timedelta(seconds=90), id="bare seconds"),
        pytest.param("1.5m", timedelta(seconds=90), id="a fraction"),
    ],
)
def test_spans_are_read(text: str, span: timedelta) -> None:
    """A span is written the short way."""
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["", "soon", "8 hours", "h8"])
def test_other_spans_are_refused(text: str) -> None:
    """What is not understood is not guessed."""
    with pytest.raises(ValueError, match="no span of time"):
        read_span(text)


def test_the_clock_ticks_unless_frozen() -> None:
    """Set without frozen it goes on from there; frozen it stands until moved."""
    app = make_appliance()
    frozen = app.clock.now()
    time.sleep(0.002)
    assert app.clock.now() == frozen
    app.clock.set("2026-03-02 09:00:00")
    time.sleep(0.002)
    assert app.clock.now() > frozen


def test_unknown_control_routes_name_the_known_ones() -> None:
    """A slip on the control surface is told what there is."""
    reply = desk().get("/sandbox/clocks")
    assert reply.status == 404
    assert "clock, dump, faults, load, mail, requests" in reply.json()["errorDescription"]
    assert desk().get("/sandbox/load").status == 405
