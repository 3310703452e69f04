"""Whole syncs against the sandbox: what fires, once, and what is left alone."""

import json

import pytest

from kace_bridge.errors import RetryLater, UsageError
from kace_bridge.sync.commands import approve
from tests.support.desk import Desk

LIST = "GET /api/service_desk/tickets"


@pytest.mark.catalogue("B08")
def test_the_first_sync_learns_and_does_nothing(fresh: Desk):
    """300 tickets over several pages, some overdue: known afterwards, not one touched or told."""
    old = {"hd_queue_id": 1, "title": "Old", "submitter": "jdoe", "created": "2026-02-02 10:00:00"}
    fresh.app.load({"tickets": [old] * 300})
    fresh.config["appliance"]["page_size"] = 100
    report = fresh.sync()
    assert (report.baseline, report.pulled, report.changed) == (True, 300, 300)
    assert (fresh.puts, fresh.mails, report.exit_code) == ([], [], 0)
    assert fresh.requests.count(LIST) >= 3
    fresh.later(minutes=5)
    fresh.sync()
    assert (fresh.puts, fresh.mails) == ([], [])


def test_backfill_treats_what_is_there_as_new(fresh: Desk):
    """Asked for, the first sync routes and greets tickets that were there before it."""
    ticket = fresh.submit()
    report = fresh.sync(backfill=True)
    assert (report.applied, fresh.owner(ticket)) == (1, "adiaz")
    assert [to for to, _ in fresh.mails] == ["jdoe@example.org"]


def test_a_new_ticket_is_routed_and_its_submitter_told(desk: Desk):
    """One write with owner and marked note, one receipt; figures to match."""
    ticket = desk.submit(title="No vpn at all")
    report = desk.sync()
    assert desk.owner(ticket) == "gcho"
    assert (desk.puts, len(desk.marks(ticket)), desk.owner_changes(ticket)) == ([ticket], 1, 1)
    assert desk.mails == [
        ("jdoe@example.org", f"[TICK:{ticket}] We have your request: No vpn at all")
    ]
    assert (report.applied, report.messages, report.sent, report.exit_code) == (1, 1, 1, 0)
    note = desk.ticket(ticket)["changes"][-1]
    assert note["owners_only"] == 1
    assert note["comment"].startswith("Owner: nobody → Gcho (rule network-words).")


@pytest.mark.catalogue("D23")
def test_several_rules_make_one_write(desk: Desk):
    """Priority by one rule, owner by another: one request, two marks."""
    ticket = desk.submit("provost")
    desk.sync()
    assert desk.puts == [ticket]
    assert desk.ticket(ticket)["priority"] == "High"
    assert len(set(desk.marks(ticket))) == 2


def test_the_next_sync_is_silent(desk: Desk):
    """Nothing moved: no write, no message, no decision; a login and one list are all it asks."""
    desk.submit()
    desk.sync()
    desk.later(minutes=1)
    report = desk.sync()
    assert (report.decisions, report.applied, report.messages) == (0, 0, 0)
    asked = [name for name in desk.requests if "/security/" not in name]
    assert [name for name in asked if name != "GET /api/users/me"] == [LIST]


def test_many_syncs_later_nothing_has_happened_twice(desk: Desk):
    """Over half a day of idle syncs every ticket keeps one owner change, mark and receipt."""
    desk.config["escalate"] = []
    tickets = [desk.submit() for _ in range(3)]
    for _ in range(15):
        desk.sync()
        desk.later(minutes=47)
    assert [len(desk.marks(ticket)) for ticket in tickets] == [1, 1, 1]
    assert len(desk.mails) == 3


def test_tickets_are_shared_out_by_load(desk: Desk):
    """Within one run and from run to run the least loaded gets the next one."""
    first = [desk.submit() for _ in range(2)]
    desk.sync()
    desk.later(minutes=1)
    second = [desk.submit() for _ in range(4)]
    desk.sync()
    owners = [desk.owner(ticket) for ticket in first + second]
    assert owners == ["adiaz", "bkim", "cwong", "adiaz", "bkim", "cwong"]


def test_an_owner_a_person_chose_is_kept(desk: Desk):
    """Re-opened within the hands-off time, the ticket stays with whom a person gave it to."""
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=10)
    desk.edit("adiaz", ticket, "Yours", owner="epark", status=2)
    desk.sync()
    desk.later(minutes=10)
    desk.edit("jdoe", ticket, "Not solved", status=5)
    report = desk.sync()
    assert desk.owner(ticket) == "epark"
    assert report.applied == 0


def test_an_owner_named_when_logging_is_kept(desk: Desk):
    """Whoever logs a ticket with an owner has routed it."""
    ticket = desk.submit("adiaz", submitter="jdoe", owner="epark")
    desk.sync()
    assert (desk.owner(ticket), desk.puts) == ("epark", [])


@pytest.mark.catalogue("A37")
def test_a_person_who_is_quicker_wins(desk: Desk):
    """A field changed between plan and write stays theirs: a conflict, never corrected later."""
    ticket = desk.submit()
    meddle(desk, at=2, do=lambda: desk.edit("cwong", ticket, owner="epark"))
    report = desk.sync()
    assert (desk.owner(ticket), desk.puts) == ("epark", [])
    assert report.exit_code == 1
    assert "set by somebody else" in report.reasons[ticket]
    for _ in range(3):
        desk.later(minutes=5)
        assert desk.sync().applied == 0
    assert desk.owner(ticket) == "epark"


def test_the_receipt_does_not_wait_for_the_router(desk: Desk):
    """A refused write keeps back only what tells of it: the receipt goes out."""
    ticket = desk.submit()
    meddle(desk, at=2, do=lambda: desk.edit("cwong", ticket, owner="epark"))
    desk.sync()
    assert [to for to, _ in desk.mails] == ["jdoe@example.org"]


def test_closing_is_told_once(desk: Desk):
    """The submitter hears of it once, whatever else happens to the closed ticket."""
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, "done", status=2, resolution="New cable")
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, "and thanks")
    for _ in range(2):
        desk.later(minutes=5)
        desk.sync()
    told = [subject for _, subject in desk.mails if "closed" in subject]
    assert told == [f"[TICK:{ticket}] Ticket #{ticket} has been closed."]


def test_reopening_is_told_once_and_begins_a_new_episode(desk: Desk):
    """The owner is alerted once; closing again is a new closing."""
    ticket = desk.submit()
    desk.sync()
    for turn in (1, 2):
        desk.later(minutes=5)
        desk.edit("adiaz", ticket, "done", status=2)
        desk.sync()
        desk.later(minutes=5)
        desk.edit("jdoe", ticket, "no", status=5)
        desk.sync()
        desk.later(minutes=5)
        desk.sync()
        told = [subject for to, subject in desk.mails if "Re-opened" in subject]
        assert len(told) == turn
        with desk.bridge() as bridge:
            assert bridge.store.snapshot(ticket).episode == turn
    assert sum("has been closed" in subject for _, subject in desk.mails) == 2


def test_closed_and_reopened_between_two_syncs_is_still_told_from_its_rows(desk: Desk):
    """Comments made in between are events, though the fields read as before."""
    desk.config["notify"].append(
        {"id": "chatter", "event": "commented",
         "then": {"notify": {"to": ["submitter"], "template": "nudge"}}}
    )  # fmt: skip
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=5)
    desk.edit("bkim", ticket, "first")
    desk.edit("bkim", ticket, "second")
    before = len(desk.mails)
    desk.sync()
    assert len(desk.mails) - before == 2


@pytest.mark.catalogue("A14")
def test_a_ticket_deleted_before_the_write_fails_alone(desk: Desk):
    """It is reported as gone; the others of the batch are routed."""
    gone, kept = desk.submit(), desk.submit()
    meddle(desk, at=2, do=lambda: desk.delete(gone))
    report = desk.sync()
    assert report.reasons[gone].startswith("gone")
    assert (report.failed, report.applied, report.exit_code) == (1, 1, 1)
    assert desk.owner(kept)


@pytest.mark.catalogue("A14")
def test_a_ticket_deleted_at_the_very_last_moment_fails_alone(desk: Desk):
    """The appliance's 404 to the write itself says the same."""
    gone, kept = desk.submit(), desk.submit()
    desk.fail(path=f"/api/service_desk/tickets/{gone}", status=404)
    report = desk.sync()
    assert report.reasons[gone].startswith("gone")
    assert desk.owner(kept)


@pytest.mark.catalogue("A17")
def test_a_name_the_queue_does_not_know_fails_alone(desk: Desk):
    """The rule with the unknown status is reported with the name; the router does its work."""
    desk.config["classify"].append(
        {"id": "typo", "if": {"title": {"contains": "Mouse"}},
         "then": {"set": {"status": "Opend"}}}
    )  # fmt: skip
    ticket = desk.submit()
    report = desk.sync()
    assert desk.owner(ticket) == "adiaz"
    assert "'Opend'" in report.reasons[ticket]
    assert (report.failed, report.applied, report.exit_code) == (1, 1, 1)
    desk.later(minutes=1)
    assert desk.sync().failed == 0


@pytest.mark.catalogue("C11")
def test_a_batch_over_the_limit_waits_for_a_person(desk: Desk):
    """One ticket too many: nothing of it is written or sent, and the exit code says held."""
    desk.config["limits"] = {"changes_per_run": 2}
    tickets = [desk.submit() for _ in range(3)]
    report = desk.sync()
    assert (report.exit_code, report.applied, report.sent) == (4, 0, 0)
    assert report.held == 6
    assert report.over == ("3 tickets to change, the limit is 2",)
    assert (desk.puts, desk.mails) == ([], [])
    desk.later(minutes=1)
    assert desk.sync().exit_code == 0
    assert (desk.puts, desk.mails) == ([], [])

    later = desk.submit()
    with desk.bridge() as bridge:
        done = approve(bridge, report.run, "gcho")
    assert (done.applied, done.sent) == (3, 3)
    assert all(desk.owner(ticket) for ticket in tickets)
    assert desk.owner(later) is None


def test_messages_have_a_limit_too(desk: Desk):
    """Too many mails hold the whole batch, writes included."""
    desk.config["limits"] = {"messages_per_run": 1}
    desk.submit()
    desk.submit()
    report = desk.sync()
    assert (report.exit_code, desk.puts, desk.mails) == (4, [], [])
    assert report.over == ("2 messages to send, the limit is 1",)


def test_what_a_person_changed_while_it_was_held_is_kept(desk: Desk):
    """Approval does not overrule whoever acted in the meantime."""
    desk.config["limits"] = {"changes_per_run": 1}
    mine, other = desk.submit(), desk.submit()
    run = desk.sync().run
    desk.later(minutes=5)
    desk.edit("cwong", mine, owner="epark")
    with desk.bridge() as bridge:
        report = approve(bridge, run, "gcho")
    assert (desk.owner(mine), desk.owner(other)) == ("epark", "bkim")
    assert "set by somebody else" in report.reasons[mine]


def test_approving_what_holds_nothing_is_refused(desk: Desk):
    """A run that holds nothing, or was approved before, cannot be approved."""
    report = desk.sync()
    with desk.bridge() as bridge, pytest.raises(UsageError, match="holds nothing"):
        approve(bridge, report.run, "gcho")


def test_a_run_cut_off_before_the_limits_were_checked_is_checked_by_the_next(desk: Desk):
    """What a killed run had planned counts like any other plan: over the limit it is held."""
    for _ in range(3):
        desk.submit()
    desk.fail("GET", "/api/service_desk/tickets", after=1, times=None, status=503)
    with pytest.raises(RetryLater):
        desk.sync()
    desk.app.faults.clear()
    desk.config["limits"] = {"changes_per_run": 2}
    report = desk.sync()
    assert (report.exit_code, desk.puts) == (4, [])
    assert "approve that too" in report.over[1]


def test_a_queue_added_later_is_learnt_first(desk: Desk):
    """Its old tickets stay untouched; what happened elsewhere meanwhile is not missed."""
    desk.app.load({"queues": [{"id": 2, "name": "Annex", "owners": ["dlee"]}]})
    desk.app.load({"tickets": [{"hd_queue_id": 2, "title": "Old", "submitter": "jdoe"}]})
    desk.later(minutes=20)
    meanwhile = desk.submit()
    desk.later(minutes=40)
    desk.app.load({"tickets": [{"hd_queue_id": 2, "title": "Also old", "submitter": "jdoe"}]})
    desk.config["appliance"]["queues"].append("Annex")
    assert desk.sync().baseline
    assert (desk.puts, desk.mails) == ([], [])
    desk.later(minutes=1)
    fresh = desk.submit(hd_queue_id=2)
    desk.sync()
    assert desk.puts == [meanwhile, fresh]


def test_an_interrupted_first_sync_goes_on(fresh: Desk):
    """Cut off between two pages, the next run finishes learning; nothing fires."""
    for _ in range(5):
        fresh.submit()
    fresh.config["appliance"]["page_size"] = 2
    fresh.fail("GET", "/api/service_desk/tickets", after=1, times=3, status=503)
    with pytest.raises(RetryLater):
        fresh.sync()
    report = fresh.sync()
    assert (report.baseline, report.pulled) == (True, 3)
    fresh.later(minutes=1)
    assert fresh.sync().decisions == 0
    assert (fresh.puts, fresh.mails) == ([], [])


@pytest.mark.catalogue("A22")
def test_a_silent_edit_is_found_by_the_next_full_look(desk: Desk):
    """What changed without a stamp or a row is noticed within six hours, and acted on."""
    desk.config["notify"].append(
        {"id": "raised", "event": {"changed": {"priority": {"to": "High"}}},
         "then": {"notify": {"to": ["submitter"], "template": "nudge"}}}
    )  # fmt: skip
    desk.config["escalate"] = []
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=2)
    desk.submit()
    desk.sync()
    desk.app.desk.tickets[ticket].priority_id = 2
    desk.later(hours=2)
    desk.sync()
    assert len(desk.mails) == 2
    desk.later(hours=3)
    desk.sync()
    assert len(desk.mails) == 3
    desk.later(hours=7)
    desk.sync()
    assert len(desk.mails) == 3


def test_what_the_run_did_is_on_record(desk: Desk):
    """The run is stored with its figures and how it ended."""
    desk.submit()
    report = desk.sync()
    with desk.bridge() as bridge:
        run = bridge.store.run(report.run)
        assert bridge.store.verify() == []
    assert (run.outcome, run.counts["applied"]) == ("done", 1)
    assert json.dumps(dict(run.counts))


def meddle(desk: Desk, at: int, do) -> None:
    """Run *do* just before the *at*-th list of tickets of the next sync is answered."""
    desk.before(LIST, at, do)


def test_a_custom_field_goes_by_its_label_as_the_queue_shows_it(fresh: Desk):
    """The label is looked up once a day in the ticket's queue; any case will do."""
    shown = {"custom_3": {"visible": "uservisible", "label": "Asset tag"}}
    fresh.app.load({"queues": [{"id": 1, "fields": shown}]})
    fresh.config["route"].insert(0, {
        "id": "tagged", "if": {"custom.ASSET tag": {"starts_with": "LT-"}},
        "then": {"assign": {"team": "css"}},
    })  # fmt: skip
    asks = "GET /api/service_desk/queues/1/fields"
    fresh.sync()
    owners, asked = [], fresh.requests.count(asks)
    for tag in ("LT-0042", "LT-0043"):
        ticket = fresh.submit(custom_3=tag)
        fresh.sync()
        owners.append(fresh.owner(ticket))
        asked += fresh.requests.count(asks)
    assert (owners, asked) == (["dlee", "epark"], 1)


def test_a_member_the_appliance_does_not_know_is_passed_over(desk: Desk):
    """Whoever was deleted there has no tickets, and would be picked, and fail, for ever."""
    desk.config["teams"]["desk"]["members"].insert(0, "gone1")
    tickets = [desk.submit() for _ in range(2)]
    report = desk.sync()
    assert [desk.owner(ticket) for ticket in tickets] == ["adiaz", "bkim"]
    assert report.exit_code == 0
