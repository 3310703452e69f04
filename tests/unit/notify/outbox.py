"""An outbox in memory and a courier that follows a script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from kace_bridge.model.breaker import CLOSED, Breaker
from kace_bridge.model.message import Delivery, Message, Outcome

SENT = Outcome("sent")
DOWN = Outcome("retry", "cannot be reached")


def always(outcome: Outcome) -> Callable[[str], Outcome]:
    """The same answer to everybody."""
    return lambda _: outcome


@dataclass(frozen=True)
class Row:
    key: str
    message: Message
    next_at: datetime
    attempts: int = 0
    state: str = "pending"
    note: str = ""
    ambiguous: bool = False
    decision: str = ""

    @property
    def last_error(self) -> str:
        return self.note


@dataclass
class MemoryOutbox:
    """Keeps rows in order; like the store, it gives out only the first of each line."""

    rows: dict[str, Row] = field(default_factory=dict)
    sent_at: list[tuple[str, datetime]] = field(default_factory=list)
    whole_lines: bool = False
    claimed: set[str] = field(default_factory=set)
    breakers: dict[str, Breaker] = field(default_factory=dict)

    def add(self, *messages: Message, attempts: int = 0) -> None:
        for message in messages:
            self.rows[message.key] = Row(message.key, message, message.date, attempts)

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Row]:
        lines: set[object] = set()
        claimed: list[Row] = []
        for row in self.rows.values():
            message = row.message
            line = (message.ticket, message.channel, message.to)
            if row.state != "pending":
                continue
            free = self.whole_lines or line not in lines
            lines.add(line)
            if free and row.next_at <= now and len(claimed) < limit:
                claimed.append(self._set(row.key, attempts=row.attempts + 1))
                self.claimed.add(row.key)
        return claimed

    def sent(self, key: str, at: datetime, reason: str) -> None:
        self.sent_at.append((self.rows[key].message.to, at))
        self._set(key, state="sent", note=reason)

    def retry(self, key: str, next_at: datetime, error: str, *, ambiguous: bool = False) -> None:
        self._set(key, next_at=next_at, note=error, ambiguous=ambiguous)

    def put_back(self, key: str, until: datetime, reason: str) -> None:
        self._set(key, next_at=until, note=reason, attempts=self.rows[key].attempts - 1)

    def rest(self, channel: str, now: datetime, until: datetime, reason: str) -> int:
        due = [
            row.key for row in self.rows.values()
            if row.state == "pending" and row.key not in self.claimed
            and row.message.channel == channel and row.next_at <= now
        ]  # fmt: skip
        for key in due:
            self._set(key, next_at=until, note=reason)
        return len(due)

    def breaker(self, name: str) -> Breaker:
        return self.breakers.get(name, CLOSED)

    def set_breaker(self, name: str, breaker: Breaker) -> None:
        self.breakers[name] = breaker

    def dead(self, key: str, error: str) -> None:
        self._set(key, state="dead", note=error)

    def dropped(self, key: str, reason: str) -> None:
        self._set(key, state="dropped", note=reason)

    def recent_messages(self, recipient: str, since: datetime) -> int:
        return sum(1 for to, at in self.sent_at if to == recipient and at >= since)

    def last_sent(self, recipient: str) -> datetime | None:
        return max((at for to, at in self.sent_at if to == recipient), default=None)

    def waiting(self, now: datetime, limit: int) -> Sequence[Row]:
        due = [row for row in self.rows.values() if row.state == "pending" and row.next_at <= now]
        return [row for row in due if row.attempts == 0][:limit]

    def fold(self, message: Message, keys: Sequence[str]) -> bool:
        for key in keys:
            self._set(key, state="folded", note=f"in {message.key}")
        self.add(message)
        return True

    def states(self) -> dict[str, str]:
        return {key: row.state for key, row in self.rows.items()}

    def _set(self, key: str, **changes: Any) -> Row:
        self.claimed.discard(key)
        self.rows[key] = replace(self.rows[key], **changes)
        return self.rows[key]


@dataclass
class Scripted:
    """A courier that answers by recipient or file name, and remembers what it was given."""

    answer: Callable[[str], Outcome] = field(default_factory=lambda: always(SENT))
    given: list[Delivery] = field(default_factory=list)
    private: list[bool] = field(default_factory=list)

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        self.given.append(delivery)
        self.private.append(private)
        return self.answer(getattr(delivery, "recipient", "") or getattr(delivery, "url", ""))
