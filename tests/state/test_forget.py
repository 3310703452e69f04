"""Forgetting a ticket: no word of it is left, and nothing is done twice because of it."""

import pytest

from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId
from kace_bridge.state import PageCommit, Store
from tests.state.conftest import Behind
from tests.state.samples import (
    NINE,
    make_comment,
    make_decision,
    make_event,
    make_message,
    make_send,
    make_snapshot,
    make_update,
    record,
)

pytestmark = pytest.mark.catalogue("S19")
T41 = TicketId(41)


def decided() -> object:
    return make_decision(41, make_update(41), make_comment(41), make_send(41))


@pytest.fixture
def settled(store: Store) -> Store:
    """A ticket with a decision carried out and told."""
    decision = decided()
    record(store, decision)
    store.commit_page(PageCommit("r1", snapshots=[make_snapshot(41)], events=[make_event(41)]))
    parts = [(decision.id, 0), (decision.id, 1)]
    assert store.mark_intent(parts, epoch=None, send_by=NINE, settle_until=NINE)
    assert store.finish(parts, "applied", messages=[make_message("k1")])
    assert store.dropped("k1", "enough")
    return store


def test_no_word_of_it_is_left(settled: Store) -> None:
    """Snapshot, events, messages, reasons and the text of effects are gone; others' stay."""
    record(settled, make_decision(42, make_comment(42)))
    assert settled.forget(T41) == {"snapshot": 1, "event": 1, "outbox": 1, "decision": 1}
    assert settled.snapshots([T41]) == {}
    assert settled.timelines([T41]) == {T41: ()}
    left = settled.effects(ticket=T41)
    assert {(effect.text, *effect.values.values()) for effect in left} == {("",), ("", None)}
    told = [effect.message for effect in left if effect.message]
    assert [(message["to"], message["text"]) for message in told] == [("", "")]
    assert [effect.text for effect in settled.effects(ticket=TicketId(42))] != [""]


def test_what_was_decided_stays_decided(settled: Store) -> None:
    """The same page read again plans nothing."""
    settled.forget(T41)
    assert record(settled, decided()) == frozenset()


def test_it_is_no_fault_and_a_later_edit_is_one(settled: Store, behind: Behind) -> None:
    """The audit records the new seals; the chain goes on."""
    settled.forget(T41)
    assert settled.verify() == []
    assert behind.change("UPDATE decision SET rule = 'other' WHERE ticket = 41") > 0
    assert settled.verify() != []


def test_open_work_is_not_forgotten(store: Store) -> None:
    """A ticket somebody still has to be told about is refused."""
    record(store, decided())
    with pytest.raises(UsageError, match="still open"):
        store.forget(T41)


def test_nothing_known_is_nothing_done(store: Store) -> None:
    """An unknown ticket leaves no trace, not even in the audit."""
    assert set(store.forget(TicketId(99)).values()) == {0}
    assert store.verify() == []
