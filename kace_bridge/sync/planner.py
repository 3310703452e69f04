"""From a page of tickets to what the rules decide about them; reads the store, writes nothing.

``sync`` commits what comes out, ``plan`` prints it: both call this one function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kace_bridge.errors import KaceBridgeError, SafeMode, Stumbled
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.baseline import past_levels
from kace_bridge.rules.decide import Picture, decide
from kace_bridge.rules.parent import parent_of
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes
from kace_bridge.state import Store
from kace_bridge.state.rows import DueRow, Snapshot
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import Detected, Known, Watcher, detect, digest_of
from kace_bridge.sync.family import Family, parents_of
from kace_bridge.sync.foreign import refuse_strangers
from kace_bridge.sync.machine import recognised
from kace_bridge.sync.timelines import Timelines
from kace_bridge.sync.trust import require_same
from kace_bridge.sync.verbs.authorship import authors_of, credit
from kace_bridge.sync.verbs.logged import as_logged
from kace_bridge.sync.work import STUMBLES, Work, put_off, stops_the_run, together

__all__ = ["Planner", "Work", "own_values", "snapshot_of"]


@dataclass(slots=True)
class Planner:
    """Judges pages of tickets; ``desk`` moves on as people are picked."""

    rules: RuleSet
    sma: Sma
    store: Store
    book: DeskBook
    now: datetime
    stumbles: int = 0

    def consider(
        self,
        tickets: Sequence[Ticket],
        changes: Changes | None,
        *,
        baseline: bool = False,
        again: frozenset[TicketId] = frozenset(),
    ) -> Work:
        """Judge *tickets*; those whose digest and history did not move cost a comparison only.

        *again* are tickets to judge although nothing moved: a level fell due, or the last
        attempt failed. With *baseline*, nothing fires and levels already past are marked so.
        """
        moved = self._moved(tickets, changes, again)
        if not moved:
            return Work(pulled=len(tickets))
        self.book.learn(ticket for ticket, _ in moved)
        ids = [ticket.id for ticket, _ in moved]
        snapshots = self.store.snapshots(ids)
        timelines = Timelines(self.store, ids)
        done = self.store.decision_ids(ids)
        parents = parents_of(self.rules, self.store, tickets) if self.rules.parent else {}
        works = {
            ticket.id: self._judge(
                ticket, digest, snapshots.get(ticket.id), changes, timelines,
                done.get(ticket.id, frozenset()), parents.get(ticket.id), baseline=baseline,
            )
            for ticket, digest in moved
        }  # fmt: skip
        others: tuple[Ticket, ...] = ()
        if self.rules.parent and not baseline:
            family = Family(self.rules, self.store, self.book, self.now)
            known = [ticket for ticket, _ in moved if ticket.id in snapshots]
            others = family.tell(known, works)
        return together(works.values(), len(tickets), others)

    def _moved(
        self,
        tickets: Sequence[Ticket],
        changes: Changes | None,
        again: frozenset[TicketId],
    ) -> list[tuple[Ticket, str]]:
        stored = self.store.digests([ticket.id for ticket in tickets])
        moved = []
        for ticket in tickets:
            digest = digest_of(ticket)
            before, last_row = stored.get(ticket.id, ("", 0))
            newer = changes is not None and changes.last(ticket.id)[0] > last_row
            if digest != before or newer or ticket.id in again:
                moved.append((ticket, digest))
        return moved

    def _judge(
        self,
        ticket: Ticket,
        digest: str,
        snapshot: Snapshot | None,
        changes: Changes | None,
        timelines: Timelines,
        done: frozenset[str],
        parent: Ticket | None,
        *,
        baseline: bool,
    ) -> Work:
        try:
            known = self._known(snapshot, ticket)
            rows = self._rows(ticket, known, changes)
            if snapshot is not None:
                require_same(snapshot, ticket, rows)
            if not baseline:
                refuse_strangers(self.store, rows, self._is_ours)
            found = detect(known, ticket, rows, self._watcher(ticket.id, rows))
            if known is None:
                found = as_logged(self.store, ticket, found)
            before = timelines.of(ticket.id)
            found = recognised(self.store, self.book.desk, ticket, found, before)
            told = credit(found.events, rows, authors_of(self.store, ticket.id, rows))
            picture = Picture(
                ticket=ticket, now=self.now, desk=self.book.desk,
                before=known.ticket if known else None, events=found.events,
                timeline=timelines.of(ticket.id, told),
                episode=found.episode, done=done, states=self.book.states(ticket.queue_id),
                parent=parent,
            )  # fmt: skip
            outcome = past_levels(self.rules, picture) if baseline else decide(self.rules, picture)
        except SafeMode:
            raise
        except (ValueError, KaceBridgeError) as error:
            if not self._only_this(error):
                raise
            return put_off(ticket.id, self.store.put_off(ticket.id), self.now, str(error))
        self.stumbles = 0
        self.book.desk = outcome.desk
        return Work(
            snapshots=(
                snapshot_of(ticket, digest, found, self.now, parent_of(ticket, self.rules.parent)),
            ),
            events=told,
            decisions=outcome.decisions,
            due=tuple(DueRow(due.ticket, due.rule, due.level, due.at) for due in outcome.due),
            conflicts=outcome.conflicts,
        )

    def _is_ours(self, row: HistoryEntry) -> bool:
        author = self.book.author_of(row) or ""
        return author.casefold() == self.sma.account_name.casefold()

    def _only_this(self, error: Exception) -> bool:
        """Whether *error* may be put down to one ticket: not once several in a row have it."""
        if not isinstance(error, Stumbled):
            return not stops_the_run(error)
        self.stumbles += 1
        return self.stumbles < STUMBLES

    def _known(self, snapshot: Snapshot | None, ticket: Ticket) -> Known | None:
        if snapshot is None:
            return None
        before = Ticket(snapshot.record, ticket.zone)
        return Known(before, ChangeId(snapshot.last_row), snapshot.episode)

    def _rows(
        self,
        ticket: Ticket,
        known: Known | None,
        changes: Changes | None,
    ) -> tuple[HistoryEntry, ...]:
        """The rows of *ticket* not yet read."""
        last_row = known.last_row if known else ChangeId(0)
        if changes is not None:
            return changes.after(ticket.id, last_row)
        return self.sma.tickets.history(ticket.id, after=last_row)

    def _watcher(self, ticket: TicketId, rows: Sequence[HistoryEntry]) -> Watcher:
        fresh = any("[kb:" in row.comment for row in rows)
        own = own_values(self.store, ticket) if fresh else {}
        return Watcher(self.book.desk.is_staff, self.book.author_of, own)


def own_values(store: Store, ticket: TicketId) -> dict[str, str | None]:
    """What this bridge set on *ticket*, or may have: its fields with the latest value of each."""
    written = store.effects(states=("applied", "intent", "unknown"), ticket=ticket)
    return {
        name: value
        for effect in written
        if effect.kind == "update"
        for name, value in effect.values.items()
    }


def snapshot_of(
    ticket: Ticket, digest: str, found: Detected, now: datetime, parent: TicketId | None = None
) -> Snapshot:
    """What the store keeps of a ticket once its events are known."""
    record = {key: value for key, value in ticket.record.items() if key != "changes"}
    return Snapshot(
        ticket=ticket.id, queue=ticket.queue_id, record=record, digest=digest,
        modified=ticket.text("modified"), created=ticket.text("created"),
        last_row=found.last_row, owner=ticket.value("owner"), state=ticket.state,
        status=ticket.value("status"), episode=found.episode, seen_at=now, gone_at=None,
        parent=parent,
    )  # fmt: skip
