"""The outbox: at least once, in order per recipient, the same content every time."""

import pytest

from kace_bridge.state import Store
from tests.state.samples import MINUTE, NINE, make_message, queue


def claim(store: Store, minutes: int = 0, limit: int = 99) -> list[str]:
    """The keys claimed for a minute, *minutes* after nine."""
    return [row.key for row in store.claim(NINE + minutes * MINUTE, limit, MINUTE)]


def show(store: Store) -> list[str]:
    return [row.state for row in store.outbox()]


def test_a_message_is_claimed_once(store: Store) -> None:
    """While one worker holds the claim, another gets nothing."""
    queue(store, [make_message("k1", html="<p>Ü</p>", urgent=True)])
    (row,) = store.claim(NINE, 9, MINUTE)
    assert (row.state, row.attempts, row.ambiguous) == ("sending", 1, False)
    assert row.message == make_message("k1", html="<p>Ü</p>", urgent=True)
    assert claim(store) == []


def test_an_expired_claim_is_given_again_unchanged_and_marked(store: Store) -> None:
    """After a crash in mid-sending the same message comes back, known to be perhaps a repeat."""
    queue(store, [make_message("k1")])
    (first,) = store.claim(NINE, 9, MINUTE)
    (again,) = store.claim(NINE + MINUTE, 9, MINUTE)
    assert again.message == first.message
    assert (again.attempts, again.ambiguous) == (2, True)


def test_a_dead_workers_claims_are_put_back_at_once(store: Store) -> None:
    """Whoever takes over the lease need not wait for claims to run out; nothing is tampered."""
    queue(store, [make_message("k1")])
    (first,) = store.claim(NINE, 9, MINUTE)
    assert store.reclaim() == 1
    (again,) = store.claim(NINE, 9, MINUTE)
    assert again.message == first.message
    assert again.ambiguous
    store.sent("k1", NINE)
    assert store.reclaim() == 0
    assert store.verify() == []


def test_a_line_moves_only_when_its_oldest_is_through(store: Store) -> None:
    """Per ticket, channel and recipient: no message overtakes an older undelivered one."""
    queue(
        store,
        [
            make_message("a1"),
            make_message("a2"),
            make_message("b1", ticket=42),
            make_message("c1", to="adiaz@example.org"),
            make_message("d1", channel="chat"),
        ],
    )
    assert claim(store) == ["a1", "b1", "c1", "d1"]
    assert store.retry("a1", NINE + 5 * MINUTE, "greylisted")
    assert claim(store) == []
    assert claim(store, 5) == ["a1", "b1", "c1", "d1"]
    assert store.sent("a1", NINE)
    assert claim(store, 5) == ["a2"]


@pytest.mark.parametrize("end", ["sent", "dead", "dropped"])
def test_whatever_ended_holds_nobody_up(store: Store, end: str) -> None:
    """Behind a message that is through, dead or dropped, the next one leaves."""
    queue(store, [make_message("k1"), make_message("k2")])
    assert claim(store) == ["k1"]
    if end == "sent":
        assert store.sent("k1", NINE, "250 ok")
    else:
        assert getattr(store, end)("k1", "no such mailbox")
    assert claim(store) == ["k2"]
    assert show(store) == [end, "sending"]


def test_the_oldest_leave_first_up_to_the_limit(store: Store) -> None:
    """A small batch takes from the front."""
    queue(store, [make_message(f"k{n}", ticket=n) for n in range(1, 6)])
    assert claim(store, limit=2) == ["k1", "k2"]
    assert claim(store, limit=2) == ["k3", "k4"]


def test_a_message_waits_for_its_time(store: Store) -> None:
    """Nothing leaves before the moment it was planned or put off to."""
    queue(store, [make_message("k1", date=NINE + MINUTE)])
    assert claim(store) == []
    assert claim(store, 1) == ["k1"]
    assert store.retry("k1", NINE + 9 * MINUTE, "busy", ambiguous=True)
    assert claim(store, 8) == []
    (row,) = store.claim(NINE + 9 * MINUTE, 9, MINUTE)
    assert (row.attempts, row.ambiguous, row.last_error) == (2, True, "busy")


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        pytest.param("pending", {"sent", "dead", "dropped"}, id="waiting"),
        pytest.param("sending", {"sent", "retry", "put_back", "dead", "dropped"}, id="on its way"),
        pytest.param("sent", set(), id="sent is sent"),
        pytest.param("dead", {"dropped", "requeue"}, id="dead"),
        pytest.param("dropped", {"requeue"}, id="dropped"),
    ],
)
def test_every_move_a_message_can_make(store: Store, state: str, moves: set[str]) -> None:
    """A move that does not fit the state is refused and changes nothing."""
    calls = {
        "sent": lambda key: store.sent(key, NINE),
        "retry": lambda key: store.retry(key, NINE, "busy"),
        "dead": lambda key: store.dead(key, "no"),
        "dropped": lambda key: store.dropped(key, "no"),
        "requeue": lambda key: store.requeue(key, NINE),
        "put_back": lambda key: store.put_back(key, NINE, "at night"),
    }
    for number, call in enumerate(calls.values()):
        key = f"k{number}"
        queue(store, [make_message(key, ticket=number + 1)])
        if state == "sending":
            assert key in claim(store)
        elif state != "pending":
            assert calls[state](key)
        before = store.outbox()[-1]
        changed = call(key)
        assert changed == (list(calls)[number] in moves)
        assert changed or store.outbox()[-1] == before
    assert store.verify() == []


def test_no_move_invents_a_message(store: Store) -> None:
    """An unknown key is a plain no."""
    assert not store.requeue("none", NINE)
    assert not store.sent("none", NINE)
    assert store.outbox() == []


def test_a_dead_message_can_be_sent_after_all(store: Store) -> None:
    """Requeued, it leaves at the time given, which is the appliance's."""
    queue(store, [make_message("k1")])
    assert store.dead("k1", "mailbox unknown")
    assert [row.last_error for row in store.outbox(states=["dead"])] == ["mailbox unknown"]
    assert store.requeue("k1", NINE + 120 * MINUTE)
    assert claim(store, 60) == []
    assert claim(store, 120) == ["k1"]


def test_putting_a_message_back_is_no_try(store: Store) -> None:
    """However often it is held, its tries are those that reached out for the other side."""
    queue(store, [make_message("k1")])
    for minute in range(0, 50, 10):
        assert claim(store, minute) == ["k1"]
        assert store.put_back("k1", NINE + (minute + 10) * MINUTE, "at night")
    (row,) = store.claim(NINE + 50 * MINUTE, 9, MINUTE)
    assert (row.attempts, row.ambiguous, row.last_error) == (1, False, "at night")
    assert store.verify() == []


class TestFolding:
    """One message in the place of several: accounted for, in order, nothing twice."""

    @pytest.fixture
    def folded(self, store: Store) -> Store:
        """Two messages in a digest; a third about one of their tickets came later."""
        queue(store, [make_message("k1", ticket=1), make_message("k2", ticket=2)])
        assert store.fold(make_message("sum", ticket=0), ["k1", "k2"])
        queue(store, [make_message("k3", ticket=1)])
        return store

    def test_the_parts_leave_no_more_by_themselves(self, folded: Store) -> None:
        """Only the digest is given out, and what came later waits for it."""
        assert claim(folded) == ["sum"]
        assert [row.bundle for row in folded.outbox()] == ["sum", "sum", "", ""]

    def test_the_parts_are_sent_with_it(self, folded: Store) -> None:
        """Each says with which; the line goes on; one message was sent, not three."""
        claim(folded)
        assert folded.sent("sum", NINE, "sent for the first time")
        rows = {row.key: row for row in folded.outbox()}
        assert [rows[key].state for key in ("k1", "k2", "k3")] == ["sent", "sent", "pending"]
        assert (rows["k1"].last_error, rows["k1"].sent_at) == ("in sum", NINE)
        assert folded.recent_messages("bkim@example.org", NINE) == 1
        assert folded.last_sent("bkim@example.org") == NINE
        assert claim(folded) == ["k3"]
        assert folded.verify() == []

    @pytest.mark.parametrize("end", ["dead", "dropped"])
    def test_the_parts_end_as_it_ends_and_come_back_with_it(self, folded: Store, end: str) -> None:
        """Nothing is left between, and nothing is lost."""
        claim(folded)
        assert getattr(folded, end)("sum", "no such mailbox")
        assert show(folded) == [end, end, end, "pending"]
        assert folded.outbox()[0].last_error == "in sum: no such mailbox"
        assert folded.requeue("sum", NINE)
        assert show(folded) == ["pending"] * 4
        assert claim(folded) == ["sum"]
        assert folded.verify() == []

    def test_a_part_can_be_sent_by_itself_after_all(self, folded: Store) -> None:
        """Taken out of a dead digest by hand, it leaves alone."""
        claim(folded)
        assert folded.dead("sum", "no such mailbox")
        assert folded.requeue("k2", NINE)
        assert claim(folded) == ["k2", "k3"]

    def test_what_may_have_left_is_not_folded(self, store: Store) -> None:
        """A message tried before, given out now, or in another digest: all stays as it is."""
        queue(store, [make_message(f"k{n}", ticket=n) for n in range(1, 5)])
        (first, *_) = store.claim(NINE, 1, MINUTE)
        assert store.retry(first.key, NINE, "busy")
        assert store.fold(make_message("sum", ticket=0), ["k3"])
        before = store.outbox()
        for keys in (["k2", "k1"], ["k2", "k3"], ["k2", "unknown"], []):
            assert not store.fold(make_message("more", ticket=0), keys)
        assert not store.fold(make_message("k4", ticket=0), ["k2"])
        assert store.outbox() == before
        assert store.verify() == []

    def test_a_folded_message_survives_a_crash_with_its_parts(self, folded: Store) -> None:
        """Half sent and taken over, it is the same message, marked as perhaps a repeat."""
        (first,) = folded.claim(NINE, 1, MINUTE)
        assert folded.reclaim() == 1
        (again,) = folded.claim(NINE, 1, MINUTE)
        assert (again.message, again.ambiguous) == (first.message, True)


def test_recent_messages_count_what_was_sent_to_one_recipient(store: Store) -> None:
    """Only sent ones, only since then; a channel without addresses counts by its name."""
    queue(
        store,
        [
            make_message("k1", ticket=1),
            make_message("k2", ticket=2),
            make_message("k3", ticket=3),
            make_message("k4", channel="ops", to=""),
        ],
    )
    assert store.sent("k1", NINE - MINUTE)
    assert store.sent("k2", NINE)
    assert store.sent("k4", NINE)
    assert store.recent_messages("bkim@example.org", NINE) == 1
    assert store.recent_messages("bkim@example.org", NINE - MINUTE) == 2
    assert store.recent_messages("ops", NINE) == 1


def test_the_outbox_is_listed_by_state_and_length(store: Store) -> None:
    """The oldest come first, no more than asked for."""
    queue(store, [make_message(f"k{n}", ticket=n) for n in range(1, 5)])
    assert store.dropped("k2", "silenced")
    assert [row.key for row in store.outbox(["pending"])] == ["k1", "k3", "k4"]
    assert [row.key for row in store.outbox(limit=2)] == ["k1", "k2"]


def test_a_message_without_a_decision_is_queued_too(store: Store) -> None:
    """A summary or a person's own message belongs to no rule."""
    queue(store, [make_message("k1")])
    assert store.outbox()[0].decision == ""
