"""How deliveries are paced and repeated, as values; nothing here sends."""

from collections.abc import Callable
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


def _still_true(row: Row) -> str:
    del row
    return ""


@dataclass(frozen=True, slots=True)
class Policy:
    """When messages leave and how long they are tried.

    A failed message is tried again after 1, 2, 4 ... minutes, at most ``longest_wait``, until
    it is ``give_up_after`` old and was tried ``attempts`` times. ``quiet_until`` answers when
    the quiet hours that are on for a message end (None: none are); urgent messages and the
    templates in ``prompt`` pass them. ``denied`` are addresses never written to (the queues'
    own); ``outdated`` says what has made a message untrue; ``echo`` tells what would answer a
    machine; ``cap`` is messages per recipient and hour, None for no cap.
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
    prompt: frozenset[str] = frozenset({"receipt", "closed", "closed-no-reply"})
    quiet_until: Callable[[Message, datetime], datetime | None] = _never
    silenced: Callable[[Message, datetime], bool] = _not_silenced
    echo: Callable[[Message, datetime], bool] = _not_silenced
    outdated: Callable[[Row], str] = _still_true

    def wait(self, attempts: int, asked_s: float | None = None) -> timedelta:
        """How long to wait after try number *attempts* (from 1).

        *asked_s* is a longer wait the other side asked for.
        """
        doubled = timedelta(minutes=2 ** min(max(attempts - 1, 0), 20))
        return max(min(doubled, self.longest_wait), timedelta(seconds=asked_s or 0))

    def gives_up(self, message: Message, attempts: int, now: datetime) -> bool:
        """Whether *message*, tried *attempts* times, is not tried again."""
        return attempts >= self.attempts and now - message.date >= self.give_up_after
