"""Points 45 to 49: unknown tickets, history, attachments, approvals, required fields."""

from tests.sandbox.points import point
from tests.sandbox.points_tickets import desk
from tests.support.sandbox_calls import TICKETS


@point("45")
def unknown_ticket() -> None:
    """An unknown id is a 404 with an error body, or an empty list."""
    reply = desk().get(f"{TICKETS}/99")
    assert reply.status == 404
    assert reply.json()["errorDescription"] == "Ticket 99 not found."
    empty = desk(unknown_ticket="empty").get(f"{TICKETS}/99")
    assert (empty.status, empty.json()["Tickets"]) == (200, [])


@point("46")
def history() -> None:
    """Oldest first, the creation first, sentences in the appliance's language."""
    caller = desk()
    number = caller.create(submitter=12)
    caller.update(number, status=1, owner=15)
    first, second = caller.history(number)
    assert first["id"] < second["id"]
    assert first["description"] == "Ticket Created"
    assert 'Changed ticket Status from "New" to "Opened".' in second["description"]
    assert 'Changed ticket Owner from "Unassigned" to "Soc One".' in second["description"]
    assert not {"user", "attachments"} & first.keys()
    path = f"{TICKETS}/{number}/changes"
    shaped = caller.rows(path, shaping="hd_ticket_change regular,user limited,attachments regular")
    assert shaped[0]["user"]["user_name"] == "admin"
    assert shaped[0]["attachments"] == []
    assert [r["id"] for r in caller.rows(path, filtering=f"id gt {first['id']}")] == [second["id"]]
    local = desk(locale="pt")
    local.update(local.create(), status=1)
    texts = [row["description"] for row in local.history(1)]
    assert texts[0] == "Tíquete criado"
    assert "tíquete" in texts[1]


@point("47")
def attachments() -> None:
    """An attachment is streamed with its type; nothing can be uploaded."""
    files = [{"file_name": "log.txt", "content": "line\n"}]
    born = {"timestamp": "2026-03-02 08:00:00", "attachments": files}
    caller = desk({"id": 1, "created": "2026-03-02 08:00:00", "changes": [born]})
    rows = caller.rows(f"{TICKETS}/1/changes", shaping="attachments regular")
    assert rows[0]["attachments"] == [{"id": 1, "file_name": "log.txt", "file_size": 5}]
    path = f"{TICKETS}/1/changes/{rows[0]['id']}/attachments"
    reply = caller.get(f"{path}/1")
    assert reply.body == b"line\n"
    assert ("Content-Type", "text/plain") in reply.headers
    assert caller.get(f"{path}/2").status == 404
    assert caller.post(f"{path}/1", {}).status == 405
    assert caller.post(f"{TICKETS}/1/attachments", {}).status == 404


@point("48")
def approvals() -> None:
    """approve, reject and clearApproval set the state; only the approver may."""
    caller = desk()
    number = caller.create(approver=10)
    note = {"approvalData": [{"approvalNote": "ok"}]}
    for verb, state in (("approve", "approved"), ("reject", "rejected"), ("clearApproval", "none")):
        assert caller.post(f"{TICKETS}/{number}/{verb}", note).json() == {"Result": "Success"}
        info = caller.ticket(number)["approval_info"]
        assert (info["approver"], info["approve_state"]) == ({"id": 10}, state)
    foreign = caller.create(approver=12)
    assert caller.post(f"{TICKETS}/{foreign}/approve", note).status == 403


@point("49")
def required_fields() -> None:
    """Fields are required by queue and by the state being saved."""
    needs = {"RESOLUTION": {"required": "closed"}, "custom_1": {"required": "opened"}}
    caller = desk(queue={"fields": needs})
    number = caller.create()
    assert caller.update(number, status=1).status == 400
    assert caller.update(number, status=1, custom_1="x").status == 200
    reply = caller.update(number, status=2)
    assert reply.status == 400
    assert "Resolution" in reply.json()["errorDescription"]
    assert caller.ticket(number)["hd_status_id"] == 1
    assert caller.update(number, status=2, resolution="done").status == 200
    assert caller.update(number, title="").status == 400
    lenient = desk({"id": 1}, queue={"fields": needs}, required_fields_enforced=False)
    assert lenient.update(1, status=2).status == 200
