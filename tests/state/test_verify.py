"""Verifying and pruning: an edit behind the program's back is found, tidying up is not one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.model.ids import TicketId
from kace_bridge.state import PageCommit, Store, open_store
from tests.state.conftest import Behind
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_comment,
    make_decision,
    make_event,
    make_message,
    make_send,
    make_snapshot,
    make_update,
    record,
)

T41 = TicketId(41)
FORGED = (
    "INSERT INTO decision SELECT 'x', 9, rule, phase, cause, at, 0, 0, mode, 0, run, state, "
    "page, 9, trace_json FROM decision WHERE ticket = 41"
)
MONTH = timedelta(days=30)


def fill(store: Store) -> None:
    """A little history: a run, decisions, writes, a sent and a waiting message."""
    run = store.start_run("sync", "c0ffee", NINE)
    first = make_decision(41, make_update(41), make_comment(41), make_send(41))
    second = make_decision(42, make_update(42), mode="shadow")
    record(store, first, run=run)
    record(store, second, run=run)
    parts = [(first.id, 0), (first.id, 1)]
    assert store.mark_intent(parts, epoch=None, send_by=NINE, settle_until=NINE)
    messages = [make_message("k1"), make_message("k2", ticket=43)]
    assert store.finish(parts, "applied", messages=messages)
    assert [row.key for row in store.claim(NINE, 1, MINUTE)] == ["k1"]
    assert store.sent("k1", NINE)
    store.end_run(run, "ok", {"applied": 1}, NINE)


def test_an_untouched_store_has_no_faults(store: Store) -> None:
    """All that the program itself does is consistent."""
    fill(store)
    assert store.verify() == []


@pytest.mark.catalogue("S22")
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE decision SET rule = 'other' WHERE ticket = 41", "is not what was recorded"),
        ("UPDATE decision SET trace_json = '{}' WHERE ticket = 42", "is not what was recorded"),
        ("UPDATE decision SET at = at + 1", "is not what was recorded"),
        ("UPDATE decision SET state = 'planned' WHERE ticket = 42", "its effects say"),
        ("UPDATE effect SET detail_json = replace(detail_json, 'bkim', 'evil')", "recorded"),
        ("UPDATE effect SET state = 'planned' WHERE state = 'applied'", "the audit says applied"),
        ("UPDATE effect SET state = 'planned' WHERE state = 'shadow'", "the audit says shadow"),
        ("DELETE FROM effect WHERE part = 1", "is not what was recorded"),
        ("DELETE FROM decision WHERE ticket = 42", "in the audit but not in the store"),
        (FORGED, "is not in the audit"),
        ("UPDATE outbox SET state = 'pending' WHERE message_key = 'k1'", "the audit says sent"),
        ("UPDATE outbox SET message_json = '{}'", "not what was queued"),
        ("DELETE FROM outbox WHERE message_key = 'k2'", "in the audit but not in the store"),
        ("UPDATE run SET outcome = 'failed'", "the audit says ok"),
        ("DELETE FROM run", "in the audit but not in the store"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", "was changed after it was written"),
        ("UPDATE audit SET data_json = '{}' WHERE seq = 2", "was changed after it was written"),
        ("UPDATE audit SET prev_hash = 'x' WHERE seq = 2", "does not follow row 1"),
        ("DELETE FROM audit WHERE seq = 2", "rows 2 to 2 are missing"),
        ("DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)", "the last row written was"),
        ("DELETE FROM audit WHERE seq = 1", "rows 1 to 1 are missing"),
        ("DELETE FROM meta WHERE name = 'audit_head'", "the last row written was 0"),
    ],
)  # fmt: skip
def test_every_edit_behind_the_programs_back_is_found(
    store: Store, behind: Behind, sql: str, words: str
) -> None:
    """A row changed, removed or added by hand contradicts the audit, and verify says which."""
    fill(store)
    assert behind.change(sql) > 0
    assert words in "\n".join(store.verify())


def test_a_missing_reference_is_found(store: Store, behind: Behind) -> None:
    """An effect whose decision is gone is named by the database itself."""
    fill(store)
    behind.change("DELETE FROM decision WHERE ticket = 41")
    assert any("its decision row is missing" in line for line in store.verify())


def grow_old(store: Store, clock: ManualClock) -> None:
    """Fill the store, with a ticket gone and a time of absence over, and let two months pass."""
    fill(store)
    store.commit_page(
        PageCommit(
            "r0",
            snapshots=[make_snapshot(41), make_snapshot(44, gone_at=NINE)],
            events=[make_event(41), make_event(44)],
        )
    )
    store.add_absence("adiaz", NINE, NINE + MINUTE)
    store.add_silence({"rule": "x"}, NINE, NINE + MINUTE)
    clock.advance(2 * MONTH)


def test_prune_removes_what_is_over(store: Store, clock: ManualClock) -> None:
    """Counts are told; what waits or still counts stays."""
    grow_old(store, clock)
    assert store.prune(NINE + MONTH) == {
        "guard": 1, "silence": 1, "absence": 1, "snapshot": 1, "trace": 2, "outbox": 1,
        "run": 1, "audit": 8,
    }  # fmt: skip
    assert [row.key for row in store.outbox()] == ["k2"]
    assert list(store.snapshots([T41, TicketId(44)])) == [41]
    assert store.timelines([TicketId(44)]) == {44: ()}
    assert store.runs() == []
    assert store.prune(NINE + MONTH)["trace"] == 0


def test_prune_keeps_once_true(store: Store, clock: ManualClock) -> None:
    """What was decided before stays decided: the same page plans nothing again."""
    grow_old(store, clock)
    before = store.decision_ids([T41, TicketId(42)])
    store.prune(NINE + 2 * MONTH)
    assert store.decision_ids([T41, TicketId(42)]) == before
    again = make_decision(41, make_update(41), make_comment(41), make_send(41))
    assert record(store, again) == frozenset()


def test_a_pruned_store_is_still_sound(store: Store, behind: Behind, clock: ManualClock) -> None:
    """Tidying is no fault, before or after new work; a later edit is still found."""
    grow_old(store, clock)
    store.prune(NINE + MONTH)
    assert store.verify() == []
    fresh = make_decision(50, make_update(50), make_send(50))
    record(store, fresh)
    assert store.finish([(fresh.id, 0)], "applied", messages=[make_message("k9", ticket=50)])
    assert store.dropped("k2", "too old")
    store.prune(NINE)
    assert store.verify() == []
    assert behind.change("UPDATE effect SET state = 'failed' WHERE ticket = 50") > 0
    assert store.verify() != []


def test_a_trace_thinned_by_hand_only_passes_as_itself(
    store: Store, behind: Behind, clock: ManualClock
) -> None:
    """Pruning leaves the trace's digest; another trace's digest in its place is found."""
    grow_old(store, clock)
    store.prune(NINE - MONTH)
    assert behind.change("""UPDATE decision SET trace_json = '{"thinned":"0"}'""") > 0
    assert any("is not what was recorded" in line for line in store.verify())


def test_writing_goes_on_from_an_audit_that_was_cut(url: str, clock: ManualClock) -> None:
    """With every row pruned, the chain continues from its last seal, also after re-opening."""
    with open_store(url, clock) as store:
        fill(store)
        clock.advance(MONTH)
        store.prune(clock.now() + MINUTE)
    with open_store(url, clock) as store, store.lease("sync", TTL):
        record(store, make_decision(60, make_update(60)))
        assert store.verify() == []


@pytest.mark.catalogue("S22")
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda store: record(store, make_decision(9, make_update(9))), id="decide"),
        pytest.param(lambda store: store.start_run("sync", "", NINE), id="run"),
        pytest.param(lambda store: store.claim(NINE, 9, MINUTE), id="claim"),
        pytest.param(lambda store: store.dropped("k2", "silenced"), id="drop"),
    ],
)
def test_every_change_of_state_is_audited(
    store: Store, behind: Behind, act: Callable[[Store], object]
) -> None:
    """One row more, in the same transaction."""
    fill(store)
    count = "SELECT COUNT(*) FROM audit"
    ((before,),) = behind.ask(count)
    act(store)
    assert behind.ask(count) == [(before + 1,)]
