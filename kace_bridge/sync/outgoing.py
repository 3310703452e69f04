"""From planned messages to complete ones: identity and date fixed once, repeats identical.

A message leaves once what it tells of is done.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.state import Store
from kace_bridge.state.rows import EffectRow

WriteState = Literal["done", "pending", "superseded", "withdrawn"]


def messages_for(effects: Sequence[EffectRow], now: datetime) -> list[Message]:
    """One message per effect; ``key`` is made of decision, channel and recipient."""
    messages = []
    for effect in effects:
        data = effect.message or {}
        channel, to = str(data["channel"]), str(data["to"])
        messages.append(
            Message(
                key=digest_parts(effect.decision, channel, to.casefold()),
                ticket=effect.ticket, channel=channel, to=to, name=str(data["name"]),
                subject=str(data["subject"]), text=str(data["text"]), html=str(data["html"]),
                date=now.replace(microsecond=0), urgent=bool(data["urgent"]),
                template=str(data["template"]), role=str(data["role"]),
            )
        )  # fmt: skip
    return messages


def queue_messages(store: Store, ticket: TicketId, now: datetime, epoch: int | None) -> int:
    """Put messages into the outbox whose decision has nothing (more) to write; how many.

    A message that follows a write goes out only once the write is applied; where it was
    not, the message would tell an untruth and is dropped. Where the write was withdrawn to
    be judged again, so is the message.
    """
    queued = 0
    for decision, parts in _by_decision(store.effects(states=("planned",), ticket=ticket)):
        state = _write_state(store, ticket, _waits_for(store, decision))
        if state == "pending":
            continue
        keys = [(part.decision, part.part) for part in parts]
        if state in {"superseded", "withdrawn"}:
            store.finish(keys, state, "what it tells of did not happen", epoch=epoch)
            continue
        messages = messages_for(parts, now)
        store.finish(keys, "applied", messages=messages, epoch=epoch)
        queued += len(messages)
    return queued


def _waits_for(store: Store, decision: str) -> str:
    """The decision whose write a message of *decision* tells of: mostly itself."""
    row = store.decision(decision)
    planned = "decision:"
    if row is not None and row.cause.startswith(planned):
        return row.cause.removeprefix(planned)
    return decision


def _write_state(store: Store, ticket: TicketId, decision: str) -> WriteState:
    """What became of a decision's writes; none count as done."""
    states = {
        effect.state
        for effect in store.effects(ticket=ticket)
        if effect.decision == decision and effect.kind != "message"
    }
    if states & {"planned", "intent", "unknown", "held"}:
        return "pending"
    if not states or states & {"applied", "noop"}:
        return "done"
    return "withdrawn" if states == {"withdrawn"} else "superseded"


def _by_decision(effects: Sequence[EffectRow]) -> Iterator[tuple[str, list[EffectRow]]]:
    found: dict[str, list[EffectRow]] = {}
    for effect in effects:
        if effect.kind == "message":
            found.setdefault(effect.decision, []).append(effect)
    yield from found.items()
