"""What would happen is exactly what then happens, and looking changes nothing."""

import pytest

from kace_bridge.sync.preview import Preview, preview
from tests.support.desk import Desk


def look(desk: Desk, **given: bool) -> Preview:
    desk.app.requests.clear()
    with desk.bridge() as bridge:
        return preview(bridge, **given)


def contents(desk: Desk) -> list[object]:
    """Everything the store remembers that a sync would change."""
    with desk.bridge() as bridge:
        store = bridge.store
        return [
            store.decisions(), store.effects(), store.open_snapshots(), store.runs(),
            store.turns(), store.loads(), store.cursor("queues:1"), store.outbox(),
            store.due(bridge.now().replace(year=2030), 1000), store.meta("learnt"),
            store.meta("people"), store.meta("orders"),
        ]  # fmt: skip


def test_looking_changes_nothing(desk: Desk):
    """Neither the store nor the appliance nor the mail folder is any different afterwards."""
    desk.submit()
    desk.submit("provost", title="No wifi")
    before, world = contents(desk), desk.app.dump()
    found = look(desk)
    assert len(found.decisions) == 5
    assert contents(desk) == before
    assert desk.app.dump() == world
    assert (desk.puts, desk.mails) == ([], [])


def test_what_is_shown_is_what_is_done(desk: Desk):
    """New tickets, a closing, a re-opening and a level due: the same decisions by the same ids."""
    old, other = desk.submit(), desk.submit(title="No wifi")
    desk.sync()
    desk.later(days=1)
    desk.edit("gcho", other, "done", status=2)
    for _ in range(4):
        desk.submit()
    desk.submit("provost")
    shown = look(desk)
    report = desk.sync()
    with desk.bridge() as bridge:
        taken = bridge.store.decisions(run=report.run)
        values = {e.decision: dict(e.values) for e in bridge.store.effects() if e.values}
    assert [d.id for d in shown.decisions] == [
        row.id for row in taken if any(e.decision == row.id for e in effects(desk))
    ]
    assert old in {d.ticket for d in shown.decisions if d.phase == "escalate"}
    for decision in shown.decisions:
        for effect in decision.effects:
            if hasattr(effect, "values"):
                assert values[decision.id] == dict(effect.values)


def test_more_levels_than_one_look_are_all_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """However many levels are due, the preview shows every one of them."""
    monkeypatch.setattr("kace_bridge.sync.preview.DUE_LIMIT", 2, raising=False)
    monkeypatch.setattr("kace_bridge.sync.intake.DUE_LIMIT", 2)
    tickets = [desk.submit() for _ in range(5)]
    desk.sync()
    desk.later(days=1)
    assert {decision.ticket for decision in look(desk).decisions} == set(tickets)


def test_an_unlearnt_desk_is_said_to_be_one(fresh: Desk):
    """Before the first sync nothing would be done, and the preview says why; backfill differs."""
    ticket = fresh.submit()
    found = look(fresh)
    assert (found.baseline, found.decisions) == (True, ())
    filled = look(fresh, backfill=True)
    assert {decision.ticket for decision in filled.decisions} == {ticket}
    assert fresh.sync(backfill=True).applied == 1


def test_limits_are_foretold(desk: Desk):
    """A plan that would be held says so, in the words the run will use."""
    desk.config["limits"] = {"changes_per_run": 1}
    desk.submit()
    desk.submit()
    assert look(desk).limits_exceeded == desk.sync().over


def test_shown_tickets_are_as_they_are_now(desk: Desk):
    """Each decision's ticket comes along, for printing what changes from what to what."""
    ticket = desk.submit(title="No wifi")
    found = look(desk)
    assert found.tickets[ticket].title == "No wifi"
    assert set(found.tickets) == {decision.ticket for decision in found.decisions}


def effects(desk: Desk) -> list:
    with desk.bridge() as bridge:
        return bridge.store.effects()
