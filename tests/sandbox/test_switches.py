"""Switches and corners beyond the checklist, each a fact of the contract or a documented choice."""

from datetime import timedelta
from typing import Any

import pytest

from kace_bridge.sandbox.totp import totp_code
from tests.support.sandbox_calls import LOGIN, TICKETS, Caller, log_in, make_appliance

USERS = [
    {"id": 12, "user_name": "jdoe", "email": "jdoe@example.org", "password": "p"},
    {"id": 15, "user_name": "soc1", "email": "soc1@example.org", "password": "p"},
]


def desk(*tickets: dict[str, Any], queue: dict[str, Any] | None = None, **settings: Any) -> Caller:
    app = make_appliance(**settings)
    queues = [{"id": 1, "owners": ["soc1"], **(queue or {})}]
    app.load({"users": USERS, "queues": queues, "tickets": list(tickets)})
    return log_in(app)


def test_the_authorization_header_can_be_required() -> None:
    """Some releases answer x-kace-authorization and want it back (contract section 1.1)."""
    caller = desk(kace_authorization="required")
    assert caller.get(TICKETS).status == 200
    del caller.headers["x-kace-authorization"]
    assert caller.get(TICKETS).status == 401
    polite = desk(kace_authorization="answered")
    assert polite.headers.pop("x-kace-authorization")
    assert polite.get(TICKETS).status == 200


def test_generation_c_can_be_told_to_want_the_version_header() -> None:
    """Either name counts there."""
    app = make_appliance(require_version_header=True)
    sent = {"userName": "admin", "password": "sandbox-password"}
    assert Caller(app).post(LOGIN, sent).status == 400
    assert Caller(app, **{"x-dell-api-version": "9"}).post(LOGIN, sent).status == 200
    assert Caller(app, **{"x-kace-api-version": "newest"}).post(LOGIN, sent).status == 400


def test_one_time_codes_are_those_of_the_rfc() -> None:
    """RFC 6238, appendix B: SHA-1, the last six digits."""
    app = make_appliance()
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for moment, code in (("1970-01-01T00:00:59Z", "287082"), ("2009-02-13T23:31:30Z", "005924")):
        assert totp_code(seed, app.clock.parse(moment)) == code


def test_a_code_of_the_neighbouring_step_is_accepted_once_the_clocks_differ() -> None:
    """One step early or late is fine, two are not."""
    for late_s, status in ((30, 200), (-30, 200), (90, 401)):
        app = make_appliance(two_factor=True)
        code = totp_code(app.settings.totp_seed, app.clock.now() + timedelta(seconds=late_s))
        route = "/ams/shared/api/security/verify_2factor"
        assert log_in(app).post(route, {"currentCode": code}).status == status


def test_the_context_can_be_refreshed() -> None:
    """security/refreshcontext answers with a session only; switching is a POST."""
    caller = desk()
    base = "/ams/shared/api/security"
    assert caller.get(f"{base}/refreshcontext").status == 200
    assert Caller(caller.app).get(f"{base}/refreshcontext").status == 401
    assert caller.get(f"{base}/organization/1/switchto").status == 405


def test_an_archived_user_loses_a_running_session() -> None:
    """Archiving ends it like any expired token."""
    caller = desk()
    soc = log_in(caller.app, "soc1", "p")
    caller.app.load({"users": [{"user_name": "soc1", "is_archived": 1}]})
    reply = soc.get(TICKETS)
    assert (reply.status, reply.json()["errorDescription"]) == (401, "Expired token")


def test_owners_can_be_limited_to_the_owner_label() -> None:
    """With the switch, only holders of the queue's label may own a ticket."""
    caller = desk({"id": 1}, owner_label_enforced=True)
    assert caller.update(1, owner=12).status == 400
    assert caller.update(1, owner=15).status == 200


def test_owners_see_their_queues_and_what_they_submit() -> None:
    """An owner of one queue does not see another's tickets."""
    other = {"id": 2, "name": "HR"}
    caller = desk({"id": 1})
    caller.app.load({"queues": [other], "tickets": [{"id": 2, "hd_queue_id": 2}]})
    soc = log_in(caller.app, "soc1", "p")
    assert soc.ids() == [1]
    assert soc.create(hd_queue_id=2, submitter=15) == 3
    assert soc.ids() == [1, 3]


def test_a_due_date_set_by_a_person_is_manual() -> None:
    """Setting one stops recalculation, clearing it starts it again."""
    caller = desk({"id": 1})
    caller.update(1, due_date="2026-03-09 10:00")
    row = caller.ticket(1)
    assert (row["due_date"], row["is_manual_due_date"]) == ("2026-03-09 10:00:00", 1)
    caller.update(1, due_date=None)
    assert caller.ticket(1)["is_manual_due_date"] == 0
    assert caller.update(1, due_date="soon").status == 400
    caller.update(1, due_date="2026-03-09", is_manual_due_date="0")
    assert caller.ticket(1)["is_manual_due_date"] == 0


def test_related_tickets_can_be_written_and_must_exist() -> None:
    """See Also takes ids or objects; the other side refers back."""
    caller = desk({"id": 1}, {"id": 2}, {"id": 3})
    assert caller.update(1, related_tickets=[2, {"id": "3"}]).status == 200
    assert caller.update(2, related_tickets=[99]).status == 400
    row = caller.ticket(3, "referring_tickets limited")
    assert [other["id"] for other in row["referring_tickets"]] == [1]
    assert "See Also" in caller.history(1)[-1]["description"]
    assert caller.ids(sorting="changes.id", paging="limit 1") == [1]


def test_work_is_kept() -> None:
    """POST work answers Success and shows in the dump."""
    caller = desk({"id": 1})
    reply = caller.post(f"{TICKETS}/1/work", {"Work": [{"note": "half an hour"}]})
    assert reply.json() == {"Result": "Success"}
    assert caller.app.dump()["tickets"][0]["work"][0]["note"] == "half an hour"


def test_a_category_brings_its_owner_and_its_copies() -> None:
    """DEFAULT_OWNER_ID fills an owner not sent; CC_LIST receives category mails."""
    category = {"name": "Network", "default_owner": "soc1", "cc_list": "noc@example.org"}
    queue = {"categories": [category, "Other"], "email_events": [["category_cc", "comment"]]}
    caller = desk(queue=queue)
    assert caller.ticket(caller.create(category=1))["owner_id"] == 15
    assert "owner_id" not in caller.ticket(caller.create(category=1, owner=0))
    off = desk(queue=queue, category_default_owner=False)
    assert "owner_id" not in off.ticket(off.create(category=1))
    caller.update(1, change={"comment": "x"})
    assert [mail.to for mail in caller.app.mail] == [["noc@example.org"]]


def test_a_violation_is_repeated_while_open() -> None:
    """SLA_NOTIFICATION_RECURRENCE_MINUTES asks for reminders; a closed ticket gets none."""
    medium = {
        "name": "Medium",
        "is_sla_enabled": 1,
        "resolution_due_date_minutes": 60,
        "sla_notification_recurrence_minutes": 30,
    }
    caller = desk(queue={"priorities": [medium]}, email_events=(("owner", "sla_violation"),))
    app = caller.app
    caller.create(owner=15, status=1)
    app.clock.advance(timedelta(minutes=125))
    assert [mail.timestamp[11:16] for mail in app.mail] == ["10:00", "10:30", "11:00"]
    log_in(app).update(1, status=2)
    app.clock.advance(timedelta(days=1))
    assert len(app.mail) == 3


def test_a_rule_without_its_status_does_nothing() -> None:
    """A queue may lack Waiting Overdue and every other stalled status but one."""
    statuses = [
        {"name": "Waiting on Customer", "state": "stalled"},
        {"name": "Done", "state": "closed"},
    ]
    caller = desk(
        {"id": 1, "status": "Waiting on Customer"},
        queue={"statuses": statuses},
        rule_waiting_overdue_days=1,
    )
    caller.app.clock.advance(timedelta(days=9))
    row = log_in(caller.app).ticket(1, "status limited")
    assert row["status"]["name"] == "Waiting on Customer"


def test_rules_may_leave_modified_alone() -> None:
    """The worst case for a poller: neither a row nor a stamp."""
    caller = desk(
        {"id": 1, "status": "Closed", "created": "2026-02-01 08:00:00"},
        rule_reopen_on_reply=True,
        rules_move_modified=False,
        modified_moves_on_comment=False,
    )
    caller.update(1, change={"comment": "back"})
    row = caller.ticket(1, "hd_ticket all,status all")
    assert (row["status"]["name"], row["modified"]) == ("Reopened", "2026-02-01 08:00:00")


def test_data_travels_over_the_control_surface() -> None:
    """load and dump speak JSON; what does not fit is a 400 naming the place."""
    caller = desk()
    assert caller.post("/sandbox/load", {"tickets": [{"id": 9}]}).json()["loaded"]["tickets"] == 1
    dumped = caller.get("/sandbox/dump").json()
    assert [ticket["id"] for ticket in dumped["tickets"]] == [9]
    bad = caller.post("/sandbox/load", {"tickets": [{"owner": "nobody"}]})
    assert bad.status == 400
    assert "tickets[0]" in bad.json()["errorDescription"]
    assert caller.post("/sandbox/load", b"[").status == 400
    assert caller.post("/sandbox/load", []).status == 400
    assert caller.get("/sandbox/dump", organization="Nowhere").status == 404


def test_attachments_and_private_descriptions_survive_a_dump() -> None:
    """Bytes go as base64, what only owners may read stays marked."""
    row = {
        "timestamp": "2026-03-02 08:30:00",
        "user": "soc1",
        "comment": "see file",
        "owners_only_description": "hidden",
        "attachments": [{"id": 4, "file_name": "a.bin", "content_base64": "AP8="}],
    }
    caller = desk({"id": 1, "created": "2026-03-02 08:00:00", "changes": [row]})
    change = caller.app.dump()["tickets"][0]["changes"][1]
    assert change["attachments"][0]["content_base64"] == "AP8="
    assert change["owners_only_description"] == "hidden"


def test_an_asset_shows_its_owner_when_asked() -> None:
    """Inventory follows the same shaping; unknown ids are 404."""
    caller = desk()
    caller.app.load(
        {"machines": [{"id": 7, "name": "H"}], "assets": [{"id": 1, "name": "H", "owner": "jdoe"}]}
    )
    assert caller.rows("/api/asset/assets", shaping="owner limited")[0]["owner"]["id"] == 12
    assert caller.rows("/api/inventory/machines/7")[0]["Name"] == "H"
    assert caller.get("/api/asset/assets/9").status == 404
    assert caller.ids(filtering="* co nothing") == []
    assert caller.rows("/api/inventory/machines", filtering="* st h")[0]["Id"] == "7"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(
            {"impacts": [{"id": 3, "name": "a"}, {"id": 3, "name": "b"}]}, "taken", id="an id twice"
        ),
        pytest.param({"fields": {"SHOE": {}}}, "SHOE does not exist", id="an unknown field"),
        pytest.param({"fields": {"TITLE": {"required": "x"}}}, "must be", id="a requirement"),
        pytest.param({"owners": ["nobody"]}, "nobody", id="an unknown owner"),
    ],
)
def test_a_queue_that_makes_no_sense_is_refused(row: dict[str, Any], said: str) -> None:
    """The message says which part."""
    with pytest.raises(ValueError, match=said):
        make_appliance().load({"queues": [{"id": 1, **row}]})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"user_name": "admin", "id": 99}, "already has id 10", id="a name twice"),
        pytest.param({"user_name": "x", "location": 4}, "location 4", id="an unknown place"),
        pytest.param({"user_name": "x", "manager": "nobody"}, "nobody", id="an unknown manager"),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(row: dict[str, Any], said: str) -> None:
    """The message says which part."""
    with pytest.raises(ValueError, match=said):
        make_appliance().load({"users": [row]})
