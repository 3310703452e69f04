"""What is known around a message at the moment it would leave, gathered for the judgement."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kace_bridge.model.message import Message
from kace_bridge.notify.channel import Channel
from kace_bridge.notify.outbox import Outbox, Row
from kace_bridge.notify.outdated import is_of
from kace_bridge.notify.policy import Policy
from kace_bridge.notify.suppress import Circumstances, Judgement, is_for_staff, send_reason

HOUR = timedelta(hours=1)
SUMMARY = "digest"
"""The template of a message that carries others: it has waited already."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges messages by *policy* and by what the *outbox* has sent before."""

    outbox: Outbox
    policy: Policy
    denied: frozenset[str]

    def judge(self, row: Row, channel: Channel, now: datetime, *, attempts: int) -> Judgement:
        """Whether the message of *row*, tried *attempts* times before, leaves now."""
        message, policy = row.message, self.policy
        around = Circumstances(
            now=now,
            attempts=attempts,
            personal=channel.personal,
            recent=self.outbox.recent_messages(message.to, now - HOUR) if channel.personal else 0,
            cap=None if self.is_prompt(message) else policy.cap,
            # Whoever has it sent again knows better.
            echo=attempts == 0 and policy.echo(message, now),
            doubled=is_of(message.template, policy.doubles),
            outdated=policy.outdated(row),
            silenced=policy.silenced(message, now),
            quiet_until=None if self.is_prompt(message) else policy.quiet_until(message, now),
            daily_at=self.daily_at(message) if channel.personal else None,
            gathered_until=self.gathered_until(message) if channel.personal else None,
            denied=self.denied,
        )
        return send_reason(message, around)

    def is_prompt(self, message: Message) -> bool:
        """Whether *message* is one that people wait for: neither hour nor cap holds it."""
        return is_of(message.template, self.policy.prompt)

    def daily_at(self, message: Message) -> datetime | None:
        """When the daily summary leaves that *message* belongs into; None for no such thing."""
        return self.policy.daily_at(message) if self._can_wait(message) else None

    def is_gathered(self, message: Message) -> bool:
        """Whether *message* may go out together with others."""
        return self.policy.group is not None and self._can_wait(message) and is_for_staff(message)

    def gathered_until(self, message: Message) -> datetime | None:
        """When a gathered mail may follow the last one to the same recipient."""
        if self.policy.group is None or not self.is_gathered(message):
            return None
        last = self.outbox.last_sent(message.to)
        return last + self.policy.group if last is not None else None

    def _can_wait(self, message: Message) -> bool:
        return not (message.urgent or self.is_prompt(message) or message.template == SUMMARY)
