"""A plan in a file: applied exactly, and only where nothing moved on."""

import json
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.errors import RetryLater, UsageError
from kace_bridge.state import Store
from kace_bridge.sync.act import LEASE
from kace_bridge.sync.apply import Applier
from kace_bridge.sync.plan_apply import PlanResult, apply_plan
from kace_bridge.sync.plan_file import Plan, plan_as_data, read_plan
from kace_bridge.sync.preview import preview
from tests.support.desk import Desk


def write_plan(desk: Desk, **given: Any) -> Path:
    """The file that ``plan -o`` writes now."""
    path = desk.folder / "plan.json"
    with desk.bridge(read_only=True) as bridge:
        path.write_text(json.dumps(plan_as_data(bridge, preview(bridge, **given))))
    return path


def apply(desk: Desk, plan: Plan, **given: Any) -> PlanResult:
    desk.app.requests.clear()
    with desk.bridge() as bridge:
        return apply_plan(bridge, plan, "adiaz", **given)


def reasons(result: PlanResult) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for refusal in result.refused:
        found.setdefault(refusal.decision.ticket, set()).add(refusal.reason)
    return found


def test_a_plan_read_back_is_the_preview(desk: Desk):
    """Every decision survives the paper word for word, ids, effects and traces included."""
    desk.submit("provost", title="No vpn")
    with desk.bridge(read_only=True) as bridge:
        found = preview(bridge)
    plan = read_plan(write_plan(desk))
    assert [decision.id for decision in plan.decisions] == [d.id for d in found.decisions]
    assert [decision.effects for decision in plan.decisions] == [
        decision.effects for decision in found.decisions
    ]
    assert [decision.trace["place"] for decision in plan.decisions] == [
        decision.trace["place"] for decision in found.decisions
    ]


def test_apply_does_exactly_what_the_plan_holds(desk: Desk):
    """Two tickets planned, a third logged later: two are written, and the third is left to sync."""
    first, second = desk.submit(title="No vpn"), desk.submit()
    plan = read_plan(write_plan(desk))
    desk.later(minutes=5)
    third = desk.submit()
    result = apply(desk, plan)
    assert (result.exit_code, result.refused) == (0, [])
    assert sorted(desk.puts) == [first, second]
    assert (desk.owner(first), desk.owner(second), desk.owner(third)) == ("gcho", "adiaz", None)
    assert len(desk.mails) == 2
    report = desk.sync()
    assert (desk.puts, report.applied) == ([third], 1)
    assert len(desk.mails) == 3


def test_after_apply_a_sync_finds_nothing_new(desk: Desk):
    """What was applied from paper is known as if a sync had done it, turns included."""
    desk.submit(title="No vpn")
    desk.submit("provost")
    apply(desk, read_plan(write_plan(desk)))
    desk.later(minutes=1)
    report = desk.sync()
    assert (report.decisions, report.applied, report.messages) == (0, 0, 0)
    with desk.bridge(read_only=True) as bridge:
        assert bridge.store.turns()["network"] == "gcho"
        assert bridge.store.verify() == []


def test_a_ticket_that_moved_on_is_left_alone(desk: Desk):
    """Edited, commented on or gone since: each is refused with its reason, the others are done."""
    edited, commented, gone, same = (desk.submit(title=f"Mouse {n}") for n in range(4))
    plan = read_plan(write_plan(desk))
    desk.later(minutes=5)
    desk.edit("cwong", edited, owner="epark")
    desk.edit("jdoe", commented, "Any news?")
    desk.delete(gone)
    result = apply(desk, plan)
    assert desk.puts == [same]
    assert result.exit_code == 1
    found = reasons(result)
    assert found[edited] == {"the ticket moved on since the plan"}
    assert found.keys() == {edited, commented, gone}
    assert found[gone] == {"the appliance has no such ticket any more"}
    desk.sync()
    assert desk.owner(edited) == "epark"
    assert desk.owner(commented) is not None


def test_what_a_sync_did_meanwhile_is_not_done_again(desk: Desk):
    """The plan of a ticket that was synced since is refused, and applying twice is as well."""
    ticket = desk.submit()
    plan = read_plan(write_plan(desk))
    assert apply(desk, plan).exit_code == 0
    again = apply(desk, plan)
    assert (again.exit_code, desk.puts, len(desk.mails)) == (1, [], 1)
    assert len(desk.marks(ticket)) == 1


def test_a_decision_in_the_ledger_is_named_with_its_run(desk: Desk):
    """A ticket that reads as planned but was decided: the run that did it is said."""
    desk.config["route"] = [{"id": "none", "then": {"notify": {"to": ["submitter"]}}}]
    desk.submit()
    plan = read_plan(write_plan(desk))
    run = desk.sync().run
    found = reasons(apply(desk, plan))
    assert list(found.values()) == [{f"decided already, by run {run}"}]


def test_an_elapsed_level_is_applied_from_paper(desk: Desk):
    """Escalations are planned like anything else, and are not withdrawn for coming from a file."""
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=26)
    result = apply(desk, read_plan(write_plan(desk)))
    assert (result.exit_code, desk.owner(ticket)) == (0, "dlee")
    assert desk.sync().decisions == 0


def test_levels_that_fall_due_after_the_plan_are_left_to_the_next_sync(desk: Desk):
    """Applying late loses no escalation: the sync that follows carries it out."""
    ticket = desk.submit()
    plan = read_plan(write_plan(desk))
    desk.later(hours=26)
    assert apply(desk, plan).exit_code == 0
    assert desk.owner(ticket) == "adiaz"
    desk.sync()
    assert desk.owner(ticket) == "dlee"


def test_backfill_on_paper(fresh: Desk):
    """Tickets of a queue never synced, judged as new, with every level already past."""
    ticket = fresh.submit()
    fresh.later(hours=26)
    plan = read_plan(write_plan(fresh, backfill=True))
    assert apply(fresh, plan).exit_code == 0
    assert fresh.owner(ticket) == "dlee"


def test_the_limits_of_a_run_do_not_hold_what_a_person_applies(desk: Desk):
    """Who applied it stands in the ledger, as with approve."""
    desk.config["limits"] = {"changes_per_run": 1}
    desk.submit()
    desk.submit()
    plan = read_plan(write_plan(desk))
    result = apply(desk, plan)
    assert result.report.applied == 2
    with desk.bridge(read_only=True) as bridge:
        assert bridge.store.run(result.report.run).kind == "apply"
        assert bridge.store.verify() == []


def cut_off(desk: Desk, plan: Plan, monkeypatch: pytest.MonkeyPatch, where: type, at: str) -> None:
    """An apply that ends in the midst of it, at the method *at* of *where*."""

    def end(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, at, end)
        with pytest.raises(KeyboardInterrupt):
            apply(desk, plan)


def test_a_plan_cut_off_before_it_is_let_go_can_be_applied_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """It is on record with who let it go ahead, or not at all: never held for somebody else."""
    ticket = desk.submit()
    plan = read_plan(write_plan(desk))
    cut_off(desk, plan, monkeypatch, Store, "approve")
    with desk.bridge(read_only=True) as bridge:
        assert bridge.store.effects() == []
    assert (apply(desk, plan).refused, desk.puts) == ([], [ticket])


def test_a_plan_cut_off_before_its_writes_is_carried_out_by_the_next_sync(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    """Though it is over the limits: somebody has looked at it."""
    desk.config["limits"] = {"changes_per_run": 1}
    tickets = [desk.submit(), desk.submit()]
    cut_off(desk, read_plan(write_plan(desk)), monkeypatch, Applier, "tickets")
    report = desk.sync()
    assert (desk.puts, report.held, len(desk.mails)) == (tickets, 0, 2)


def test_an_unsettled_write_refuses_the_ticket(desk: Desk):
    """Nothing is planned on top of a write that may still arrive."""
    desk.config["notify"].append(
        {"id": "wrote", "event": {"commented": {"by": "submitter"}},
         "then": {"notify": {"to": ["gcho"]}}}
    )  # fmt: skip
    ticket = desk.submit()
    desk.fail(drop_before=True, times=1)
    run = desk.sync().run
    desk.edit("jdoe", ticket, "Any news?")
    plan = read_plan(write_plan(desk))
    assert [decision.rule for decision in plan.decisions] == ["wrote"]
    found = reasons(apply(desk, plan))
    assert desk.puts == []
    assert found[ticket] == {f"run {run} has not finished with it: run 'kace-bridge sync' first"}


def test_a_rehearsal_writes_nothing(desk: Desk):
    """--dry-run sorts the plan and leaves appliance and ledger alone."""
    desk.submit()
    moved = desk.submit()
    plan = read_plan(write_plan(desk))
    desk.edit("cwong", moved, owner="epark")
    result = apply(desk, plan, dry_run=True)
    assert ({d.rule for d in result.taken}, desk.puts) == ({"everything-else", "receipt"}, [])
    assert reasons(result).keys() == {moved}
    with desk.bridge(read_only=True) as bridge:
        assert bridge.store.decisions(ticket=result.taken[0].ticket) == []


def test_another_configuration_is_refused(desk: Desk):
    """The rules changed since the plan: it says so and how to go on."""
    desk.submit()
    plan = read_plan(write_plan(desk))
    desk.config["mode"] = "shadow"
    with pytest.raises(UsageError, match=r"not the one the plan was made with .* make a new plan"):
        apply(desk, plan)
    assert desk.requests == []


def test_another_appliance_is_refused(desk: Desk):
    """A plan for the test appliance never reaches the real one."""
    desk.submit()
    plan = read_plan(write_plan(desk))
    desk.environ["KACE_URL"] = "https://other.example.org"
    with pytest.raises(UsageError, match=r"made for https://kace.*is for https://other"):
        apply(desk, plan)


def test_a_running_sync_is_waited_for(desk: Desk):
    """Two at work would plan past each other: try again later."""
    desk.submit()
    plan = read_plan(write_plan(desk))
    with (
        desk.bridge() as other,
        other.store.lease("sync", ttl=LEASE),
        pytest.raises(RetryLater),
    ):
        apply(desk, plan)


def test_no_secret_is_in_the_file(desk: Desk):
    """Neither the password nor the account's name."""
    desk.submit()
    text = write_plan(desk).read_text()
    assert desk.environ["KACE_PASSWORD"] not in text
    assert "KACE_PASSWORD" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not a plan (no JSON)", id="cut short"),
        pytest.param("[]", "is not a plan", id="other JSON"),
        pytest.param('{"kind": "kace-bridge plan", "version": 9}', "version 9", id="a newer one"),
    ],
)
def test_what_is_no_plan_is_told(text: str, said: str, tmp_path: Path):
    """One line, with what to do."""
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        read_plan(path)
    assert said in str(error.value)
    assert f"make a new one: kace-bridge plan -o {path}" in str(error.value)


def test_a_missing_file_is_told(tmp_path: Path):
    """Named, with the system's reason."""
    with pytest.raises(UsageError, match=r"cannot read .*p\.json: No such file"):
        read_plan(tmp_path / "p.json")


def test_a_plan_touched_by_hand_is_refused(desk: Desk):
    """What was looked at is what is applied: one changed letter is enough."""
    desk.submit()
    path = write_plan(desk)
    path.write_text(path.read_text().replace('"owner": "adiaz"', '"owner": "epark"'))
    with pytest.raises(UsageError, match="was changed since it was written"):
        read_plan(path)
