"""Plans seen as facts: what later phases read, and what the notify rules are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from kace_bridge.model.effect import Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.facts import Desk


def values_of(decision: Decision) -> Mapping[str, str | None]:
    """The fields *decision* sets, with their values by name."""
    merged: dict[str, str | None] = {}
    for effect in decision.effects:
        if isinstance(effect, UpdateTicket):
            merged.update(effect.values)
    return merged


def messages_of(decisions: Sequence[Decision]) -> list[SendMessage]:
    """Every message the *decisions* would send."""
    return [
        effect
        for decision in decisions
        for effect in decision.effects
        if isinstance(effect, SendMessage)
    ]


def records_of(
    values: Mapping[str, object], desk: Desk, states: Mapping[str, str]
) -> dict[str, object]:
    """Values as the ticket will carry them: a status with its state, a person in full."""
    records = dict(values)
    status = records.get("status")
    if isinstance(status, str) and status in states:
        records["status"] = {"name": status, "state": states[status]}
    owner = records.get("owner")
    if isinstance(owner, str):
        person = desk.person(owner)
        records["owner"] = {
            "user_name": person.user_name, "full_name": person.full_name,
            "email": person.email, "id": person.id,
        }  # fmt: skip
    return records


def planned_events(
    decisions: Sequence[Decision], ticket: Ticket, states: Mapping[str, str], now: datetime
) -> list[Event]:
    """What *decisions* will change on *ticket*, each field as the last of them leaves it."""
    if not decisions:
        return []
    changes = [each for each in decisions if each.mode == "enforce" and values_of(each)]
    last = {name: decision.id for decision in changes for name in values_of(decision)}
    events = []
    for decision in changes:
        values = {
            name: value
            for name, value in values_of(decision).items()
            if last[name] == decision.id and value != ticket.value(name)
        }
        if values:
            events.append(_as_event(decision, values, ticket, states, now))
    return events


def _as_event(
    decision: Decision,
    values: Mapping[str, str | None],
    ticket: Ticket,
    states: Mapping[str, str],
    now: datetime,
) -> Event:
    changes = []
    for name, value in values.items():
        # Real moves are told by the queue's number; one that is only planned has but the names.
        told = "hd_queue_id" if name == "queue" else name
        changes.append(FieldChange(told, ticket.value(name), value))
        if name == "status":
            state = states.get(value or "")
            if state != ticket.state:
                changes.append(FieldChange("state", ticket.state, state))
    return Event(
        EventKind.CHANGED, ticket.id, now, f"decision:{decision.id}", own=True, staff=True,
        changes=tuple(changes),
    )  # fmt: skip
