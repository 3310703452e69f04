"""A message on its way out, and the closed set of ways it can leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kace_bridge.model.ids import TicketId


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient, complete: delivering it twice sends the same bytes.

    ``key`` is its identity (decision, channel, recipient); ``date`` is fixed when it enters the
    outbox, so that a repeat carries the same Message-ID and Date. ``role`` says why its recipient
    is told (see SendMessage). ``ticket`` is 0 for a summary of messages about several.
    """

    key: str
    ticket: TicketId
    channel: str
    to: str
    name: str
    subject: str
    text: str
    html: str
    date: datetime
    urgent: bool = False
    template: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """Hand *content* (a complete RFC 5322 message) to the SMTP server at *server* (a URL)."""

    server: str
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class File:
    """Write *content* as *name* into the folder *folder*, replacing the same message."""

    folder: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """Send *body* to *url*; no redirects, small reply."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class ChatPost:
    """Post to the one receiver named by *service* (an apprise URL); *link* is never cut off.

    No HttpRequest: some services take several requests, each made from the answer before.
    """

    service: str
    title: str
    text: str
    link: str


Delivery = Mail | File | HttpRequest | ChatPost

OutcomeKind = Literal["sent", "retry", "dead", "unknown"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one delivery ended. ``retry_after`` (seconds) where the other side named a wait.

    ``channel_wide``: any message would have ended so, because nothing can be reached. ``gone``:
    the receiver wants no message any more, this one or another.
    """

    kind: OutcomeKind
    reason: str = ""
    retry_after: float | None = field(default=None)
    channel_wide: bool = False
    gone: bool = False
