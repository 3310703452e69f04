"""Whose doing a write of ours was: a command is its person's, whoever's account carried it out.

The appliance knows the bridge's account alone. Clocks, hands-off times and figures must know the
engineer: an answer written at a terminal is a first staff reply like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kace_bridge.model.event import Event
from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.state import Store
from kace_bridge.sync.detect import MARK

PHASE = "command"
"""The phase of decisions that people take."""
Authors = Mapping[str, UserName]
"""The person behind each mark that a command left."""


def authors_of(store: Store, ticket: TicketId, rows: Sequence[HistoryEntry]) -> Authors:
    """The people behind the marks in *rows*; the store is asked only where there are marks."""
    if not any(MARK.search(row.comment) for row in rows):
        return {}
    return {
        decision.id[:8]: UserName(str(decision.trace["by"]))
        for decision in store.decisions(ticket=ticket)
        if decision.phase == PHASE and decision.trace.get("by")
    }


def credit(
    events: Sequence[Event], rows: Sequence[HistoryEntry], authors: Authors
) -> tuple[Event, ...]:
    """*events* with those of a command told as its person's doing, not as the bridge's own.

    For what is stored and measured; what is judged keeps them as own, so that they feed no rule
    twice. A row that a rule wrote as well stays the bridge's.
    """
    if not authors:
        return tuple(events)
    people: dict[str, UserName] = {}
    for row in rows:
        named = {authors.get(mark) for mark in MARK.findall(row.comment)}
        person = named.pop() if len(named) == 1 else None
        if person is not None:
            people[f"row:{row.id}"] = person
    return tuple(
        replace(event, author=people[event.cause], staff=True, own=False)
        if event.own and event.cause in people
        else event
        for event in events
    )
