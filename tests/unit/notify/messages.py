"""Messages for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message

DATE = datetime(2026, 3, 2, 14, 1, 13, tzinfo=UTC)
_PLAIN = Message(
    key="0123abcd",
    ticket=TicketId(41),
    channel="mail",
    to="jdoe@example.org",
    name="Jane Doe",
    subject="[TICK:41] VPN drops",
    text="Hello Jane,\n\nwe have it.\n",
    html="",
    date=DATE,
    template="receipt",
)


def make_message(**changes: Any) -> Message:
    """A sound message, with *changes*."""
    return replace(_PLAIN, **changes)
