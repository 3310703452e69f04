"""What the store knows about trust: whether the appliance is still the one it was."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from kace_bridge.model.breaker import CLOSED, Breaker, read_breaker
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.state import holding, outbox, trust
from kace_bridge.state.codec import from_us, to_us
from kace_bridge.state.cursor import read_meta, read_metas, write_meta
from kace_bridge.state.holding import HeldList
from kace_bridge.state.postbag import Postbag
from kace_bridge.state.rows import DueRow

_EVERYTHING = 1_000_000


class Custody(Postbag):
    """The part of the store that says stop, and lets go again."""

    def doubt(self) -> Mapping[str, object]:
        """Why nothing may be written (``reason``, ``run``, ``since`` in microseconds), or empty."""
        with self._database.reading() as c:
            return trust.read_doubt(c)

    def appliance_epoch(self) -> int:
        """How often the appliance was restored, as far as somebody said so."""
        with self._database.reading() as c:
            return trust.read_epoch(c)

    def enter_safe_mode(self, reason: str, run: str) -> None:
        """From now on nothing is written. The first reason stays the reason."""
        with self._writing() as c:
            if not trust.read_doubt(c):
                trust.write_doubt(c, reason, run, self._clock.now())
                self._audit(c, "safe mode", f"{run}: {reason}", {})

    def leave_safe_mode(self, by: str, reason: str, *, restored: bool) -> int:
        """Trust the appliance again; how many open effects were withdrawn.

        With *restored* everything read so far is forgotten and learnt anew, under a new epoch.
        """
        with self._writing() as c:
            parts = trust.relearn(c) if restored else []
            trust.clear_doubt(c)
            moves = [(decision, part, "withdrawn") for decision, part in parts]
            what = "restored" if restored else "unchanged"
            self._audit(c, "resync", f"{what}, says {by}: {reason}", {"moves": moves})
        return len(parts)

    def release(self, ticket: TicketId, by: str) -> None:
        """Forgive what rules wrote to *ticket* so far, and look at it now if it was put off."""
        with self._writing() as c:
            now = self._clock.now()
            write_meta(c, f"released:{ticket}", now.isoformat())
            c.execute("UPDATE due SET at = ? WHERE ticket = ? AND rule = 'retry'",
                      (to_us(now), ticket))  # fmt: skip
            self._audit(c, "released", f"{ticket}, says {by}", {})

    def put_off(self, ticket: TicketId) -> DueRow | None:
        """When *ticket* is to be looked at again, and after how many faults in a row."""
        sql = "SELECT level, at FROM due WHERE ticket = ? AND rule = 'retry' ORDER BY level DESC"
        with self._database.reading() as c:
            row = c.execute(sql, (ticket,)).fetchone()
        return DueRow(ticket, "retry", row[0], from_us(row[1])) if row else None

    def breaker(self, name: str) -> Breaker:
        """The breaker of the appliance (``appliance``) or of a channel (``channel:mail``)."""
        with self._database.reading() as c:
            return read_breaker(read_meta(c, f"breaker:{name}"))

    def set_breaker(self, name: str, breaker: Breaker) -> None:
        """Keep it for the runs to come; nothing is written where it is so already."""
        if breaker != self.breaker(name):
            with self._writing() as c:
                text = "" if breaker == CLOSED else breaker.as_text()
                write_meta(c, f"breaker:{name}", text)

    def wake(self, channel: str, by: str) -> int:
        """Forget what *channel* did so far, and try all that waits for it; how many messages."""
        with self._writing() as c:
            waiting = outbox.read_outbox(c, ("pending",), _EVERYTHING)
            rows = [row for row in waiting if row.message.channel == channel and not row.bundle]
            # A message's own date is the appliance's time, and past: it is due at once.
            c.executemany("UPDATE outbox SET next_at = ? WHERE message_key = ?",
                          [(to_us(row.message.date), row.key) for row in rows])  # fmt: skip
            write_meta(c, f"breaker:channel:{channel}", "")
            self._audit(c, "woken", f"{channel}, says {by}", {})
        return len(rows)

    def breakers(self) -> dict[str, Breaker]:
        """Every breaker that knows of a fault, by name."""
        with self._database.reading() as c:
            found = read_metas(c, "breaker:")
        read = {name.partition(":")[2]: read_breaker(text) for name, text in found.items()}
        return {name: breaker for name, breaker in read.items() if breaker != CLOSED}

    def released(self, ticket: TicketId) -> datetime | None:
        """When somebody last let rules write to *ticket* again."""
        with self._database.reading() as c:
            text = read_meta(c, f"released:{ticket}")
        return datetime.fromisoformat(text) if text else None

    def held_list(self, run: str) -> HeldList | None:
        """What *run* holds, sealed; None where it holds nothing."""
        with self._database.reading() as c:
            return holding.read_held(c, run)

    def expire_held(self, before: datetime) -> int:
        """Withdraw what was held before *before* and nobody approved; how many effects."""
        with self._database.reading() as c:
            runs = holding.read_expired(c, before)
        if not runs:
            return 0
        with self._writing() as c:
            parts = [part for run in runs for part in holding.withdraw(c, run)]
            moves = [(decision, part, "withdrawn") for decision, part in parts]
            self._audit(c, "expired", ", ".join(runs), {"moves": moves})
        return len(parts)

    def count_open(self, queues: Collection[QueueId]) -> int:
        """How many tickets of *queues* are open, as far as is known."""
        with self._database.reading() as c:
            return trust.count_open(c, queues)

    def take_acceptance(self) -> bool:
        """Whether tickets may vanish this once, however many; asked for once."""
        with self._writing() as c:
            return trust.take_acceptance(c)

    def count_known(self, queues: Collection[QueueId], upto: int) -> int:
        """How many tickets of *queues* were seen and are not gone, or *upto* where more are."""
        with self._database.reading() as c:
            return trust.count_known(c, queues, upto)

    def known_tickets(self, queues: Collection[QueueId], closed_since: str = "") -> list[TicketId]:
        """Every ticket of *queues* that was seen and is not gone, by number.

        Of the closed ones those last changed at *closed_since* (an appliance date) or later.
        """
        with self._database.reading() as c:
            return trust.read_known(c, queues, closed_since)

    def witnesses(self, limit: int = 3) -> dict[TicketId, str]:
        """Open tickets by which to know the appliance again, with their ``created``."""
        with self._database.reading() as c:
            return trust.read_witnesses(c, limit)

    def mark_gone(self, tickets: Iterable[TicketId]) -> None:
        with self._writing() as c:
            trust.mark_gone(c, tickets, self._clock.now())
