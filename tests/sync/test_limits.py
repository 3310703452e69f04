"""Too much at once: held whole, approved as it was shown or not at all."""

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.rules.schema import LimitSpec
from kace_bridge.state import open_store
from kace_bridge.sync.commands import approve
from kace_bridge.sync.limits import Batch, compare, suspect
from tests.support.desk import Desk


@pytest.fixture
def held(desk: Desk) -> str:
    """A run that wanted to route three tickets and may change two."""
    desk.config["limits"] = {"changes_per_run": 2}
    for _ in range(3):
        desk.submit()
    report = desk.sync()
    assert (report.exit_code, desk.puts, desk.mails) == (4, [], [])
    return report.run


@pytest.mark.catalogue("C11")
def test_one_rule_may_not_do_everything(desk: Desk):
    """More than changes_per_rule by one rule: the whole batch waits, and the rule is named."""
    desk.config["limits"] = {"changes_per_rule": 2}
    for _ in range(3):
        desk.submit()
    report = desk.sync()
    assert (report.exit_code, desk.puts) == (4, [])
    assert report.over == ("rule everything-else to change 3 tickets, the limit is 2",)


@pytest.mark.parametrize(("tickets", "over"), [(5, False), (6, True)])
def test_a_share_of_the_open_tickets_is_the_limit_where_given(tickets: int, over: bool):
    """A tenth of 40, but five always may."""
    batch = Batch(frozenset(range(tickets)))
    assert bool(compare(LimitSpec(share_of_open=0.1), batch, 40)) == over
    assert not compare(LimitSpec(), batch, 40)


@pytest.mark.parametrize(
    ("moved", "known", "doubted"),
    [(11, 20, True), (10, 20, False), (19, 19, False), (600, 1000, True)],
)
def test_a_desk_that_moves_at_once_is_doubted(moved: int, known: int, doubted: bool):
    """More than half of at least twenty known tickets: the source, not people."""
    assert bool(suspect(moved, known)) == doubted


@pytest.mark.catalogue("C11")
def test_when_most_tickets_change_at_once_nothing_is_applied(desk: Desk):
    """Somebody's mass edit of 24 tickets, one of which fires a rule: held, with the reason."""
    tickets = [desk.submit() for _ in range(24)]
    desk.sync()
    desk.later(hours=1)
    for ticket in tickets:
        desk.edit("cwong", ticket, priority=3)
    desk.submit()
    report = desk.sync()
    assert (report.exit_code, desk.puts) == (4, [])
    assert "24 of 25 known tickets changed at once" in report.over[0]


@pytest.mark.catalogue("S23")
def test_exactly_the_held_list_goes_ahead(desk: Desk, held: str):
    """Approved: its three tickets are written; who and when stand in the audit."""
    with desk.bridge() as bridge:
        report = approve(bridge, held, "gcho")
        assert bridge.store.held_list(held) is None
    assert (report.applied, desk.mails != []) == (3, True)


@pytest.mark.catalogue("S23")
def test_a_list_that_changed_since_is_not_approved(desk: Desk, held: str):
    """One of its effects was withdrawn meanwhile: refused, nothing is written."""
    with desk.bridge() as bridge:
        one = bridge.store.effects(states=("held",), run=held)[0]
        bridge.store.finish([one.key], "withdrawn", "no longer wanted")
        desk.app.requests.clear()
        with pytest.raises(UsageError, match="no longer holds the list"):
            approve(bridge, held, "gcho")
    assert desk.puts == []


@pytest.mark.catalogue("S23")
def test_a_held_list_expires_after_a_day(desk: Desk, held: str):
    """Nobody approved it: withdrawn, on record, and no approval brings it back."""
    desk.later(hours=25)
    with desk.bridge() as bridge, pytest.raises(UsageError, match="holds nothing"):
        approve(bridge, held, "gcho")
    with open_store(desk.state, desk.clock) as store:
        states = {effect.state for effect in store.effects(run=held)}
        assert states == {"withdrawn"}
        assert store.verify() == []
