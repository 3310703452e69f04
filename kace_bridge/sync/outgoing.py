"""From planned messages to complete ones: identity and date fixed once, repeats identical."""

from collections.abc import Sequence
from datetime import datetime

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.message import Message
from kace_bridge.state.rows import EffectRow


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
