"""How deliveries are paced and repeated, as values; nothing here sends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kace_bridge.model.message import Message
from kace_bridge.notify.outbox import Row


def _never(message: Message, now: datetime) -> datetime | None:
    del message, now
    return None


def _not_silenced(message: Message, now: datetime) -> bool:
    del message, now
    return False


def _no_summary(message: Message) -> datetime | None:
    del message
    return None


def _still_true(row: Row) -> str:
    del row
    return ""


@dataclass(frozen=True, slots=True)
class Policy:
    """When messages leave and how long they are tried.

    A failed message is tried again after 1, 2, 4 ... minutes, at most ``longest_wait``, until
    it is ``give_up_after`` old and was tried ``attempts`` times.

    ``cap`` is messages per recipient and hour, None for no cap. ``quiet_until`` answers when the
    quiet hours that are on for a message end (None: none are), ``daily_at`` when the daily summary
    leaves that it belongs into, ``group`` how long after a mail to somebody of the staff the next
    may follow. Templates in ``prompt`` pass all of these, urgent messages all but the cap. What
    leaves together is made one message by ``summary``; without it all leave one by one.

    ``denied`` are addresses never written to (the queues' own), ``doubles`` are
    templates that say what the appliance mails by itself; ``outdated`` says what has made a
    message untrue; ``echo`` tells what would answer a machine.
    """

    cap: int | None = 20
    give_up_after: timedelta = timedelta(hours=72)
    longest_wait: timedelta = timedelta(minutes=60)
    attempts: int = 5
    breaker: int = 5
    pause: timedelta = timedelta(minutes=1)
    batch: int = 20
    lease: timedelta = timedelta(minutes=10)
    denied: frozenset[str] = frozenset()
    doubles: frozenset[str] = frozenset()
    prompt: frozenset[str] = frozenset({"receipt", "closed", "closed-no-reply"})
    quiet_until: Callable[[Message, datetime], datetime | None] = _never
    silenced: Callable[[Message, datetime], bool] = _not_silenced
    echo: Callable[[Message, datetime], bool] = _not_silenced
    outdated: Callable[[Row], str] = _still_true
    daily_at: Callable[[Message], datetime | None] = _no_summary
    group: timedelta | None = None
    summary: Callable[[Sequence[Message], datetime], Message] | None = None

    @property
    def gathers(self) -> bool:
        """Whether messages may leave together at all."""
        limited = self.cap is not None or self.group is not None
        return self.summary is not None and (limited or self.daily_at is not _no_summary)

    def wait(self, attempts: int, asked_s: float | None = None) -> timedelta:
        """How long to wait after try number *attempts* (from 1).

        *asked_s* is a longer wait the other side asked for.
        """
        doubled = timedelta(minutes=2 ** min(max(attempts - 1, 0), 20))
        return max(min(doubled, self.longest_wait), timedelta(seconds=asked_s or 0))

    def gives_up(self, message: Message, attempts: int, now: datetime) -> bool:
        """Whether *message*, tried *attempts* times, is not tried again."""
        return attempts >= self.attempts and now - message.date >= self.give_up_after
