"""Ready-made rows for the store's tests: name what matters, the rest is ordinary."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kace_bridge.model.effect import AddComment, Decision, Effect, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.message import Message
from kace_bridge.state import PageCommit, Snapshot, Store

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TTL = timedelta(seconds=90)


def make_snapshot(ticket: int, **changes: object) -> Snapshot:
    ordinary = Snapshot(
        ticket=TicketId(ticket),
        queue=QueueId(1),
        record={"id": ticket, "title": f"Ticket {ticket}"},
        digest="d0",
        modified="2026-03-02 09:00:00",
        created="2026-03-02 08:00:00",
        last_row=1,
        owner="adiaz",
        state="opened",
        status="Opened",
        episode=0,
        seen_at=NINE,
    )
    return replace(ordinary, **changes)


def make_update(ticket: int, **values: str | None) -> UpdateTicket:
    return UpdateTicket(TicketId(ticket), values or {"owner": "bkim"}, {"owner": None})


def make_comment(ticket: int, text: str = "Looking") -> AddComment:
    return AddComment(TicketId(ticket), text)


def make_send(ticket: int, to: str = "bkim@example.org", template: str = "nudge") -> SendMessage:
    return SendMessage(TicketId(ticket), "mail", to, "B Kim", "owner", template, "Subject", "Text")


def make_decision(
    ticket: int, *effects: Effect, rule: str = "network", **changes: object
) -> Decision:
    ordinary = Decision(
        TicketId(ticket), rule, "route", "created", NINE, effects=effects, trace={"why": "vpn"}
    )
    return replace(ordinary, **changes)


def make_event(ticket: int, kind: EventKind = EventKind.CREATED, **changes: object) -> Event:
    return replace(Event(kind, TicketId(ticket), NINE, "created"), **changes)


def make_message(key: str, ticket: int = 41, **changes: object) -> Message:
    ordinary = Message(
        key=key,
        ticket=TicketId(ticket),
        channel="mail",
        to="bkim@example.org",
        name="B Kim",
        subject="Subject",
        text="Text",
        html="",
        date=NINE,
        template="nudge",
    )
    return replace(ordinary, **changes)


def record(store: Store, *decisions: Decision, run: str = "r1") -> frozenset[str]:
    """Commit *decisions* as one page."""
    return store.commit_page(PageCommit(run, decisions=decisions))


def states(store: Store, ticket: int | None = None) -> list[str]:
    """The states of the effects, in ledger order."""
    return [
        effect.state
        for effect in store.effects(ticket=None if ticket is None else TicketId(ticket))
    ]


def queue(store: Store, messages: Iterable[Message]) -> None:
    """Put *messages* into the outbox."""
    assert store.finish((), "applied", messages=list(messages))
