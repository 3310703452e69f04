"""The store as everybody else sees it: one method per promise, each its own transaction."""

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from kace_bridge.clock import Clock
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.state import cursor, holding, ledger, outbox, pages, roster, runs
from kace_bridge.state.codec import digest
from kace_bridge.state.custody import Custody
from kace_bridge.state.database import Connection, Database
from kace_bridge.state.forget import forget_ticket
from kace_bridge.state.lease import Lease, hold_lease
from kace_bridge.state.readings import Readings
from kace_bridge.state.rows import (
    Absence,
    Cursor,
    DueRow,
    FinishState,
    PageCommit,
    Part,
    Silence,
    Snapshot,
)
from kace_bridge.state.snapshots import replace_due, write_snapshots
from kace_bridge.state.upkeep import prune_before


class Store(Readings, Custody):
    """Everything kace-bridge remembers. Opened by open_store; belongs to one thread.

    Every change is on disk when its method returns, or has not happened at all. Raises
    RetryLater while another process holds the database, ConfigError where it is unusable.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._actor = f"{socket.gethostname()}:{os.getpid()}"
        self._epochs: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    def backup(self, path: str | Path) -> None:
        """A consistent copy at *path*, private (0600); the store may be in use meanwhile."""
        self._database.backup(Path(path))

    @property
    def shared(self) -> bool:
        """Whether workers on several hosts may use it at once."""
        return self._database.shared

    @contextmanager
    def lease(self, name: str, ttl: timedelta) -> Iterator[Lease]:
        """The right to be the only *name* at work; see hold_lease.

        Inside, everything this store writes is fenced: RetryLater once another has taken over.
        """
        with hold_lease(self._database, self._clock, name, ttl) as lease:
            self._epochs.append(lease.epoch)
            try:
                yield lease
            finally:
                self._epochs.remove(lease.epoch)

    def together(self) -> AbstractContextManager[None]:
        """What is recorded inside reaches the disk as one; short, and no other machine inside."""
        return self._database.together()

    def set_meta(self, key: str, value: str) -> None:
        with self._writing() as c:
            cursor.write_meta(c, key, value)

    def set_cursor(self, row: Cursor, *, epoch: int | None = None) -> None:
        """Move one cursor by itself: to open a sweep, or to close one."""
        with self._writing(epoch) as c:
            cursor.write_cursor(c, row)

    def commit_page(self, page: PageCommit) -> frozenset[str]:
        """Commit *page* whole; the ids of the decisions that were not known before.

        A decision already known stays as it is, unless it was withdrawn: then it is planned
        anew. Due rows of the page's tickets are replaced. Raises RetryLater, with nothing
        written, when ``page.epoch`` is no longer in force.
        """
        with self._writing(page.epoch) as c:
            fresh = pages.write_page(c, page)
            if fresh:
                self._audit(c, "page", page.run, {"decisions": fresh})
        return frozenset(id_ for id_, _, _ in fresh)

    def mark_intent(
        self,
        parts: Sequence[Part],
        *,
        epoch: int | None,
        send_by: datetime,
        settle_until: datetime,
        attempt: int | None = None,
    ) -> bool:
        """Promise, on disk, that *parts* may be on the wire until *send_by*.

        All of them go from planned to intent (and, with *attempt*, only from that attempt),
        or none does and the answer is False. Counts as a write for the loop guard. Raises
        RetryLater when *epoch* is no longer in force.
        """
        parts, at = list(dict.fromkeys(parts)), self._clock.now()
        try:
            with self._writing(epoch) as c:
                ledger.mark_intent(
                    c, parts, epoch=epoch, attempt=attempt,
                    at=at, send_by=send_by, settle_until=settle_until,
                )  # fmt: skip
                self._audit(c, "intent", "", {"moves": _moves(parts, "intent")})
        except ledger.Overtaken:
            return False
        return True

    def finish(
        self,
        parts: Sequence[Part],
        state: FinishState,
        reason: str = "",
        *,
        snapshot: Snapshot | None = None,
        row: int | None = None,
        messages: Sequence[Message] = (),
        epoch: int | None = None,
    ) -> bool:
        """Record how *parts* ended, all or none; False when one of them was not waiting for it.

        From planned, intent or unknown (held too, for withdrawn); ``planned`` means one more
        attempt and, like ``unknown``, only follows intent or unknown. In the same transaction
        *messages* enter the outbox (a known key is left alone), planned message effects of the
        same decisions with their channel, address and template become applied, and *snapshot*
        replaces the ticket's. *row* is the history row that proves it. Raises RetryLater when
        *epoch* is no longer in force.
        """
        parts = list(dict.fromkeys(parts))
        try:
            with self._writing(epoch) as c:
                ledger.finish_parts(c, parts, state, reason, row)
                if snapshot is not None:
                    write_snapshots(c, [snapshot])
                moves = _moves(parts, state)
                keys, served = outbox.write_messages(c, messages, [part[0] for part in parts])
                moves += self._apply_served(c, [part for part in served if part not in parts])
                digests = [(message.key, digest(outbox.content_of(message)))
                           for message in messages if message.key in keys]  # fmt: skip
                self._audit(c, "effect", reason, {
                    "moves": moves, "messages": digests, "outbox": dict.fromkeys(keys, "pending"),
                })  # fmt: skip
        except ledger.Overtaken:
            return False
        return True

    def _apply_served(self, c: Connection, parts: Sequence[Part]) -> list[tuple[str, int, str]]:
        waiting = ledger.keep_planned(c, parts)
        ledger.finish_parts(c, waiting, "applied", "queued", None)
        return _moves(waiting, "applied")

    def hold(self, run: str, reason: str) -> int:
        """Stop all planned effects of *run* until somebody approves; how many."""
        return self._change_run(run, "planned", "held", reason)

    def approve(self, run: str, by: str = "") -> int:
        """Release the held effects of *run*; how many."""
        return self._change_run(run, "held", "planned", f"approved by {by}" if by else "approved")

    def _change_run(self, run: str, old: str, new: str, reason: str) -> int:
        with self._writing() as c:
            parts = ledger.change_run(c, run, old, new, reason)
            if parts:
                self._audit(c, new, f"{run}: {reason}", {"moves": _moves(parts, new)})
                if new == "held":
                    holding.note_held(c, run, self._clock.now())
        return len(parts)

    def set_due(self, tickets: Sequence[TicketId], due: Sequence[DueRow]) -> None:
        """The due rows of *tickets* are *due* and nothing else."""
        with self._writing() as c:
            replace_due(c, tickets, due)

    def start_run(self, kind: str, config_hash: str, at: datetime) -> str:
        """The id of the new run: sortable and short, 20261123-114200-7f3a."""
        with self._writing() as c:
            run = runs.start_run(c, kind, config_hash, at)
            self._audit(c, "run", kind, {"runs": {run: ""}})
        return run

    def end_run(self, run: str, outcome: str, counts: Mapping[str, object], at: datetime) -> None:
        """Record how *run* ended, the loss of its lease too; UsageError for an unknown id."""
        with self._database.transaction() as c:
            if not runs.end_run(c, run, outcome, counts, at):
                raise UsageError(f"no run {run!r} was started")
            self._audit(c, "run", outcome, {"runs": {run: outcome}})

    def add_absence(
        self, user: str, start: datetime, until: datetime, *, by: str = "", reason: str = ""
    ) -> int:
        with self._writing() as c:
            return roster.add_absence(c, Absence(0, user, start, until, by, reason))

    def end_absence(self, number: int, at: datetime) -> bool:
        """False when there is no such absence, or it was over before *at*."""
        with self._writing() as c:
            return roster.end_absence(c, number, at)

    def add_silence(
        self,
        match: Mapping[str, str],
        start: datetime,
        until: datetime,
        *,
        by: str = "",
        reason: str = "",
    ) -> int:
        with self._writing() as c:
            return roster.add_silence(c, Silence(0, match, start, until, by, reason))

    def expire_silence(self, number: int, at: datetime) -> bool:
        """False when there is no such silence, or it was over before *at*."""
        with self._writing() as c:
            return roster.end_silence(c, number, at)

    def forget(self, ticket: TicketId) -> dict[str, int]:
        """Remove the words and people of *ticket*; how many rows of each kind (forget_ticket)."""
        with self._writing() as c:
            return forget_ticket(c, ticket, self._clock.now(), self._actor)

    def compact(self) -> None:
        """Rewrite the files, so that no page holds what was removed. Nobody else writes then."""
        self._database.compact()

    def prune(self, before: datetime) -> dict[str, int]:
        """Remove what was over before *before*; how many rows of each kind."""
        with self._writing() as c:
            return prune_before(c, before, self._clock.now(), self._actor)


def _moves(parts: Sequence[Part], state: str) -> list[tuple[str, int, str]]:
    return [(decision, part, state) for decision, part in parts]
