"""Committing a page: once, whole, and only under the lease."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kace_bridge.errors import KaceBridgeError, RetryLater
from kace_bridge.model.effect import Decision
from kace_bridge.model.event import EventKind, FieldChange
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.state import Cursor, DueRow, PageCommit, Store, open_store
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_comment,
    make_decision,
    make_event,
    make_send,
    make_snapshot,
    make_update,
    record,
    states,
)

T41 = TicketId(41)
CURSOR = Cursor("1", "2026-03-02 09:00:00", "2026-03-02 08:50:00", None, 41, "", True, True, NINE)


def test_a_page_gives_back_what_was_put_in(store: Store) -> None:
    """Cursor, snapshots, events, due times and turns are read as they were written."""
    snapshot = make_snapshot(41, record={"id": 41, "title": "Ünïcode \ud800", "n": None})
    closed = make_event(
        41, EventKind.CHANGED, cause="row:7", at=NINE + MINUTE, author="bkim", staff=True,
        public=False, via_email=True, comment="\ud800 half", own=True,
        changes=(FieldChange("status", None, "Closed"),),
    )  # fmt: skip
    due = DueRow(T41, "no-answer", 1, NINE)
    store.commit_page(
        PageCommit("r1", CURSOR, [snapshot], [closed, make_event(41)], [], [due], {"desk": "bkim"})
    )
    assert store.cursor("1") == CURSOR
    assert store.snapshot(T41) == snapshot
    assert store.digests([T41, TicketId(42)]) == {41: ("d0", 1)}
    assert store.timelines([T41, TicketId(42)]) == {41: (make_event(41), closed), 42: ()}
    assert store.due(NINE, 10) == [due]
    assert store.turns() == {"desk": "bkim"}


def test_decisions_and_effects_are_read_as_planned(store: Store) -> None:
    """Every kind of effect keeps its place, its content and its decision's trace."""
    decision = make_decision(
        41, make_update(41), make_comment(41), make_send(41), level=2, episode=1, late_s=1.5
    )
    assert record(store, decision) == {decision.id}
    row = store.decision(decision.id)
    assert row is not None
    assert (row.rule, row.level, row.episode, row.late_s) == ("network", 2, 1, 1.5)
    assert (row.trace, row.state, row.at) == ({"why": "vpn"}, "planned", NINE)
    update, comment, message = store.effects(ticket=T41)
    assert (update.kind, update.values, update.before) == (
        "update", {"owner": "bkim"}, {"owner": None},
    )  # fmt: skip
    assert (comment.kind, comment.text, comment.public) == ("comment", "Looking", False)
    assert message.message is not None
    assert message.message["to"] == "bkim@example.org"
    assert [effect.key for effect in (update, comment, message)] == [
        (decision.id, part) for part in range(3)
    ]


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        pytest.param(make_decision(41, make_update(41)), "planned", id="to be carried out"),
        pytest.param(make_decision(41), "done", id="nothing to do"),
        pytest.param(
            make_decision(41, make_update(41), mode="shadow"), "shadow", id="only watched"
        ),
        pytest.param(make_decision(41, make_update(41), mode="off"), "shadow", id="switched off"),
    ],
)
def test_the_first_state_of_a_decision(store: Store, decision: Decision, state: str) -> None:
    """Only an enforcing decision with effects waits to be applied."""
    record(store, decision)
    row = store.decision(decision.id)
    assert row is not None
    assert row.state == state
    assert store.planned_tickets(9) == ([T41] if state == "planned" else [])


def test_a_shadow_decision_never_leaves_the_shadow(store: Store) -> None:
    """Neither intent nor a result can be recorded for it."""
    decision = make_decision(41, make_update(41), mode="shadow")
    record(store, decision)
    assert not store.mark_intent([(decision.id, 0)], epoch=None, send_by=NINE, settle_until=NINE)
    assert not store.finish([(decision.id, 0)], "applied")
    assert states(store) == ["shadow"]


decisions = st.lists(
    st.builds(
        lambda ticket, rule, cause, mode, count: make_decision(
            ticket, *[make_update(ticket)] * count, rule=rule, cause=cause, mode=mode
        ),
        st.integers(1, 4),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["created", "row:7"]),
        st.sampled_from(["enforce", "shadow"]),
        st.integers(0, 2),
    ),
    max_size=8,
)
events = st.lists(
    st.builds(
        lambda ticket, kind, row: make_event(ticket, kind, cause=f"row:{row}"),
        st.integers(1, 4),
        st.sampled_from(list(EventKind)),
        st.integers(1, 3),
    ),
    max_size=8,
)
pages = st.builds(
    lambda tickets, happened, decided, due: PageCommit(
        "r1",
        CURSOR,
        [make_snapshot(ticket) for ticket in tickets],
        happened,
        decided,
        [DueRow(TicketId(ticket), "x", level, NINE) for ticket, level in due],
        {"desk": "bkim"},
    ),
    st.sets(st.integers(1, 4)),
    events,
    decisions,
    st.sets(st.tuples(st.integers(1, 4), st.integers(1, 2))),
)


def content(store: Store) -> list[object]:
    """Everything that can be read of tickets 1 to 4."""
    ids = [TicketId(number) for number in range(1, 5)]
    return [
        store.snapshots(ids), store.timelines(ids), store.decision_ids(ids), store.decisions(),
        store.effects(), store.due(NINE, 99), store.cursor("1"), store.turns(),
    ]  # fmt: skip


@given(page=pages)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_page_again_changes_nothing(page: PageCommit) -> None:
    """Overlap, a restart or a second worker bring a page twice; it counts once."""
    with open_store("sqlite://:memory:") as store:
        assert store.commit_page(page) == {decision.id for decision in page.decisions}
        before = content(store)
        assert store.commit_page(page) == frozenset()
        assert content(store) == before
        assert store.verify() == []


@given(first=pages, second=pages)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_only_what_is_new_is_reported_as_new(first: PageCommit, second: PageCommit) -> None:
    """The answer is exactly the ids the store had not seen, and they are all there after."""
    with open_store("sqlite://:memory:") as store:
        known = store.commit_page(first)
        fresh = store.commit_page(second)
        assert fresh == {decision.id for decision in second.decisions} - known
        assert {row.id for row in store.decisions()} == known | fresh


def test_a_known_decision_keeps_its_first_content(store: Store) -> None:
    """What was decided and perhaps done already is not rewritten by a later reading."""
    record(store, make_decision(41, make_update(41)))
    assert record(store, make_decision(41, make_update(41, owner="cwong"))) == frozenset()
    assert store.effects()[0].values == {"owner": "bkim"}


def test_a_withdrawn_decision_may_be_planned_again(store: Store) -> None:
    """It no longer counts as decided; planned anew, its new effects replace the old."""
    decision = make_decision(41, make_update(41), make_comment(41))
    record(store, decision)
    assert store.finish([(decision.id, 0), (decision.id, 1)], "withdrawn", "held too long")
    assert store.decision_ids([T41]) == {41: frozenset()}
    again = make_decision(41, make_update(41, owner="cwong"), trace={"why": "again"})
    assert record(store, again, run="r2") == {decision.id}
    (effect,) = store.effects()
    assert (effect.values, effect.state, effect.run) == ({"owner": "cwong"}, "planned", "r2")
    assert store.decision_ids([T41]) == {41: {decision.id}}
    assert store.verify() == []


def test_due_rows_of_a_pages_tickets_are_replaced(store: Store) -> None:
    """A ticket read again has the due times of this reading and no older ones."""
    first = [DueRow(T41, "x", 1, NINE), DueRow(TicketId(42), "x", 1, NINE + MINUTE)]
    store.commit_page(PageCommit("r1", due=first))
    store.commit_page(
        PageCommit(
            "r1", snapshots=[make_snapshot(41)], due=[DueRow(T41, "x", 2, NINE + 2 * MINUTE)]
        )
    )
    assert [(row.ticket, row.level) for row in store.due(NINE + TTL * 9, 9)] == [(42, 1), (41, 2)]
    assert store.due(NINE, 9) == []
    assert len(store.due(NINE + TTL * 9, 1)) == 1
    store.set_due([T41], [])
    assert [row.ticket for row in store.due(NINE + TTL * 9, 9)] == [42]


def test_nothing_of_a_page_is_committed_without_the_lease(store: Store) -> None:
    """A run that was overtaken while reading writes nothing at all."""
    with store.lease("sync", TTL) as lease:
        epoch = lease.epoch
    page = PageCommit("r1", CURSOR, [make_snapshot(41)], decisions=[make_decision(41)], epoch=epoch)
    with pytest.raises(RetryLater, match="lost the lease"):
        store.commit_page(page)
    assert store.cursor("1") is None
    assert store.snapshot(T41) is None
    assert store.decisions() == []


def test_a_page_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    """An error in its last row takes back its first."""
    bad = make_decision(41, make_update(41), level=2**70)
    with pytest.raises((OverflowError, KaceBridgeError)):
        store.commit_page(PageCommit("r1", CURSOR, [make_snapshot(41)], decisions=[bad]))
    assert store.cursor("1") is None
    assert store.snapshot(T41) is None
    assert record(store, make_decision(41)) != frozenset()


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        pytest.param({}, True, id="an opened ticket"),
        pytest.param({"state": "stalled", "status": "New"}, True, id="a new one, though stalled"),
        pytest.param({"state": "stalled", "status": "Waiting"}, False, id="one that waits"),
        pytest.param({"state": "closed", "status": "Closed"}, False, id="a closed one"),
        pytest.param({"gone_at": NINE}, False, id="one that is gone"),
        pytest.param({"owner": None}, False, id="one nobody owns"),
    ],
)
def test_what_counts_as_load(store: Store, changes: dict[str, object], counts: bool) -> None:
    """Only work in hand weighs on a person."""
    store.commit_page(PageCommit("r1", snapshots=[make_snapshot(41, **changes)]))
    assert store.loads() == ({"adiaz": 1} if counts else {})


def test_open_tickets_are_paged_by_number(store: Store) -> None:
    """Neither closed nor gone, by queue and from a given number on."""
    rows = [make_snapshot(n, queue=QueueId(n % 2)) for n in range(1, 9)]
    rows += [make_snapshot(9, state="closed"), make_snapshot(10, gone_at=NINE)]
    store.commit_page(PageCommit("r1", snapshots=rows))
    assert [row.ticket for row in store.open_snapshots()] == list(range(1, 9))
    assert [row.ticket for row in store.open_snapshots([QueueId(1)])] == [1, 3, 5, 7]
    both = store.open_snapshots([QueueId(0), QueueId(1)], after=TicketId(2), limit=3)
    assert [row.ticket for row in both] == [3, 4, 5]


def test_more_ids_than_one_statement_takes(store: Store) -> None:
    """Reading many tickets at once has no limit a caller must know."""
    store.commit_page(PageCommit("r1", snapshots=[make_snapshot(n) for n in range(1, 1_203)]))
    assert len(store.snapshots(TicketId(n) for n in range(1, 5_000))) == 1_202


def test_events_of_one_moment_are_in_history_order(store: Store) -> None:
    """Whatever the order they were stored in, row 9 comes before row 10."""
    kinds = [
        make_event(41, EventKind.CLOSED, cause="row:10"),
        make_event(41, EventKind.CHANGED, cause="row:10"),
        make_event(41, EventKind.COMMENTED, cause="row:9"),
        make_event(41, EventKind.CREATED, at=NINE - timedelta(days=1)),
    ]
    store.commit_page(PageCommit("r1", events=kinds))
    found = [(event.cause, event.kind.value) for event in store.timelines([T41])[T41]]
    assert found == [
        ("created", "created"), ("row:9", "commented"), ("row:10", "changed"), ("row:10", "closed"),
    ]  # fmt: skip
