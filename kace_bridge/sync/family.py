"""What happens to a parent, told to its children in the transaction that stores it.

A child need not have moved to hear of its parent. Its decisions are made from its last snapshot
and committed together with the parent's new one, so that each piece of news is judged exactly
once, wherever a run is cut off. A change made to the child meanwhile is found when writing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Picture, decide
from kace_bridge.rules.parent import as_news, parent_of
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.state import Store
from kace_bridge.state.rows import DueRow, Snapshot
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.work import RETRY, RETRY_AFTER, Work, stops_the_run

Works = dict[TicketId, Work]


def parents_of(
    rules: RuleSet, store: Store, tickets: Sequence[Ticket]
) -> Mapping[TicketId, Ticket]:
    """The parent of each of *tickets* that has one the bridge knows, by the child's number."""
    named = {t.id: number for t in tickets if (number := parent_of(t, rules.parent))}
    if not named:
        return {}
    known = {ticket.id: ticket for ticket in tickets}
    rest = store.snapshots(set(named.values()) - known.keys())
    zone = tickets[0].zone
    known |= {s.ticket: Ticket(s.record, zone) for s in rest.values() if s.gone_at is None}
    return {child: known[number] for child, number in named.items() if number in known}


@dataclass(slots=True)
class Family:
    """Judges children by what their parents' *works* tell; works of one page, changed in place."""

    rules: RuleSet
    store: Store
    book: DeskBook
    now: datetime

    def tell(self, parents: Iterable[Ticket], works: Works) -> tuple[Ticket, ...]:
        """Let the children of *parents* hear the news in *works*; the children that were judged."""
        news = {ticket.id: found for ticket in parents
                if (found := as_news(works[ticket.id].events))}  # fmt: skip
        if not news:
            return ()
        by_number = {ticket.id: ticket for ticket in parents}
        told = []
        for child in self._children(news, works):
            assert child.parent is not None
            parent = by_number[child.parent]
            ticket = Ticket(child.record, parent.zone)
            if self._judge(child, ticket, parent, news[parent.id], works):
                told.append(ticket)
        return tuple(told)

    def _children(self, news: Mapping[TicketId, object], works: Works) -> list[Snapshot]:
        """As stored, or as this page has just read them."""
        found = {child.ticket: child for child in self.store.children(news)}
        for number, work in works.items():
            found.pop(number, None)
            for fresh in work.snapshots:
                if fresh.parent in news:
                    found[number] = fresh
        return [found[number] for number in sorted(found)]

    def _judge(
        self, child: Snapshot, ticket: Ticket, parent: Ticket, news: tuple[Event, ...],
        works: Works,
    ) -> bool:  # fmt: skip
        before = works.get(child.ticket, Work())
        timeline = self.store.timelines([child.ticket])[child.ticket]
        done = self.store.decision_ids([child.ticket]).get(child.ticket, frozenset())
        picture = Picture(
            ticket=ticket, now=self.now, desk=self.book.desk, before=ticket, events=news,
            timeline=(*timeline, *before.events), episode=child.episode,
            done=done | {decision.id for decision in before.decisions},
            states=self.book.states(child.queue), parent=parent,
        )  # fmt: skip
        try:
            outcome = decide(self.rules, picture)
        except (ValueError, KaceBridgeError) as error:
            if stops_the_run(error):
                raise
            # The parent is not stored, so that the next attempt hears the same news again.
            retry = DueRow(parent.id, RETRY, 0, self.now + RETRY_AFTER)
            works[parent.id] = Work(due=(retry,), failures={child.ticket: str(error)})
            return False
        self.book.desk = outcome.desk
        works[child.ticket] = replace(
            before,
            decisions=before.decisions + outcome.decisions,
            due=tuple(DueRow(due.ticket, due.rule, due.level, due.at) for due in outcome.due),
            conflicts=before.conflicts + outcome.conflicts,
        )
        return True
