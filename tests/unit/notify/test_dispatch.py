"""Dispatch over an outbox in memory: order, patience, and no message in another's way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.model.message import Delivery, Message, Outcome
from kace_bridge.notify.channels import Channel, channel_adapter
from kace_bridge.notify.dispatch import DispatchReport, dispatch
from kace_bridge.notify.policy import Policy
from tests.unit.notify.messages import DATE, make_message
from tests.unit.notify.outbox import DOWN, SENT, MemoryOutbox, Scripted, always

MINUTE = timedelta(minutes=1)


def channel(**config: object) -> Channel:
    made: Channel = channel_adapter().validate_python(config)
    return made


CHANNELS = {
    "mail": channel(kind="email", smtp="smtp://localhost", **{"from": "desk@example.org"}),
    "ops": channel(kind="webhook", url="https://ops.example.org/", allow_private=True),
}


def run(
    outbox: MemoryOutbox, courier: Scripted, now: datetime = DATE, policy: Policy | None = None
) -> DispatchReport:
    return dispatch(outbox, CHANNELS, courier, ManualClock(now).now, policy or Policy())


def people(count: int, **changes: Any) -> list[Message]:
    """*count* messages, each to somebody else about another ticket."""
    return [
        make_message(key=f"k{n}", ticket=n, to=f"p{n}@example.org", **changes)
        for n in range(count)
    ]  # fmt: skip


def test_everything_due_is_sent_over_several_batches() -> None:
    """Each once, in order, with the reason recorded."""
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(*people(50))
    report = run(outbox, courier)
    assert report.sent == 50
    assert [mail.recipient for mail in courier.given] == [f"p{n}@example.org" for n in range(50)]
    assert outbox.rows["k0"].note == "sent for the first time"


def test_what_is_not_due_stays() -> None:
    """A message has its time."""
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(make_message(date=DATE + MINUTE))
    assert run(outbox, courier) == DispatchReport()


@pytest.mark.parametrize("whole_lines", [False, True])
@pytest.mark.catalogue("D15")
def test_closed_never_overtakes_opened(whole_lines: bool) -> None:
    """Of one ticket and recipient, a later message waits for the earlier one."""
    outbox = MemoryOutbox(whole_lines=whole_lines)
    outbox.add(make_message(key="opened"), make_message(key="closed"))
    outbox.add(make_message(key="other", ticket=42))
    courier = Scripted(always(DOWN))
    run(outbox, courier, policy=Policy(breaker=99))
    assert len(courier.given) == 2
    courier = Scripted()
    run(outbox, courier, DATE + 2 * MINUTE)
    assert b"<opened@" in courier.given[0].content
    assert set(outbox.states().values()) == {"sent"}


def test_temporary_faults_are_tried_again_and_again_later() -> None:
    """1, 2, 4 ... 60 minutes."""
    outbox, now, waits = MemoryOutbox(), DATE, []
    outbox.add(make_message())
    for _ in range(8):
        run(outbox, Scripted(always(DOWN)), now)
        waits.append((outbox.rows["0123abcd"].next_at - now) // MINUTE)
        now = outbox.rows["0123abcd"].next_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_wait_that_was_asked_for_is_granted() -> None:
    """Retry-After wins over our own schedule when it is longer."""
    outbox = MemoryOutbox()
    outbox.add(make_message())
    run(outbox, Scripted(always(Outcome("retry", "HTTP 429", 600.0))))
    assert outbox.rows["0123abcd"].next_at == DATE + 10 * MINUTE


@pytest.mark.catalogue("D10")
def test_who_asks_for_a_wait_is_left_alone() -> None:
    """One 429 is enough: the channel's other messages are not tried, and wait as long."""
    outbox = MemoryOutbox()
    outbox.add(*(make_message(key=f"k{n}", ticket=n) for n in range(1, 4)))
    courier = Scripted(always(Outcome("retry", "HTTP 429", 600.0)))
    report = run(outbox, courier)
    assert (len(courier.given), report.retried, report.held) == (1, 1, 2)
    assert {row.next_at for row in outbox.rows.values()} == {DATE + 10 * MINUTE}


@pytest.mark.catalogue("D01")
@pytest.mark.catalogue("D20")
def test_a_server_down_for_three_days_ends_in_a_dead_letter() -> None:
    """Not before 72 hours, and then visible with the last reason."""
    outbox, now = MemoryOutbox(), DATE
    outbox.add(make_message())
    while outbox.rows["0123abcd"].state == "pending":
        now = outbox.rows["0123abcd"].next_at
        run(outbox, Scripted(always(DOWN)), now)
    assert timedelta(hours=72) <= now - DATE <= timedelta(hours=73)
    assert outbox.rows["0123abcd"].note.endswith("tries: cannot be reached")


def test_an_old_message_gets_more_than_one_try() -> None:
    """One that waited long before its first try is not given up at once."""
    outbox = MemoryOutbox()
    outbox.add(make_message())
    run(outbox, Scripted(always(DOWN)), DATE + timedelta(days=9))
    assert outbox.states() == {"0123abcd": "pending"}


def test_a_permanent_fault_is_a_dead_letter_at_once() -> None:
    """And only for that recipient."""
    outbox = MemoryOutbox()
    outbox.add(*people(3))
    refuse = Scripted(lambda to: Outcome("dead", "550 no such user") if "p1" in to else SENT)
    report = run(outbox, refuse)
    assert outbox.states() == {"k0": "sent", "k1": "dead", "k2": "sent"}
    assert (report.sent, report.dead, report.faults) == (2, 1, {"mail": "550 no such user"})


def test_a_lost_answer_is_repeated_with_the_same_bytes() -> None:
    """Marked as perhaps delivered, and identical the next time."""
    outbox, courier = MemoryOutbox(), Scripted(always(Outcome("unknown", "lost")))
    outbox.add(make_message())
    run(outbox, courier)
    assert outbox.rows["0123abcd"].ambiguous
    again = Scripted()
    run(outbox, again, DATE + MINUTE)
    assert again.given == courier.given
    assert outbox.rows["0123abcd"].note == "sent again after a failed try"


def test_a_failing_channel_rests_and_the_others_go_on() -> None:
    """After five faults in a row the rest is put back untouched."""
    outbox = MemoryOutbox()
    outbox.add(*people(40))
    outbox.add(make_message(key="ops", channel="ops", to="", ticket=99))
    courier = Scripted(lambda to: DOWN if "@" in to else SENT)
    report = run(outbox, courier)
    assert (report.retried, report.held, report.sent) == (5, 35, 1)
    assert outbox.rows["k39"].note == "put back: channel 'mail' rests after: cannot be reached"


def test_faults_that_are_not_in_a_row_do_not_stop_a_channel() -> None:
    """A success in between clears the count."""
    outbox = MemoryOutbox()
    outbox.add(*people(40))
    courier = Scripted(lambda to: SENT if to.startswith(("p4@", "p8", "p12", "p16")) else DOWN)
    assert run(outbox, courier, policy=Policy(breaker=5)).retried > 5


@pytest.mark.catalogue("D05")
def test_refused_credentials_cost_no_message_its_tries() -> None:
    """The channel rests at the first refusal, for as long as it takes."""
    outbox = MemoryOutbox()
    outbox.add(*people(3), attempts=50)
    courier = Scripted(always(Outcome("retry", "credentials refused: 535 no")))
    report = run(outbox, courier, DATE + timedelta(days=30))
    assert len(courier.given) == 1
    assert (report.retried, report.held, report.dead) == (1, 2, 0)
    assert set(outbox.states().values()) == {"pending"}


@pytest.mark.catalogue("D19")
def test_one_poisonous_message_stops_nobody() -> None:
    """It is tried five times and then laid aside; the others leave."""

    class Broken(Scripted):
        def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
            if "p0@" in getattr(delivery, "recipient", ""):
                raise RuntimeError("s3kr1t")
            return super().deliver(delivery, private=private)

    outbox, now = MemoryOutbox(), DATE
    outbox.add(*people(9))
    for _ in range(5):
        run(outbox, Broken(), now)
        now = max(row.next_at for row in outbox.rows.values())
    assert outbox.states() == {"k0": "dead"} | {f"k{n}": "sent" for n in range(1, 9)}
    assert outbox.rows["k0"].note == "cannot be prepared (RuntimeError)"


@pytest.mark.parametrize(
    ("to", "note"),
    [
        pytest.param("", "the recipient has no usable e-mail address", id="none"),
        pytest.param("no address", "the recipient has no usable e-mail address", id="invalid"),
        pytest.param(
            "DESK@example.org", "the recipient is an address of the service desk itself",
            id="the From of a channel",
        ),
        pytest.param(
            "queue@example.org", "the recipient is an address of the service desk itself",
            id="the address of a queue",
        ),
    ],
)  # fmt: skip
@pytest.mark.catalogue("D18")
def test_some_recipients_are_never_written_to(to: str, note: str) -> None:
    """Visible in the outbox, and no loop begins."""
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(make_message(to=to))
    report = run(outbox, courier, policy=Policy(denied=frozenset({"Queue@Example.org"})))
    assert (report.dropped, courier.given) == (1, [])
    assert outbox.rows["0123abcd"].note == note


@pytest.mark.catalogue("D13")
def test_a_storm_is_spread_by_the_cap() -> None:
    """Twenty an hour to one person; the rest follows later, nothing is lost."""
    outbox, courier, now = MemoryOutbox(), Scripted(), DATE
    outbox.add(*(make_message(key=f"k{n}", ticket=n, template="updated") for n in range(50)))
    assert run(outbox, courier).sent == 20
    while "pending" in outbox.states().values():
        now += 15 * MINUTE
        run(outbox, courier, now)
        assert outbox.recent_messages("jdoe@example.org", now - timedelta(minutes=59)) <= 20
    assert len(courier.given) == 50


def test_receipts_and_closings_are_never_capped() -> None:
    """Who asked for help learns the number, and that it is done."""
    outbox = MemoryOutbox()
    kinds = ("receipt", "closed", "closed-no-reply", "receipt-vip")
    outbox.add(*(make_message(key=f"k{n}", ticket=n, template=kinds[n % 4]) for n in range(50)))
    assert run(outbox, Scripted()).sent == 50


def test_a_cap_is_for_people_not_for_channels() -> None:
    """A webhook gets everything."""
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(*(make_message(key=f"k{n}", ticket=n, to="", channel="ops") for n in range(50)))
    assert run(outbox, courier).sent == 50
    assert set(courier.private) == {True}


def test_quiet_hours_hold_all_but_urgent_receipts_and_closings() -> None:
    """What is held leaves when they end."""
    morning = DATE + timedelta(hours=9)
    policy = Policy(quiet_until=lambda _, now: morning if now < morning else None)
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(
        make_message(key="receipt", ticket=1, template="receipt"),
        make_message(key="closed", ticket=2, template="closed"),
        make_message(key="urgent", ticket=3, template="nudge", urgent=True),
        make_message(key="nudge", ticket=4, template="nudge"),
    )
    report = run(outbox, courier, policy=policy)
    assert (report.sent, report.held, outbox.rows["nudge"].next_at) == (3, 1, morning)
    assert run(outbox, courier, morning, policy).sent == 1


def test_silenced_messages_are_dropped_with_the_reason() -> None:
    """Dropped, kept and shown."""
    outbox = MemoryOutbox()
    outbox.add(*people(2))
    policy = Policy(silenced=lambda message, _: message.ticket == 1)
    assert run(outbox, Scripted(), policy=policy).dropped == 1
    assert outbox.rows["k1"].note == "silenced"


@pytest.mark.catalogue("D14")
def test_what_is_no_longer_true_is_not_sent() -> None:
    """Asked for each message as it is about to leave, and dropped with what made it untrue."""
    outbox, courier = MemoryOutbox(), Scripted()
    outbox.add(*people(2))
    policy = Policy(outdated=lambda row: "the ticket was closed since" if row.key == "k1" else "")
    report = run(outbox, courier, policy=policy)
    assert (report.sent, report.dropped) == (1, 1)
    assert outbox.rows["k1"].note == "no longer true: the ticket was closed since"


def test_a_message_for_a_channel_that_is_gone_waits() -> None:
    """Somebody may be renaming it."""
    outbox = MemoryOutbox()
    outbox.add(make_message(channel="chat"))
    report = run(outbox, Scripted())
    assert report.faults == {"chat": "no channel 'chat' is configured"}
    assert outbox.states() == {"0123abcd": "pending"}


def test_a_run_that_takes_too_long_gives_its_claims_back() -> None:
    """Before the lease ends, so that nobody else sends them at the same time."""
    clock = ManualClock(DATE)

    class Slow(Scripted):
        def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
            clock.sleep(60)
            return super().deliver(delivery, private=private)

    outbox, courier = MemoryOutbox(), Slow()
    outbox.add(*people(20))
    report = dispatch(outbox, CHANNELS, courier, clock.now, Policy(lease=10 * MINUTE))
    assert report.held > 0
    assert report.sent + report.held >= 20
    assert len(courier.given) == len({mail.recipient for mail in courier.given})
