"""One message in the place of several: what it lists, and its identity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.notify.channel import Sending
from kace_bridge.notify.compose import subject_words
from kace_bridge.notify.judge import SUMMARY
from kace_bridge.notify.markup import text_to_html

LONGEST = 100
"""Entries of a list; it says how many there are beyond."""


class Words(Protocol):
    """A rendered template."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


def entries(parts: Sequence[Message], sending: Sending) -> str:
    """The list of *parts* in the order they were decided: number, subject, the ticket's address."""
    lines = []
    for part in parts[:LONGEST]:
        lines.append(f"- {part.ticket}: {subject_words(part)}")
        if link := sending.link(part.ticket):
            lines.append(f"  {link}")
    if len(parts) > LONGEST:
        lines.append(f"- and {len(parts) - LONGEST} more")
    return "\n".join(lines)


def summarise(parts: Sequence[Message], words: Words, sending: Sending, now: datetime) -> Message:
    """The message that carries *parts*, all to one recipient; the same parts, the same key."""
    links = [sending.link(part.ticket) for part in parts]
    last = parts[-1]
    return Message(
        key=digest_parts(SUMMARY, *(part.key for part in parts)),
        ticket=TicketId(0), channel=last.channel, to=last.to, name=last.name,
        subject=words.subject, text=words.text,
        html=words.html or text_to_html(words.text, links),
        date=now.replace(microsecond=0), template=SUMMARY, role=last.role,
    )  # fmt: skip
