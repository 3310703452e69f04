"""Recorded history made playable: tickets as they came in, and what people did to them since.

The store keeps a ticket's latest form and its events. Turned back event by event, the latest form
is the first one; what this bridge wrote is left out, so that other rules can take its place. For a
ticket first seen late some of its beginning is not known: what an owner or a closed status was
before is then taken to be what a fresh ticket has.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import groupby

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.play import Act
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_ticket import as_records
from kace_bridge.state.readings import Readings
from kace_bridge.sync.desk import FRESH_STATES
from kace_bridge.sync.labels import stored_labels

CHUNK = 500
FRESH_STATUS = "New"


@dataclass(frozen=True, slots=True)
class Past:
    """One ticket's history: as it came in, people's acts since, and how it really went.

    Where it is taken up later than at its creation, ``before`` holds what had happened until then,
    the doing of rules included, and ``first`` is the ticket at that moment.
    """

    first: Ticket
    created: Event
    acts: tuple[Act, ...]
    timeline: tuple[Event, ...]
    last: Ticket
    before: tuple[Event, ...] = ()


def read_pasts(
    store: Readings, zone: tzinfo, desk: Desk, since: datetime | None = None
) -> Iterator[Past]:
    """Every ticket of *store* whose creation is known, by number; see past_of."""
    after = TicketId(0)
    while page := store.all_snapshots(after, CHUNK):
        after = page[-1].ticket
        timelines = store.timelines(snapshot.ticket for snapshot in page)
        for snapshot in page:
            ticket = Ticket(snapshot.record, zone)
            past = past_of(ticket, timelines[snapshot.ticket], desk, since)
            if past is not None:
                yield past


def past_of(
    ticket: Ticket, timeline: Sequence[Event], desk: Desk, since: datetime | None = None
) -> Past | None:
    """The history of *ticket* as last seen; None where its creation is not in the *timeline*.

    A ticket older than *since* is taken up at that moment, as it then was.
    """
    created = next((event for event in timeline if event.kind is EventKind.CREATED), None)
    if created is None:
        return None
    late = since is not None and created.at < since
    before = tuple(e for e in timeline if late and since and e.at < since)
    rest = [event for event in timeline if event not in before]
    values, state = _turned_back(ticket, rest)
    if not late:
        state = _as_submitted(ticket, created, values, state)
    status = values.get("status") or ticket.value("status") or FRESH_STATUS
    states = {**FRESH_STATES, status: state or FRESH_STATES.get(status, "opened")}
    values.setdefault("status", status)
    stamp = ticket.record.get("created")
    first = ticket.with_values({**as_records(values, desk, states), "modified": stamp})
    return Past(first, created, tuple(_acts(ticket, rest)), tuple(timeline), ticket, before)


def _turned_back(
    ticket: Ticket, events: Sequence[Event]
) -> tuple[dict[str, str | None], str | None]:
    """The fields that *events* changed, as they were before; and the state."""
    values: dict[str, str | None] = {}
    state: str | None = ticket.state
    for event in reversed(events):
        if event.kind is not EventKind.CHANGED:
            continue
        for change in event.changes:
            if change.field == "state":
                state = change.before
            else:
                values[change.field] = change.before
    return values, state


def _as_submitted(
    ticket: Ticket, created: Event, values: dict[str, str | None], state: str | None
) -> str | None:
    """Correct *values* by what a ticket cannot have been when it came in; its state."""
    if state == "closed" and "status" not in values:
        values["status"], state = FRESH_STATUS, FRESH_STATES[FRESH_STATUS]
    if values.get("owner", ticket.value("owner")) is not None and not created.staff:
        values["owner"] = None  # a submitter cannot name one: somebody did before we looked
    return state


def _acts(ticket: Ticket, timeline: Sequence[Event]) -> Iterator[Act]:
    """What people saved, one act per history row."""
    theirs = [e for e in timeline if not e.own and e.kind is not EventKind.CREATED]
    for (at, cause), group in groupby(theirs, key=lambda event: (event.at, event.cause)):
        events = list(group)
        values = {
            change.field: change.after
            for event in events
            if event.kind is EventKind.CHANGED
            for change in event.changes
        }
        if "status" not in values and any(e.kind is EventKind.CLOSED for e in events):
            closed = ticket.value("status") if ticket.state == "closed" else None
            values |= {"status": closed or "Closed", "state": "closed"}
        said = next((e for e in events if e.kind is EventKind.COMMENTED), None)
        one = events[0]
        yield Act(
            at, one.author, values, said.comment if said else "", said.public if said else True,
            cause, one.staff, one.via_email,
        )  # fmt: skip


def stored_desk(rules: RuleSet, store: Readings) -> Desk:
    """The desk as last known, without asking the appliance: nobody is away, nobody has work."""
    people = json.loads(store.meta("people") or "{}").get("people", [])
    ranks: Mapping[str, Mapping[str, int]] = json.loads(store.meta("orders") or "{}")
    known = [Person(**record) for record in people]
    return Desk(
        teams=rules.teams, groups=rules.groups,
        people={person.user_name: person for person in known},
        orders={name: tuple(sorted(order, key=lambda each: order[each]))
                for name, order in ranks.items()},
        labels=stored_labels(store),
    )  # fmt: skip


def states_of(pasts: Sequence[Past]) -> dict[str, str]:
    """The state behind each status that occurs in *pasts*; a fresh appliance's for others."""
    states: dict[str, str] = dict(FRESH_STATES)
    for past in pasts:
        status = past.last.status
        if status is not None and status.state is not None:
            states[status.name] = status.state
        for event in past.timeline:
            name, state = event.change_of("status"), event.change_of("state")
            if name and state and name.after and state.after:
                states[name.after] = state.after
    return states


def on_desk(past: Past, desk: Desk) -> Desk:
    """*desk* with the people this ticket itself tells of."""
    told = [past.last.owner, past.last.submitter]
    people: dict[str, Person] = {
        one.user_name: one for one in told if one and one.user_name not in desk.people
    }
    return replace(desk, people={**desk.people, **people}) if people else desk


def last_moment(past: Past) -> datetime:
    """When something last happened to it."""
    return max(event.at for event in past.timeline)
