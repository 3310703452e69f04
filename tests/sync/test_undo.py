"""Taking a run back: fields as they were, where nobody touched them since."""

from typing import Any

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.sync.undo import UndoResult, undo
from tests.support.desk import Desk


def take_back(desk: Desk, run: str, **given: Any) -> UndoResult:
    desk.app.requests.clear()
    with desk.bridge() as bridge:
        return undo(bridge, run, "adiaz", **given)


def fields(result: UndoResult) -> list[tuple[int, str, str | None, str | None]]:
    return [(put.ticket, put.field, put.value, put.before) for put in result.put_back]


def test_fields_go_back_and_the_ticket_says_who(desk: Desk):
    """Owner and priority as they were, one write, one comment naming person, reason and rules."""
    ticket = desk.submit("provost")
    run = desk.sync().run
    result = take_back(desk, run, reason="wrong list")
    assert sorted(fields(result)) == [
        (ticket, "owner", "adiaz", None), (ticket, "priority", "High", "Medium"),
    ]  # fmt: skip
    assert (result.exit_code, result.kept, desk.puts) == (0, [], [ticket])
    assert (desk.owner(ticket), desk.ticket(ticket)["priority"]) == (None, "Medium")
    note = desk.ticket(ticket)["changes"][-1]
    assert note["owners_only"] == 1
    assert f"Undone by adiaz: wrong list (what vip-first set in run {run})." in note["comment"]
    assert "Priority: High → Medium." in note["comment"]


def test_an_undo_is_in_the_ledger_like_anything_else(desk: Desk):
    """A run of its own, decisions that name what they undo, a store that verifies."""
    ticket = desk.submit()
    run = desk.sync().run
    result = take_back(desk, run)
    with desk.bridge(read_only=True) as bridge:
        (decision,) = bridge.store.decisions(run=result.report.run)
        assert (decision.rule, decision.phase, decision.state) == (
            "command:undo",
            "command",
            "done",
        )
        assert decision.trace["by"] == "adiaz"
        assert decision.cause.startswith("undo:")
        assert bridge.store.run(result.report.run).kind == "undo"
        assert bridge.store.verify() == []
    assert len(desk.marks(ticket)) == 2


def test_the_next_syncs_leave_it_so(desk: Desk):
    """What was undone is not decided again, and nobody is told of the return."""
    ticket = desk.submit("provost")
    run = desk.sync().run
    take_back(desk, run)
    mails = len(desk.mails)
    for _ in range(2):
        desk.later(minutes=5)
        report = desk.sync()
        assert (report.decisions, report.applied) == (0, 0)
    assert (desk.owner(ticket), len(desk.mails)) == (None, mails)


def test_what_somebody_touched_since_stays_theirs(desk: Desk):
    """A later owner is kept and listed with the reason; the untouched priority goes back."""
    ticket = desk.submit("provost")
    run = desk.sync().run
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, owner="epark")
    result = take_back(desk, run)
    assert fields(result) == [(ticket, "priority", "High", "Medium")]
    assert [(kept.what, kept.reason) for kept in result.kept] == [
        ("owner", "somebody has set it to epark since")
    ]
    assert (result.exit_code, desk.owner(ticket)) == (1, "epark")


def test_undoing_twice_changes_nothing_more(desk: Desk):
    """The second time everything is kept and nothing is written."""
    desk.submit("provost")
    run = desk.sync().run
    take_back(desk, run)
    again = take_back(desk, run)
    assert (again.put_back, desk.puts) == ([], [])
    assert {kept.reason for kept in again.kept} == {"undone already"}


def test_an_undo_can_be_undone(desk: Desk):
    """Taking the return back puts the fields where the rules had them."""
    ticket = desk.submit()
    first = take_back(desk, desk.sync().run)
    take_back(desk, first.report.run)
    assert desk.owner(ticket) == "adiaz"


def test_mails_that_are_out_are_owned_up_to(desk: Desk):
    """They cannot be recalled; one still waiting is stopped."""
    desk.submit()
    assert (take_back(desk, desk.sync().run).sent, len(desk.mails)) == (1, 1)
    desk.later(minutes=1)
    desk.submit()
    (desk.folder / "mail").rename(desk.folder / "gone")
    (desk.folder / "mail").write_text("in the way")
    run = desk.sync().run
    result = take_back(desk, run)
    assert (result.sent, result.stopped) == (0, 1)
    (desk.folder / "mail").unlink()
    desk.later(hours=2)
    desk.sync()
    assert desk.mails == []


def test_a_ticket_that_is_gone_is_listed(desk: Desk):
    """The others go back all the same."""
    gone, there = desk.submit(), desk.submit()
    run = desk.sync().run
    desk.delete(gone)
    result = take_back(desk, run)
    assert [(kept.ticket, kept.reason) for kept in result.kept] == [
        (gone, "the appliance has no such ticket any more")
    ]
    assert desk.owner(there) is None


def test_an_unsettled_write_is_not_undone_blindly(desk: Desk):
    """Whether it arrived is not known yet: a sync settles it first."""
    ticket = desk.submit()
    desk.fail(drop_after=True, times=1)
    run = desk.sync().run
    result = take_back(desk, run)
    assert [(kept.ticket, kept.reason) for kept in result.kept] == [
        (ticket, "its outcome is not known yet: run 'kace-bridge sync' first")
    ]
    assert desk.puts == []


def test_a_rehearsal_writes_nothing(desk: Desk):
    """The same list, an untouched ticket, no run in the ledger."""
    ticket = desk.submit()
    run = desk.sync().run
    desk.app.requests.clear()
    with desk.bridge(read_only=True) as bridge:
        result = undo(bridge, run, "adiaz", dry_run=True)
        assert [found.kind for found in bridge.store.runs()] == ["sync", "sync"]
    assert fields(result) == [(ticket, "owner", "adiaz", None)]
    assert (desk.puts, desk.owner(ticket)) == ([], "adiaz")


def test_a_run_that_wrote_nothing_is_a_usage_error(desk: Desk):
    """It says where to look."""
    desk.later(minutes=1)
    run = desk.sync().run
    with pytest.raises(UsageError, match=rf"run {run} wrote nothing"):
        take_back(desk, run)


def test_a_closed_ticket_is_opened_again(desk: Desk):
    """Whatever field a rule set comes back, the status as well."""
    desk.config["classify"] = [
        {"id": "too-eager", "if": {"text": {"any_word": ["spam"]}},
         "then": {"set": {"status": "Closed"}}},
    ]  # fmt: skip
    desk.config["route"] = [{"id": "none", "then": {"notify": {"to": ["owner"]}}}]
    ticket = desk.submit(title="No spam at all")
    run = desk.sync().run
    assert desk.ticket(ticket)["status"] == "Closed"
    take_back(desk, run)
    assert desk.ticket(ticket)["status"] == "New"
    desk.later(minutes=1)
    assert desk.sync().applied == 0
