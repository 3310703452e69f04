"""Dispatch over the real store: what leaves, what waits, and what a crash leaves behind."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.model.message import Delivery, Message, Outcome
from kace_bridge.notify.channels import channel_adapter
from kace_bridge.notify.deliver import Courier
from kace_bridge.notify.dispatch import DispatchReport, dispatch
from kace_bridge.notify.outcome import gone, unreachable
from kace_bridge.notify.policy import Policy
from kace_bridge.state import Store, open_store
from tests.notify.conftest import Post, Receiver, mail_server
from tests.state.samples import queue
from tests.unit.notify.messages import DATE, make_message
from tests.unit.notify.outbox import DOWN, Scripted, always

MINUTE = timedelta(minutes=1)
CHANNELS = {
    "mail": channel_adapter().validate_python(
        {"kind": "email", "smtp": "smtp://localhost", "from": "desk@example.org"}
    )
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 's.db'}", ManualClock(DATE)) as opened:
        yield opened


def run(
    store: Store, courier: Scripted, now: datetime = DATE, policy: Policy | None = None
) -> DispatchReport:
    return dispatch(store, CHANNELS, courier, ManualClock(now).now, policy or Policy())


def people(count: int, first: int = 0) -> list[Message]:
    return [
        make_message(key=f"k{n}", ticket=n + 1, to=f"p{n}@example.org")
        for n in range(first, first + count)
    ]


def test_everything_leaves_once_and_is_on_record(store: Store) -> None:
    """Over several batches; a second run finds nothing."""
    queue(store, people(50))
    courier = Scripted()
    assert run(store, courier).sent == 50
    assert run(store, courier) == DispatchReport()
    assert len(courier.given) == 50
    assert {row.last_error for row in store.outbox()} == {"sent for the first time"}
    assert store.verify() == []


@pytest.mark.catalogue("D04")
def test_a_lost_answer_is_repeated_byte_for_byte(store: Store) -> None:
    """From the store too, where the message was put as JSON."""
    queue(store, [make_message(html="<p>Grüße</p>", name="Jané Doe")])
    courier = Scripted(always(Outcome("unknown", "lost")))
    run(store, courier)
    again = Scripted()
    assert run(store, again, DATE + MINUTE).sent == 1
    assert again.given == courier.given


@pytest.mark.catalogue("D15")
def test_the_line_of_a_ticket_keeps_its_order(store: Store) -> None:
    """While the first cannot leave, the second is not even tried."""
    queue(store, [make_message(key="opened"), make_message(key="closed")])
    courier = Scripted(always(DOWN))
    run(store, courier)
    assert len(courier.given) == 1
    courier = Scripted()
    run(store, courier, DATE + MINUTE)
    assert [b"<opened@" in mail.content for mail in courier.given] == [True, False]  # type: ignore[union-attr]


def test_a_night_on_hold_costs_no_tries(store: Store) -> None:
    """Held at every run until morning, a message still has all its tries when it leaves."""
    morning = DATE + timedelta(hours=10)
    policy = Policy(quiet_until=lambda _, now: now + 30 * MINUTE if now < morning else None)
    queue(store, [make_message(template="nudge")])
    for half_hour in range(20):
        assert run(store, Scripted(), DATE + half_hour * 30 * MINUTE, policy).held == 1
    run(store, Scripted(always(DOWN)), morning, policy)
    (row,) = store.outbox()
    assert (row.attempts, row.next_at) == (1, morning + MINUTE)
    assert row.last_error == "cannot be reached"


@pytest.mark.catalogue("D01")
def test_a_resting_channel_costs_the_others_no_tries(store: Store) -> None:
    """Put back untouched: their first try is still to come."""
    queue(store, people(9))
    report = run(store, Scripted(always(DOWN)), policy=Policy(breaker=5))
    assert (report.retried, report.held) == (5, 4)
    assert [row.attempts for row in store.outbox()] == [1] * 5 + [0] * 4


@pytest.mark.catalogue("D20")
def test_a_dead_server_costs_the_same_however_much_waits_for_it(store: Store) -> None:
    """All messages are put off at one stroke, untried, and leave when it is back."""
    queue(store, people(300))
    courier = Scripted(always(DOWN))
    report = run(store, courier)
    assert (len(courier.given), report.held) == (5, 295)
    assert {row.attempts for row in store.outbox(limit=300)} == {0, 1}
    assert run(store, courier, DATE + MINUTE / 2) == DispatchReport()
    assert run(store, Scripted(), DATE + timedelta(hours=1)).sent == 300


def minutes_asked(store: Store, outcome: Outcome, minutes: int = 60) -> list[int]:
    """When a run each minute tries a message, where one more is queued before each."""
    asked = []
    for minute in range(minutes):
        queue(store, [make_message(key=f"m{minute}", ticket=500 + minute, to=f"m{minute}@e.org")])
        courier = Scripted(always(outcome))
        run(store, courier, DATE + minute * MINUTE)
        asked += [minute] * len(courier.given)
    return asked


@pytest.mark.catalogue("D05")
@pytest.mark.catalogue("D20")
@pytest.mark.parametrize(
    ("outcome", "asked"),
    [
        (Outcome("retry", "credentials refused: 535 no"), [0, 1, 3, 7, 15, 30, 45]),
        (unreachable("cannot be reached"), [0] * 5 + [1, 3, 7, 15, 30, 45]),
    ],
    ids=["credentials", "not there"],
)
def test_a_channel_that_is_down_is_asked_less_and_less(
    store: Store, outcome: Outcome, asked: list[int]
) -> None:
    """Run after run it rests longer, new messages untried; once mended, all leave."""
    queue(store, people(9))
    assert minutes_asked(store, outcome) == asked
    waiting = store.outbox(("pending",), limit=99)
    assert sum(row.attempts for row in waiting) == len(asked)
    assert store.breaker("channel:mail").faults >= 5
    assert run(store, Scripted(), DATE + timedelta(hours=3)).sent == 69
    assert store.breakers() == {}


def test_a_channel_that_fails_more_often_than_not_rests(store: Store) -> None:
    """Each run reaches it once and fails twice; what several runs saw is counted together."""
    away = unreachable("cannot be reached")
    for number in range(6):
        queue(store, people(3, first=10 * number))
        answers = iter([away, Outcome("sent"), away])
        run(store, Scripted(lambda _, answers=answers: next(answers)), DATE)
    breaker = store.breaker("channel:mail")
    assert (breaker.is_open, breaker.until) == (True, DATE + MINUTE)
    assert breaker.story == "after 11 faults in the last 16 attempts"


GONE = gone("HTTP 410: the receiver is gone and asks for no more messages")


@pytest.mark.catalogue("D06")
def test_a_receiver_that_is_gone_is_asked_nothing_more(store: Store) -> None:
    """One request, then none for months; no message is given up for it."""
    queue(store, people(9))
    assert minutes_asked(store, GONE) == [0]
    courier = Scripted()
    assert run(store, courier, DATE + timedelta(days=100)).sent == 0
    assert (courier.given, len(store.outbox(("pending",), limit=99))) == ([], 69)
    store.wake("mail", "admin")
    assert run(store, Scripted(), DATE + timedelta(days=100)).sent == 69
    assert store.breakers() == {}


@pytest.mark.catalogue("D06")
def test_one_that_is_gone_for_good_says_so_again(store: Store) -> None:
    """Asked again by hand, with one message, and left alone again: that costs no try's end."""
    queue(store, people(3))
    for day in range(9):
        courier = Scripted(always(GONE))
        run(store, courier, DATE + timedelta(days=day))
        assert len(courier.given) == 1
        store.wake("mail", "admin")
    assert {row.state for row in store.outbox()} == {"pending"}


def test_a_channel_asked_at_once_tries_all_that_waits(store: Store) -> None:
    """What failed before, what was never tried, and what waits for it in a line; no other."""
    queue(store, [*people(6), make_message(key="second", ticket=1, to="p0@example.org")])
    queue(store, [make_message(key="ops", ticket=9, to="", channel="ops")])
    run(store, Scripted(always(unreachable("cannot be reached"))))
    store.put_back("ops", DATE + MINUTE, "for another reason")
    assert store.wake("mail", "admin") == 7
    assert run(store, Scripted()).sent == 7
    assert store.verify() == []


@pytest.mark.catalogue("D05")
def test_a_resting_channel_is_seen_on_its_messages(store: Store) -> None:
    """Also on one that was queued after it began to rest: until when, and why."""
    queue(store, people(1))
    run(store, Scripted(always(Outcome("retry", "credentials refused: 535 no"))))
    queue(store, [make_message(key="late", ticket=77, to="late@example.org")])
    report = run(store, Scripted(), DATE + MINUTE / 2)
    (late,) = [row for row in store.outbox() if row.key == "late"]
    assert (report.held, late.attempts, late.next_at) == (1, 0, DATE + MINUTE)
    assert late.last_error == "put back: channel 'mail' rests after: credentials refused: 535 no"


def test_recipients_who_are_refused_for_now_let_no_channel_rest_for_long(store: Store) -> None:
    """Five greylisted in a row say nothing of the others a minute later."""
    queue(store, people(9))
    run(store, Scripted(always(Outcome("retry", "450 greylisted"))))
    assert store.breakers() == {}
    assert run(store, Scripted(), DATE + MINUTE).sent == 9


def test_a_wait_that_a_channel_asks_for_is_kept_by_the_next_runs(store: Store) -> None:
    """Also for what is queued meanwhile."""
    queue(store, people(1))
    run(store, Scripted(always(Outcome("retry", "HTTP 429", retry_after=600))))
    queue(store, [make_message(key="late", ticket=77, to="late@example.org")])
    assert run(store, Scripted(), DATE + 9 * MINUTE).sent == 0
    assert run(store, Scripted(), DATE + 10 * MINUTE).sent == 2


def test_a_worker_that_dies_while_sending_leaves_a_repeat(store: Store) -> None:
    """What it had in hand leaves once more, the same; what it had not, once."""

    class Dying(Scripted):
        def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
            super().deliver(delivery, private=private)
            raise KeyboardInterrupt

    queue(store, people(3))
    dying = Dying()
    with pytest.raises(KeyboardInterrupt):
        run(store, dying)
    store.reclaim()
    courier = Scripted()
    assert run(store, courier).sent == 3
    assert courier.given[0] == dying.given[0]
    assert store.verify() == []


def test_a_dead_letter_put_back_in_line_is_sent(store: Store) -> None:
    """Mended and requeued, it leaves with the next run."""
    queue(store, people(1))
    run(store, Scripted(always(Outcome("dead", "550 no such user"))))
    assert [row.state for row in store.outbox()] == ["dead"]
    assert run(store, Scripted(), DATE + MINUTE) == DispatchReport()
    assert store.requeue("k0", DATE + 2 * MINUTE)
    assert run(store, Scripted(), DATE + MINUTE) == DispatchReport()
    assert run(store, Scripted(), DATE + 2 * MINUTE).sent == 1


@pytest.mark.catalogue("D22")
def test_a_worker_overtaken_while_sending_sends_at_most_once_more(
    store: Store, tmp_path: Path
) -> None:
    """Its successor repeats the same mail; what the overtaken one reports then changes nothing."""
    queue(store, people(1))
    late = ManualClock(DATE + 11 * MINUTE)
    courier = Scripted()
    with store.lease("sync", MINUTE), open_store(f"sqlite:///{tmp_path / 's.db'}", late) as other:
        (row,) = store.claim(DATE, 1, 10 * MINUTE)
        with other.lease("deliver", MINUTE):
            (again,) = other.claim(late.now(), 1, 10 * MINUTE)
            assert again.message == row.message
            assert again.ambiguous
            assert not store.is_claimed(row.key)
            assert not store.retry(row.key, late.now(), "lost")
            assert not store.dead(row.key, "550")
            other.put_back(again.key, late.now(), "")
            assert dispatch(other, CHANNELS, courier, late.now).sent == 1
    assert len(courier.given) == 1


@pytest.mark.catalogue("D03")
def test_a_refused_recipient_concerns_nobody_else(store: Store) -> None:
    """Three mails of one event to a real server: one taken, one to be repeated, one dead."""
    post = Post(recipients={"p1@example.org": "450 greylisted", "p2@example.org": "550 unknown"})
    queue(store, people(3))
    with mail_server(post) as host, Courier() as courier:
        raw = {"kind": "email", "smtp": f"smtp://{host}", "from": "desk@example.org"}
        channels = {"mail": channel_adapter().validate_python(raw)}
        dispatch(store, channels, courier, ManualClock(DATE).now)
    assert [row.state for row in store.outbox()] == ["sent", "pending", "dead"]
    assert [to for _, to, _ in post.accepted] == [["p0@example.org"]]


@pytest.mark.catalogue("D09")
def test_a_webhook_repeated_after_a_lost_answer_keeps_its_id(
    store: Store, receiver: Callable[..., Receiver]
) -> None:
    """A collector that drops what it has seen shows each message once."""
    made = receiver(lambda handler: handler.connection.close())
    raw = {"kind": "webhook", "url": made.url, "sign": "s", "allow_private": True}
    channels = {"mail": channel_adapter().validate_python(raw)}
    queue(store, people(2))
    with Courier() as courier:
        for minutes in (0, 2, 5):
            dispatch(store, channels, courier, ManualClock(DATE + minutes * MINUTE).now)
    seen = [(headers["webhook-id"], headers["Idempotency-Key"], headers["webhook-signature"], body)
            for _, headers, body in made.requests]  # fmt: skip
    assert len(seen) == 6
    assert len(set(seen)) == len({one[0] for one in seen}) == 2
