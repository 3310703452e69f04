"""Silences as people entered them: messages that fit one are not sent while it lasts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.state import Store
from kace_bridge.state.rows import Silence

KEYS = ("ticket", "rule", "template", "recipient")
"""What a silence may name; all that it names must fit."""


@dataclass(slots=True)
class Silences:
    """Whether a message is silenced at a moment. Silences are read once, rules when asked for."""

    store: Store
    _known: list[Silence] | None = None
    _rules: dict[TicketId, Mapping[str, str]] = field(default_factory=dict)

    def __call__(self, message: Message, now: datetime) -> bool:
        if self._known is None:
            self._known = self.store.list_silences(now)
        return any(
            silence.start <= now < silence.until and self._fits(silence.match, message)
            for silence in self._known
        )

    def _fits(self, match: Mapping[str, str], message: Message) -> bool:
        return all(self._is(key, wanted, message) for key, wanted in match.items())

    def _is(self, key: str, wanted: str, message: Message) -> bool:
        match key:
            case "ticket":
                return wanted == str(message.ticket)
            case "template":
                return _alike(message.template, wanted)
            case "recipient":
                return _alike(message.to or message.channel, wanted)
            case "rule":
                return _alike(self._rule_of(message), wanted)
        return False

    def _rule_of(self, message: Message) -> str:
        """The rule that sends it: a message's key is made of its decision (sync/outgoing.py)."""
        if message.ticket not in self._rules:
            self._rules[message.ticket] = {
                row.id: row.rule for row in self.store.decisions(ticket=message.ticket)
            }
        to = message.to.casefold()
        for decision, rule in self._rules[message.ticket].items():
            if digest_parts(decision, message.channel, to) == message.key:
                return rule
        return ""


def _alike(value: str, pattern: str) -> bool:
    """``*@example.org`` and the like, whatever the case."""
    return fnmatchcase(value.casefold(), pattern.casefold())
