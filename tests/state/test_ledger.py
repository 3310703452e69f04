"""The ledger: every effect moves by compare-and-set, all parts together or none."""

from datetime import timedelta

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import RetryLater
from kace_bridge.model.ids import TicketId
from kace_bridge.state import Store
from kace_bridge.state.rows import Part
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_comment,
    make_decision,
    make_message,
    make_send,
    make_snapshot,
    make_update,
    record,
    states,
)

T41 = TicketId(41)


def plan(store: Store, ticket: int = 41, rule: str = "network") -> list[Part]:
    """One decision that sets a field, comments and tells somebody; its three parts."""
    decision = make_decision(
        ticket, make_update(ticket), make_comment(ticket), make_send(ticket), rule=rule
    )
    record(store, decision)
    return [(decision.id, part) for part in range(3)]


def intend(store: Store, parts: list[Part], **options: int | None) -> bool:
    return store.mark_intent(
        parts, epoch=options.pop("epoch", None), send_by=NINE + MINUTE,
        settle_until=NINE + 4 * MINUTE, **options,
    )  # fmt: skip


def reach(store: Store, part: Part, state: str) -> None:
    """Bring a planned *part* to *state*."""
    if state == "held":
        assert store.hold("r1", "too many") > 0
    elif state in ("intent", "unknown"):
        assert intend(store, [part])
    if state not in ("planned", "held", "intent"):
        assert store.finish([part], state)


def test_intent_is_on_record_before_anything_is_sent(store: Store) -> None:
    """The promise carries its deadline and its settle window."""
    parts = plan(store)
    assert intend(store, parts[:2])
    update, _, message = store.effects()
    assert (update.state, update.intent_at) == ("intent", NINE)
    assert (update.send_by, update.settle_until) == (NINE + MINUTE, NINE + 4 * MINUTE)
    assert message.state == "planned"


def test_intent_is_all_or_nothing(store: Store) -> None:
    """One part already on its way keeps the others planned."""
    parts = plan(store)
    assert intend(store, parts[1:2])
    assert not intend(store, parts[:2])
    assert states(store) == ["planned", "intent", "planned"]
    assert store.guard_count(T41, NINE) == 1


def test_two_workers_cannot_both_intend(store: Store) -> None:
    """The second of two gets no and must not send."""
    parts = plan(store)
    assert [intend(store, parts), intend(store, parts)] == [True, False]


def test_intent_may_name_the_attempt_it_saw(store: Store) -> None:
    """A worker that slept through another's failed attempt does not send on old knowledge."""
    parts = plan(store)[:1]
    assert intend(store, parts, attempt=0)
    assert store.finish(parts, "planned", "refused")
    assert not intend(store, parts, attempt=0)
    assert intend(store, parts, attempt=1)


@pytest.mark.parametrize("target", ["applied", "noop", "failed", "conflict", "superseded",
                                    "withdrawn", "unknown", "planned"])  # fmt: skip
@pytest.mark.parametrize("source", ["planned", "held", "intent", "unknown", "applied", "noop",
                                    "failed", "conflict", "superseded", "withdrawn"])  # fmt: skip
def test_every_move_an_effect_can_make(store: Store, source: str, target: str) -> None:
    """Ended effects stay as they are; what was never sent has no unknown outcome."""
    part = plan(store)[0]
    reach(store, part, source)
    allowed = {
        "planned": {"applied", "noop", "failed", "conflict", "superseded", "withdrawn"},
        "held": {"withdrawn"},
        "intent": {"applied", "noop", "failed", "conflict", "superseded", "withdrawn",
                   "unknown", "planned"},
        "unknown": {"applied", "noop", "failed", "conflict", "superseded", "withdrawn",
                    "unknown", "planned"},
    }  # fmt: skip
    moved = store.finish([part], target, "why")
    assert moved == (target in allowed.get(source, set()))
    assert states(store)[0] == (target if moved else source)
    assert store.verify() == []


def test_another_attempt_forgets_the_promise(store: Store) -> None:
    """Planned again, it counts one attempt more and has no deadline."""
    part = plan(store)[0]
    assert intend(store, [part])
    assert store.finish([part], "planned", "connection refused")
    effect = store.effects()[0]
    assert (effect.attempt, effect.intent_at, effect.send_by, effect.settle_until) == (
        1, None, None, None,
    )  # fmt: skip
    assert effect.reason == "connection refused"


def test_applied_comes_with_its_messages_and_snapshot(store: Store) -> None:
    """Message, snapshot and result are one transaction; the message effect is served."""
    parts = plan(store)
    assert intend(store, parts[:2])
    message = make_message("k1")
    after = make_snapshot(41, owner="bkim", last_row=9)
    assert store.finish(parts[:2], "applied", snapshot=after, row=9, messages=[message])
    assert states(store) == ["applied", "applied", "applied"]
    assert store.snapshot(T41) == after
    assert store.effects()[0].row == 9
    (row,) = store.outbox()
    assert (row.message, row.decision, row.state) == (message, parts[0][0], "pending")
    assert store.verify() == []


def test_a_failed_finish_queues_nothing(store: Store) -> None:
    """When the compare-and-set loses, neither message nor snapshot is written."""
    parts = plan(store)
    assert store.finish(parts, "superseded")
    assert not store.finish(
        parts, "applied", snapshot=make_snapshot(41), messages=[make_message("k1")]
    )
    assert store.outbox() == []
    assert store.snapshot(T41) is None


def test_a_message_with_a_known_key_is_queued_once(store: Store) -> None:
    """The same decision told twice is one message, the first one."""
    parts = plan(store)
    assert store.finish(parts[:1], "applied", messages=[make_message("k1")])
    assert store.finish(parts[1:2], "applied", messages=[make_message("k1", text="other")])
    assert [row.message.text for row in store.outbox()] == ["Text"]


def test_each_message_serves_one_effect(store: Store) -> None:
    """Two rules telling one person the same are two effects; one message serves one."""
    first, second = plan(store, rule="a"), plan(store, rule="b")
    assert store.finish([first[0], second[0]], "applied", messages=[make_message("k1")])
    assert states(store) == ["applied", "planned", "applied", "applied", "planned", "planned"]


def test_a_message_for_nobody_planned_belongs_to_the_first_decision(store: Store) -> None:
    """A summary of several messages serves no effect by itself."""
    parts = plan(store)
    assert store.finish(parts[:1], "applied", messages=[make_message("k1", to="x@example.org")])
    assert store.outbox()[0].decision == parts[0][0]
    assert states(store) == ["applied", "planned", "planned"]


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        pytest.param(["applied", "applied", "applied"], "done", id="all applied"),
        pytest.param(["noop", "superseded", "applied"], "done", id="over, one way or another"),
        pytest.param(["applied", None, None], "planned", id="some still wait"),
        pytest.param(["applied", "failed", "applied"], "failed", id="one failed"),
        pytest.param(["conflict", "applied", "applied"], "failed", id="a human's change won"),
        pytest.param(["failed", None, None], "planned", id="waiting outweighs failed"),
        pytest.param(["withdrawn", "withdrawn", "applied"], "done", id="partly withdrawn"),
        pytest.param(["withdrawn"] * 3, "withdrawn", id="withdrawn whole"),
    ],
)
def test_a_decision_sums_up_its_effects(store: Store, ends: list[str | None], state: str) -> None:
    """What runs and tickets show is the state of the decision."""
    parts = plan(store)
    for part, end in zip(parts, ends, strict=True):
        if end is not None:
            assert store.finish([part], end)
    row = store.decision(parts[0][0])
    assert row is not None
    assert row.state == state


def test_a_held_run_waits_for_approval(store: Store) -> None:
    """Held effects are out of the plan; approval brings all of them back, and only those."""
    record(store, make_decision(41, make_update(41)), run="r1")
    other = make_decision(42, make_update(42))
    record(store, other, run="r2")
    assert store.hold("r1", "61 changes, the limit is 60") == 1
    assert store.planned_tickets(9) == [42]
    assert [row.state for row in store.decisions(run="r1")] == ["held"]
    (held,) = store.effects(states=["held"])
    assert held.reason == "61 changes, the limit is 60"
    assert not intend(store, [held.key])
    assert store.approve("r1", "jdoe") == 1
    assert store.approve("r1") == 0
    assert store.effects(run="r1")[0].reason == "approved by jdoe"
    assert store.planned_tickets(9) == [41, 42]
    assert store.verify() == []


def test_a_ticket_with_an_open_outcome_is_left_alone(store: Store) -> None:
    """Nothing more is planned for sending until the unknown is settled."""
    one = plan(store, 41)
    plan(store, 42)
    plan(store, 43)
    assert intend(store, one[:1])
    assert store.planned_tickets(9) == [42, 43]
    assert store.finish(one[:1], "unknown")
    assert store.planned_tickets(1) == [42]
    assert store.planned_tickets(9, TicketId(42)) == [43]
    assert store.finish(one[:1], "applied")
    assert store.planned_tickets(9) == [41, 42, 43]


def test_only_what_is_past_its_deadline_is_unsettled(store: Store) -> None:
    """An intent within its deadline may still be on the wire; unknown is always to be settled."""
    one, two = plan(store, 41), plan(store, 42)
    assert intend(store, one[:1])
    assert intend(store, two[:1])
    assert store.finish(two[:1], "unknown", "timeout")
    assert [effect.ticket for effect in store.unsettled(NINE)] == [42]
    assert [effect.ticket for effect in store.unsettled(NINE + MINUTE)] == [41, 42]


def test_an_overtaken_run_records_nothing(store: Store) -> None:
    """With a past epoch neither intent nor result is written."""
    parts = plan(store)
    with store.lease("sync", TTL) as lease:
        old = lease.epoch
    with store.lease("sync", TTL) as lease:
        with pytest.raises(RetryLater, match="lost the lease"):
            intend(store, parts, epoch=old)
        with pytest.raises(RetryLater, match="lost the lease"):
            store.finish(parts, "applied", messages=[make_message("k1")], epoch=old)
        assert states(store) == ["planned"] * 3
        assert intend(store, parts[:2], epoch=lease.epoch)
        assert store.finish(parts[:2], "applied", epoch=lease.epoch)


def test_the_guard_counts_writes_not_messages(store: Store, clock: ManualClock) -> None:
    """One request of one rule is one write, whatever it sets; retries count, old hours do not."""
    one, two = plan(store, rule="a"), plan(store, rule="b")
    assert intend(store, [*one, *two])
    assert store.guard_count(T41, NINE) == 2
    assert store.finish(one, "planned", "refused")
    clock.advance(timedelta(hours=5))
    assert intend(store, one)
    assert store.guard_count(T41, NINE) == 3
    assert store.guard_count(T41, NINE + timedelta(hours=4)) == 1
    assert store.guard_count(TicketId(42), NINE) == 0


def test_effects_keep_the_order_they_were_planned_in(store: Store) -> None:
    """Across runs and rules, an earlier decision for a ticket comes first."""
    for rule in ("z", "a", "m"):
        record(store, make_decision(41, make_update(41), make_comment(41), rule=rule))
    record(store, make_decision(7, make_update(7)))
    found = [(effect.ticket, effect.rule, effect.part) for effect in store.effects()]
    assert found == [(7, "network", 0), *((41, rule, part) for rule in "zam" for part in (0, 1))]
    assert [row.rule for row in store.decisions(ticket=T41)] == ["z", "a", "m"]
