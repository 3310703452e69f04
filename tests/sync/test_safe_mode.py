"""An appliance that is not what it was: nothing is written until a person has looked."""

import copy
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from kace_bridge.errors import SafeMode
from kace_bridge.state import open_store
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.trust import check_organization
from tests.support.desk import Desk


def backup(desk: Desk) -> dict[str, Any]:
    """A copy of the appliance's data."""
    held = desk.app.desk
    return copy.deepcopy({each.name: getattr(held, each.name) for each in fields(held)})


def restore(desk: Desk, saved: dict[str, Any]) -> None:
    """Put the copy back; time goes on."""
    held = desk.app.desk
    kept = {**copy.deepcopy(saved), "revision": held.revision + 1}
    for name, value in kept.items():
        setattr(held, name, value)


def bring_back(desk: Desk, ticket: Any) -> None:
    """A deleted ticket is there again."""
    held = desk.app.desk
    held.tickets[ticket.id] = ticket
    held.ids.append(ticket.id)
    held.ids.sort()
    held.revision += 1


def resync(desk: Desk, *, restored: bool) -> int:
    with open_store(desk.state, desk.clock) as store:
        return store.leave_safe_mode("gcho", "looked at it", restored=restored)


def doubt(desk: Desk) -> str:
    with open_store(desk.state, desk.clock) as store:
        return str(store.doubt().get("reason", ""))


def refused(desk: Desk) -> str:
    """A sync that stops in safe mode without writing; what it says."""
    with pytest.raises(SafeMode) as stopped:
        desk.sync()
    assert stopped.value.exit_code == 4
    assert desk.puts == []
    return str(stopped.value)


@pytest.fixture
def restored(desk: Desk) -> Desk:
    """A day's work is lost by a restore, and somebody has logged a ticket since."""
    desk.submit(title="Before the backup")
    desk.sync()
    saved = backup(desk)
    desk.later(hours=1)
    desk.submit(title="Lost by the restore")
    desk.sync()
    desk.later(hours=23)
    restore(desk, saved)
    desk.submit(title="VPN drops")
    return desk


@pytest.mark.catalogue("A27", "A28")
def test_a_number_given_again_stops_everything(restored: Desk):
    """The new ticket has the number of a lost one: no owner, no mail, exit 4, and so it stays."""
    mails = restored.mails
    assert "was created" in refused(restored)
    assert "was created" in doubt(restored)
    assert "safe mode since run" in refused(restored)
    assert restored.mails == mails


@pytest.mark.catalogue("A28")
def test_after_resync_old_decisions_do_not_stand_for_new_tickets(restored: Desk):
    """All is learnt anew without firing; the next new ticket is routed, whatever its number."""
    refused(restored)
    resync(restored, restored=True)
    assert restored.sync().baseline
    assert restored.puts == []
    restored.later(minutes=5)
    new = restored.submit(title="Wifi is slow")
    restored.sync()
    assert restored.owner(new) == "gcho"
    with restored.bridge(read_only=True) as bridge:
        keys = {rule.key for rule in bridge.site.rules.rules}
    assert all(key.endswith("@1") for key in keys)


@pytest.mark.catalogue("A27")
@pytest.mark.parametrize("span", [timedelta(hours=2), timedelta(days=1), timedelta(days=30)])
def test_a_ticket_that_went_back_in_time_stops_everything(desk: Desk, span: timedelta):
    """Its last change is older than what was read already."""
    ticket = desk.submit()
    desk.sync()
    saved = backup(desk)
    desk.later(seconds=span.total_seconds())
    desk.edit("adiaz", ticket, "working on it")
    desk.sync()
    restore(desk, saved)
    with desk.bridge() as bridge, pytest.raises(SafeMode, match="gone back in time"):
        sync(bridge, full=True)


@pytest.mark.catalogue("A27")
def test_history_numbers_that_go_back_stop_everything(desk: Desk):
    """After the restore another ticket is worked on: its row is younger and has a lower number."""
    one, other = desk.submit(), desk.submit()
    desk.sync()
    saved = backup(desk)
    desk.later(minutes=30)
    for _ in range(6):
        desk.edit("adiaz", one, "working on it")
    desk.sync()
    restore(desk, saved)
    desk.later(hours=1)
    desk.edit("bkim", other, "me too")
    assert "numbers have gone back" in refused(desk)


@pytest.mark.catalogue("A29")
def test_another_appliance_under_the_same_name_is_not_written_to(desk: Desk, tmp_path):
    """The name leads to another appliance: its tickets have other births."""
    desk.submit()
    desk.sync()
    desk.later(hours=1)
    other = Desk(tmp_path)
    other.app.clock.set("2026-03-02 10:00:00", frozen=True)
    other.submit(title="VPN drops")
    restore(desk, backup(other))
    assert "kace-bridge resync" in refused(desk)
    assert desk.owner(1) is None


@pytest.mark.catalogue("A29")
def test_another_organization_is_refused(desk: Desk):
    """The organization of the first sync is pinned."""
    with open_store(desk.state, desk.clock) as store:
        store.set_meta("appliance_pin", "Elsewhere")
    with desk.bridge() as bridge, pytest.raises(SafeMode, match="not Elsewhere"):
        check_organization(bridge.store, "Default")


@pytest.fixture
def blind(desk: Desk) -> Desk:
    """Twenty tickets are known, and the account is shown twelve of them."""
    tickets = [desk.submit() for _ in range(20)]
    desk.config["limits"] = {"changes_per_run": 100}
    desk.sync()
    desk.later(hours=7)
    for ticket in tickets[:8]:
        desk.delete(ticket)
    return desk


@pytest.mark.catalogue("A41", "A08")
def test_many_tickets_that_vanish_at_once_are_not_believed_to_be_gone(blind: Desk):
    """Writes stop, the number is told; nothing known is dropped."""
    assert "8 of 21 known tickets are on no list" in refused(blind)
    with open_store(blind.state, blind.clock) as store:
        assert all(each.gone_at is None for each in store.all_snapshots(0, 99))


@pytest.mark.catalogue("A41")
def test_somebody_may_say_that_they_are_gone(blind: Desk):
    """After a look: the next full sync takes the desk as it is, once."""
    refused(blind)
    resync(blind, restored=False)
    with blind.bridge() as bridge:
        assert sync(bridge, full=True).exit_code == 0
        gone = [each for each in bridge.store.all_snapshots(0, 99) if each.gone_at]
    assert len(gone) == 8


@pytest.mark.catalogue("A15")
def test_a_few_that_vanish_are_gone_and_come_back_as_news(desk: Desk):
    """One archived or merged ticket is noted as gone; nothing stops."""
    ticket, _ = desk.submit(), desk.submit()
    desk.sync()
    kept = desk.app.desk.tickets[ticket]
    desk.delete(ticket)
    desk.later(hours=7)
    assert desk.sync().exit_code == 0
    with open_store(desk.state, desk.clock) as store:
        assert store.snapshot(ticket).gone_at is not None
    bring_back(desk, kept)
    desk.later(hours=7)
    desk.sync()
    with open_store(desk.state, desk.clock) as store:
        assert store.snapshot(ticket).gone_at is None


@pytest.mark.catalogue("A41")
def test_a_due_ticket_that_is_invisible_for_a_while_is_escalated_later(desk: Desk):
    """Invisible is not gone: the level that fell due meanwhile is taken when it is back."""
    ticket = desk.submit()
    desk.sync()
    kept = desk.app.desk.tickets[ticket]
    desk.delete(ticket)
    desk.later(hours=5)
    desk.sync()
    bring_back(desk, kept)
    desk.later(hours=20)
    desk.sync()
    assert desk.owner(ticket) in {"dlee", "epark"}


def test_every_way_to_write_is_closed(restored: Desk):
    """A command at the terminal, an undo: the same line, before anything is sent."""
    refused(restored)
    restored.app.requests.clear()
    with pytest.raises(SafeMode, match="safe mode since run"), restored.bridge():
        pass
    assert restored.requests == []
    with restored.bridge(read_only=True) as bridge:
        assert bridge.store.doubt()
