"""A ticket freshly read for a command, with everything known of it; no sync need have seen it."""

from dataclasses import dataclass

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import ChangeId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Picture
from kace_bridge.rules.facts import Facts
from kace_bridge.state.rows import Snapshot
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.detect import Detected, Known, Watcher, detect
from kace_bridge.sync.family import parents_of
from kace_bridge.sync.machine import recognised
from kace_bridge.sync.planner import own_values
from kace_bridge.sync.verbs.authorship import authors_of, credit
from kace_bridge.sync.wire import Bridge


@dataclass(frozen=True, slots=True)
class Scene:
    """One ticket as it is now. ``picture.timeline`` holds all that is known to have happened."""

    ticket: Ticket
    rows: tuple[HistoryEntry, ...]
    snapshot: Snapshot | None
    found: Detected
    picture: Picture

    @property
    def facts(self) -> Facts:
        """The ticket as rules see it."""
        return Facts(
            self.ticket, self.picture.now, self.picture.desk, timeline=self.picture.timeline,
            parent=self.picture.parent,
        )  # fmt: skip


def look(bridge: Bridge, book: DeskBook, ticket_id: TicketId) -> Scene:
    """Read the ticket and its history. Raises NotFound."""
    ticket = bridge.sma.tickets.get(ticket_id)
    rows = bridge.sma.tickets.history(ticket_id)
    book.learn([ticket])
    snapshot = bridge.store.snapshot(ticket_id)
    known = None
    if snapshot is not None:
        before = Ticket(snapshot.record, ticket.zone)
        known = Known(before, ChangeId(snapshot.last_row), snapshot.episode)
    own = own_values(bridge.store, ticket_id) if known else {}
    found = detect(known, ticket, rows, Watcher(book.desk.is_staff, book.author_of, own))
    last_row = max([found.last_row, *(row.id for row in rows)])
    found = Detected(found.events, ChangeId(last_row), found.episode)
    timeline = bridge.store.timelines([ticket_id]).get(ticket_id, ())
    found = recognised(bridge.store, book.desk, ticket, found, timeline)
    fresh = credit(found.events, rows, authors_of(bridge.store, ticket_id, rows))
    known_causes = {(event.cause, event.kind) for event in timeline}
    whole = (*timeline, *(e for e in fresh if (e.cause, e.kind) not in known_causes))
    picture = Picture(
        ticket=ticket, now=bridge.now(), desk=book.desk, before=known.ticket if known else None,
        timeline=whole, episode=found.episode,
        done=bridge.store.decision_ids([ticket_id]).get(ticket_id, frozenset()),
        states=book.states(ticket.queue_id),
        parent=parents_of(bridge.site.rules, bridge.store, [ticket]).get(ticket_id),
    )  # fmt: skip
    return Scene(ticket, rows, snapshot, found, picture)
