"""What the bridge itself does to a ticket counts afterwards: for clocks, episodes and routing."""

from tests.support.desk import Desk


def close_by_rule(desk: Desk) -> int:
    """A ticket a rule has closed after a day without an answer; its owner is adiaz."""
    desk.config["clocks"]["open"] = {
        "calendar": "office", "start": "created", "stop": "closed", "on_reopen": "resume",
        "target": "1bd",
    }  # fmt: skip
    desk.config["escalate"] = [
        {"id": "give-up", "clock": "open",
         "levels": [{"at": "100%", "then": {"set": {"status": "Closed"}}}]},
    ]  # fmt: skip
    desk.config["route"].insert(
        0,
        {"id": "back", "event": "reopened", "if": {"days_since_closed": {"at_most": 14}},
         "then": {"assign": {"to": "epark"}}},
    )  # fmt: skip
    desk.config["hands_off"] = "0m"
    ticket = desk.submit()
    desk.sync()
    desk.later(days=1)
    desk.sync()
    assert desk.ticket(ticket)["status"] == "Closed"
    return ticket


def test_a_closing_by_a_rule_is_told_to_the_submitter_once(desk: Desk):
    """The closing mail goes out for a rule's closing too, and not again for its history row."""
    close_by_rule(desk)
    for _ in range(2):
        desk.later(minutes=5)
        desk.sync()
    assert sum("has been closed" in subject for _, subject in desk.mails) == 1


def test_a_ticket_a_rule_closed_can_be_reopened_like_any_other(desk: Desk):
    """The bridge knows when it closed it, so rules about re-openings judge it rightly."""
    ticket = close_by_rule(desk)
    desk.later(hours=2)
    desk.edit("jdoe", ticket, "no", status=5)
    desk.sync()
    assert desk.owner(ticket) == "epark"
    with desk.bridge() as bridge:
        assert bridge.store.snapshot(ticket).episode == 1


def test_our_own_changes_are_no_news_to_the_rules(desk: Desk):
    """Whatever a rule wrote never sets off classify or route, also where it is read again."""
    desk.config["classify"].append(
        {"id": "echo", "event": {"changed": {"owner": True}}, "then": {"set": {"priority": "High"}}}
    )
    ticket = desk.submit()
    for _ in range(3):
        desk.sync()
        desk.later(minutes=1)
    assert desk.ticket(ticket)["priority"] == "Medium"


def test_ours_and_theirs_in_one_gap_are_told_apart(desk: Desk):
    """Somebody comments right after our write: their comment is an event, our owner change not."""
    desk.config["notify"].append(
        {"id": "chatter", "event": "commented",
         "then": {"notify": {"to": ["submitter"], "template": "nudge"}}}
    )  # fmt: skip
    ticket = desk.submit()
    desk.before("GET /api/service_desk/tickets", 3, lambda: desk.edit("cwong", ticket, "hello"))
    desk.sync()
    assert (desk.owner(ticket), len(desk.mails)) == ("adiaz", 1)
    desk.later(minutes=1)
    desk.sync()
    assert len(desk.mails) == 2
    with desk.bridge() as bridge:
        (timeline,) = bridge.store.timelines([ticket]).values()
    owners = [(event.own, event.change_of("owner")) for event in timeline]
    assert [own for own, change in owners if change] == [True]
    assert desk.owner_changes(ticket) == 1


def test_a_person_who_changes_it_before_we_read_it_back_makes_no_failure(desk: Desk):
    """Written, and set otherwise by somebody a moment later: it was done, and theirs stays."""
    ticket = desk.submit()
    take = lambda: desk.edit("cwong", ticket, owner="cwong")  # noqa: E731
    desk.before("GET /api/service_desk/tickets", 3, take)
    report = desk.sync()
    assert (report.applied, report.failed, report.reasons) == (1, 0, {})
    assert (desk.owner(ticket), len(desk.marks(ticket)), len(desk.mails)) == ("cwong", 1, 1)
