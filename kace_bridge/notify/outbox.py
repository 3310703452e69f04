"""What sending needs of a store of messages; `kace_bridge.state.Store` is one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from kace_bridge.model.breaker import Breaker
from kace_bridge.model.message import Message


class Row(Protocol):
    """A message in the outbox. ``attempts`` counts the tries, the present one included.

    ``decision`` is the id of what caused it, or empty; ``last_error`` says why it still waits.
    """

    @property
    def key(self) -> str: ...
    @property
    def message(self) -> Message: ...
    @property
    def attempts(self) -> int: ...
    @property
    def decision(self) -> str: ...
    @property
    def last_error(self) -> str: ...


class Outbox(Protocol):
    """Every change is durable when its method returns."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> Sequence[Row]:
        """Up to *limit* due messages, oldest first, for this process until ``now + lease``.

        Of the messages of one ticket, channel and recipient only the oldest undelivered is due.
        """
        ...

    def sent(self, key: str, at: datetime, reason: str) -> object:
        """The other side took it."""
        ...

    def retry(self, key: str, next_at: datetime, error: str, *, ambiguous: bool = False) -> object:
        """Not now: due again at *next_at*. *ambiguous*: it may have got through."""
        ...

    def put_back(self, key: str, until: datetime, reason: str) -> object:
        """Not tried: due again at *until*; this claim does not count as an attempt."""
        ...

    def rest(self, channel: str, now: datetime, until: datetime, reason: str) -> int:
        """All of *channel* that is due and not claimed: due again at *until*; how many."""
        ...

    def breaker(self, name: str) -> Breaker:
        """What is known of ``channel:NAME`` from runs before."""
        ...

    def set_breaker(self, name: str, breaker: Breaker) -> None:
        """Keep it for the runs to come."""
        ...

    def dead(self, key: str, error: str) -> object:
        """Never again by itself; kept and shown."""
        ...

    def dropped(self, key: str, reason: str) -> object:
        """Not wanted; kept and shown."""
        ...

    def recent_messages(self, recipient: str, since: datetime) -> int:
        """How many messages *recipient* was sent since then."""
        ...

    def last_sent(self, recipient: str) -> datetime | None:
        """When *recipient* was last sent something."""
        ...

    def waiting(self, now: datetime, limit: int) -> Sequence[Row]:
        """Due messages never tried, oldest first, that nothing older in their line holds up
        but others of these."""
        ...

    def fold(self, message: Message, keys: Sequence[str]) -> bool:
        """Let *message* carry the waiting messages *keys*; False, nothing done, if it cannot."""
        ...
