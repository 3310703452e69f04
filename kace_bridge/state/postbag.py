"""The outbox as the store shows it: what may become of a message, each move its own transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from kace_bridge.clock import Clock
from kace_bridge.model.message import Message
from kace_bridge.state import outbox
from kace_bridge.state.audit import append_audit
from kace_bridge.state.codec import digest
from kace_bridge.state.database import Connection, Database
from kace_bridge.state.lease import is_over, require_epoch
from kace_bridge.state.ledger import Overtaken
from kace_bridge.state.rows import OutboxRow


class Postbag:
    """The half of the store that moves messages. Every move is on disk when its method returns."""

    _database: Database
    _clock: Clock
    _actor: str
    _epochs: list[int]

    @property
    def _epoch(self) -> int | None:
        """The epoch of the lease this store holds; what it writes is fenced by it."""
        return self._epochs[-1] if self._epochs else None

    @contextmanager
    def _writing(self, epoch: int | None = None) -> Iterator[Connection]:
        """A transaction that fails where the lease of *epoch*, or our own, is no longer ours."""
        with self._database.transaction() as c:
            require_epoch(c, self._epoch if epoch is None else epoch)
            yield c

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[OutboxRow]:
        """Take up to *limit* messages to deliver before ``now + lease``.

        Oldest first and in order per ticket, channel and recipient: a message waits while an
        older one of its line is undelivered. A claim that ran out is given again, same content,
        marked ambiguous.
        """
        lock = self._database.claim_lock
        with self._writing() as c:
            rows = outbox.claim_messages(c, now, limit, lease, epoch=self._epoch, lock=lock)
            if rows:
                sending = dict.fromkeys((row.key for row in rows), "sending")
                self._audit(c, "outbox", "", {"outbox": sending})
        return rows

    def reclaim(self) -> int:
        """Put messages that dead workers left half sent back in line; how many.

        A worker is dead when its lease is over; a claim made under none is nobody's once we hold
        one. They count as ambiguous, and leave again byte for byte.
        """
        with self._writing() as c:
            keys = outbox.reclaim(c, partial(is_over, c, self._database, self._clock))
            if keys:
                self._audit(c, "outbox", "reclaimed", {"outbox": dict.fromkeys(keys, "pending")})
        return len(keys)

    def is_claimed(self, key: str) -> bool:
        """Whether message *key* is still ours to send: claimed under the lease we hold."""
        epoch = self._epoch
        if epoch is None:
            return True
        with self._database.reading() as c:
            return outbox.is_claimed(c, key, epoch)

    def fold(self, message: Message, keys: Sequence[str]) -> bool:
        """Let *message*, new, carry the waiting messages *keys* in their place.

        They leave no more by themselves and end as it ends; until then they hold up their
        lines as before. False, with nothing changed, where one of them is not waiting untried
        and by itself, or *message* is known already.
        """
        states = dict.fromkeys([message.key, *keys], "pending")
        sealed = [(message.key, digest(outbox.content_of(message)))]
        try:
            with self._writing() as c:
                outbox.fold_messages(c, message, keys)
                self._audit(c, "outbox", "folded", {"messages": sealed, "outbox": states})
        except Overtaken:
            return False
        return True

    def sent(self, key: str, at: datetime, reason: str = "") -> bool:
        """The other side took it. False, as in the next five, when it was not waiting for it.

        That stays true when our lease is lost meanwhile, so this alone is not fenced.
        """
        change = lambda c: outbox.mark_sent(c, key, at, reason)  # noqa: E731
        with self._database.transaction() as c:
            return self._moved(c, "sent", reason, change)

    def retry(self, key: str, next_at: datetime, error: str, *, ambiguous: bool = False) -> bool:
        """A temporary failure: try again at *next_at*; *ambiguous* if it may have got through."""
        change = lambda c: outbox.mark_retry(  # noqa: E731
            c, key, next_at, error, ambiguous, self._epoch
        )
        return self._move("pending", error, change)

    def put_back(self, key: str, until: datetime, reason: str) -> bool:
        """Not tried after all: due again at *until*, the claim not counted as a try."""
        return self._move(
            "pending", reason, lambda c: outbox.put_back(c, key, until, reason, self._epoch)
        )

    def rest(self, channel: str, now: datetime, until: datetime, reason: str) -> int:
        """Everything of *channel* that is due waits until *until*; how many messages that are.

        At one stroke: a server that is down must not cost a commit for each that waits for it.
        No message ends or begins by it, so the audit has no row of it.
        """
        with self._writing() as c:
            return outbox.rest(c, channel, now, until, reason)

    def dead(self, key: str, error: str) -> bool:
        """A permanent failure: kept, shown, and sent again only by requeue."""
        return self._move("dead", error, lambda c: outbox.mark_dead(c, key, error, self._epoch))

    def dropped(self, key: str, reason: str) -> bool:
        """Not to be sent: silenced, no longer true, or dropped by a person."""
        return self._move(
            "dropped", reason, lambda c: outbox.mark_dropped(c, key, reason, self._epoch)
        )

    def requeue(self, key: str, at: datetime) -> bool:
        """Send a dead or dropped message after all, from *at* on (the appliance's time)."""
        return self._move("pending", "", lambda c: outbox.requeue_message(c, key, at))

    def _move(self, state: str, reason: str, change: Callable[[Connection], Sequence[str]]) -> bool:
        with self._writing() as c:
            return self._moved(c, state, reason, change)

    def _moved(
        self,
        c: Connection,
        state: str,
        reason: str,
        change: Callable[[Connection], Sequence[str]],
    ) -> bool:
        moved = change(c)
        if moved:
            self._audit(c, "outbox", reason, {"outbox": dict.fromkeys(moved, state)})
        return bool(moved)

    def _audit(self, c: Connection, event: str, subject: str, data: Mapping[str, object]) -> None:
        append_audit(c, self._clock.now(), self._actor, event, subject, data)
