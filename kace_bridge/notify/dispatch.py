"""Send what the outbox holds and is due; one bad message never stops another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from kace_bridge.errors import RetryLater
from kace_bridge.model.breaker import Breaker
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Delivery, Outcome
from kace_bridge.notify.address import Unsendable, same_address
from kace_bridge.notify.channel import Channel, Sending
from kace_bridge.notify.gather import gather
from kace_bridge.notify.judge import Judge
from kace_bridge.notify.outbox import Outbox, Row
from kace_bridge.notify.outcome import CREDENTIALS
from kace_bridge.notify.policy import Policy
from kace_bridge.notify.suppress import Judgement

_DEFAULT = Policy()
_SENDING = Sending("kace-bridge")


def _always(key: str) -> bool:
    del key
    return True


class Delivers(Protocol):
    """What dispatch needs of a courier."""

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        """Carry out one delivery; never raises for what the other side does."""
        ...


@dataclass(slots=True)
class DispatchReport:
    """What happened to the messages of one run, by count; ``faults`` is the last per channel.

    Messages ``folded`` into summaries are in none of the other counts; the summaries are.
    """

    sent: int = 0
    retried: int = 0
    dead: int = 0
    dropped: int = 0
    held: int = 0
    folded: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def dispatch(
    outbox: Outbox,
    channels: Mapping[str, Channel],
    courier: Delivers,
    now: Callable[[], datetime],
    policy: Policy = _DEFAULT,
    sending: Sending = _SENDING,
    may_send: Callable[[str], bool] = _always,
) -> DispatchReport:
    """Deliver every message that is due, in order for each ticket and recipient.

    *may_send* is asked with a message's key right before it leaves: no where another worker has
    it by now, after a pause of ours; it is then left to that one.

    A channel that fails ``policy.breaker`` times in a row, asks for a wait, or refuses our
    account, rests for the run: its other messages are put back without being tried. One that
    cannot be reached or refuses our account rests longer each time, for the runs to come as well;
    then one message is tried (see model/breaker.py). One that is gone is not asked again until
    somebody says so.
    """
    run = _Run(outbox, channels, courier, now, policy, sending, may_send)
    run.recall()
    run.report.folded = sum(gather(run.judge, channels, now()))
    while True:
        at = now()
        rows = outbox.claim(at, policy.batch, policy.lease)
        fresh = [row for row in rows if row.key not in run.handled]
        for row in rows:
            # Half of the lease is left to finish the message in hand.
            late = now() - at > policy.lease / 2
            if late or row.key in run.handled:
                run.put_back(row, now() + policy.pause, "put back: this run took too long")
            else:
                run.handled.add(row.key)
                run.handle(row)
        if not fresh:
            return run.report


Line = tuple[TicketId, str, str]


class _Run:
    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        courier: Delivers,
        now: Callable[[], datetime],
        policy: Policy,
        sending: Sending,
        may_send: Callable[[str], bool],
    ) -> None:
        self.outbox = outbox
        self.may_send = may_send
        self.channels = channels
        self.courier = courier
        self.now = now
        self.policy = policy
        self.sending = sending
        self.report = DispatchReport()
        self.handled: set[str] = set()
        own = (channel.own_addresses for channel in channels.values())
        denied = frozenset(same_address(address) for address in policy.denied)
        self.judge = Judge(outbox, policy, denied.union(*own))
        self.failures: dict[str, int] = {}
        self.breakers = {name: outbox.breaker(f"channel:{name}") for name in channels}
        self.resting: dict[str, tuple[datetime, str]] = {}
        self.waiting: dict[Line, datetime] = {}

    def recall(self) -> None:
        """Let those channels rest that runs before found to be down."""
        now = self.now()
        for name, breaker in self.breakers.items():
            if until := breaker.rests_until(now):
                self._rest(name, until, breaker.why)

    def handle(self, row: Row) -> None:
        """Bring one claimed message to an end: sent, to be repeated, held, dropped or dead."""
        message = row.message
        line = (message.ticket, message.channel, message.to)
        if line in self.waiting:
            self.put_back(row, self.waiting[line], "waits for an earlier message of its ticket")
            return
        if message.channel in self.resting:
            until, reason = self.resting[message.channel]
            self.put_back(row, until, reason)
            return
        channel = self.channels.get(message.channel)
        if channel is None:
            self._later(row, Outcome("retry", f"no channel '{message.channel}' is configured"))
            return
        judgement = self.judge.judge(row, channel, self.now(), attempts=row.attempts - 1)
        if judgement.reason.drops:
            self.outbox.dropped(row.key, judgement.words)
            self.report.dropped += 1
        elif judgement.until is not None:
            self.put_back(row, judgement.until, judgement.words)
        else:
            self._send(row, channel, judgement)

    def put_back(self, row: Row, until: datetime, reason: str) -> None:
        """Leave the message for later; no fault of its own."""
        self.outbox.put_back(row.key, until, reason)
        self.waiting[row.message.ticket, row.message.channel, row.message.to] = until
        self.report.held += 1

    def _send(self, row: Row, channel: Channel, judgement: Judgement) -> None:
        try:
            delivery = channel.delivery(row.message, self.sending)
            if not self.may_send(row.key):
                self.report.held += 1
                return
            outcome = self.courier.deliver(delivery, private=channel.reaches_private)
        except Unsendable as error:
            outcome = Outcome("dead", str(error))
        except RetryLater:
            raise
        except Exception as error:  # noqa: BLE001 -- a fault of ours must not stop the others
            self._poisoned(row, error)
            return
        if outcome.kind == "sent":
            self.failures[row.message.channel] = 0
            self._keep(row.message.channel, self.breakers[row.message.channel].answered())
            self.outbox.sent(row.key, self.now(), judgement.reason.value)
            self.report.sent += 1
        elif outcome.kind == "dead":
            self._bury(row, outcome.reason)
        else:
            self._later(row, outcome)
            self._count_failure(row.message.channel, outcome)

    def _later(self, row: Row, outcome: Outcome) -> None:
        now = self.now()
        self.report.faults[row.message.channel] = outcome.reason
        # Refused credentials say nothing about a message, however long they stay refused.
        blameless = outcome.gone or outcome.reason.startswith(CREDENTIALS)
        if not blameless and self.policy.gives_up(row.message, row.attempts, now):
            self._bury(row, f"given up after {row.attempts} tries: {outcome.reason}")
            return
        until = now + self.policy.wait(row.attempts, outcome.retry_after)
        self.outbox.retry(row.key, until, outcome.reason, ambiguous=outcome.kind == "unknown")
        self.waiting[row.message.ticket, row.message.channel, row.message.to] = until
        self.report.retried += 1

    def _poisoned(self, row: Row, error: Exception) -> None:
        reason = f"cannot be prepared ({type(error).__name__})"
        if row.attempts >= self.policy.attempts:
            self._bury(row, reason)
        else:
            self._later(row, Outcome("retry", reason))

    def _bury(self, row: Row, reason: str) -> None:
        self.report.faults[row.message.channel] = reason
        self.outbox.dead(row.key, reason)
        self.report.dead += 1

    def _count_failure(self, channel: str, outcome: Outcome) -> None:
        now, before = self.now(), self.breakers[channel]
        self.failures[channel] = self.failures.get(channel, 0) + 1
        spent = self.failures[channel] >= self.policy.breaker
        refused = outcome.reason.startswith(CREDENTIALS)
        asked = outcome.retry_after
        if outcome.gone:
            self._keep(channel, before.left(outcome.reason))
        elif refused or outcome.channel_wide or asked:
            # Who asks for a wait means all that comes from us, not one message.
            self._keep(channel, before.failed(now, outcome.reason, asked_s=asked, at_once=refused))
        known = self.breakers[channel].rests_until(now)
        if spent or asked or known:
            least = now + max(timedelta(seconds=asked or 0), self.policy.pause)
            self._rest(channel, max(least, known or now), outcome.reason)

    def _keep(self, channel: str, breaker: Breaker) -> None:
        if breaker != self.breakers[channel]:
            self.breakers[channel] = breaker
            self.outbox.set_breaker(f"channel:{channel}", breaker)

    def _rest(self, channel: str, until: datetime, why: str) -> None:
        """Put off what waits for *channel* and what is still to come in this run, untried."""
        reason = f"put back: channel '{channel}' rests after: {why}"
        self.resting[channel] = (until, reason)
        self.report.held += self.outbox.rest(channel, self.now(), until, reason)
