"""How much one run may do before it stops and asks.  Pure."""

from collections.abc import Sequence

from kace_bridge.model.effect import Decision, SendMessage
from kace_bridge.rules.schema import LimitSpec


def over_limits(limits: LimitSpec, decisions: Sequence[Decision]) -> list[str]:
    """What of *decisions* is more than one run may do, in words; empty where nothing is."""
    effects = [effect for decision in decisions if decision.mode == "enforce"
               for effect in decision.effects]  # fmt: skip
    messages = sum(isinstance(effect, SendMessage) for effect in effects)
    tickets = {effect.ticket for effect in effects if not isinstance(effect, SendMessage)}
    return compare(limits, len(tickets), messages)


def compare(limits: LimitSpec, tickets: int, messages: int) -> list[str]:
    """The limits exceeded by so many *tickets* to change and *messages* to send, in words."""
    over = []
    if tickets > limits.changes_per_run:
        over.append(f"{tickets} tickets to change, the limit is {limits.changes_per_run}")
    if messages > limits.messages_per_run:
        over.append(f"{messages} messages to send, the limit is {limits.messages_per_run}")
    return over
