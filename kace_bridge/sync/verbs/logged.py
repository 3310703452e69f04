"""Calls logged at a terminal: what was intended, and who did it by which way."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kace_bridge.model.event import EventKind
from kace_bridge.model.ids import UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.state import Store
from kace_bridge.sync.detect import Detected

TOKEN = re.compile(r"\[log:([0-9]{8}-[0-9]{6}-[0-9a-f]{4})\]")
"""Our own reference, at the end of the description: what finds a ticket whose number was lost.

Not a comment: nothing shows that creating takes one (contract section 4.3).
"""
_PREFIX = "submit:"


@dataclass(frozen=True, slots=True)
class Logged:
    """One call: the intention, and once it is known the number.

    ``at`` is the appliance's time before it was sent; ``settle_until``, on this machine's clock,
    when an answer that was lost can no longer be followed by the ticket.
    """

    run: str
    title: str
    queue: int
    submitter: str
    person: str
    via: str
    at: datetime
    settle_until: datetime
    ticket: int | None = None
    given_up: bool = False

    @property
    def open(self) -> bool:
        """Whether nobody knows yet what became of it."""
        return self.ticket is None and not self.given_up

    def same_call(self, other: "Logged") -> bool:
        """Whether *other* is this call, asked for once more."""
        return (self.title, self.queue, self.submitter, self.person, self.via) == (
            other.title, other.queue, other.submitter, other.person, other.via,
        )  # fmt: skip


def record(store: Store, call: Logged) -> None:
    """Put *call* on record, in place of what was there of it."""
    data = {name: getattr(call, name) for name in call.__slots__}
    data |= {name: data[name].isoformat() for name in ("at", "settle_until")}
    store.set_meta(_PREFIX + call.run, json.dumps(data))


def open_calls(store: Store) -> list[Logged]:
    """The calls of which nobody knows yet whether the ticket was made."""
    found = (_read(text) for text in store.metas(_PREFIX).values())
    return [call for call in found if call.open]


def as_logged(store: Store, ticket: Ticket, found: Detected) -> Detected:
    """*found* with the creation told as it was: by whom and by which way.

    The appliance knows the bridge's account alone. A reference that was copied into another
    ticket proves nothing.
    """
    reference = TOKEN.search(ticket.text("summary"))
    text = store.meta(_PREFIX + reference[1]) if reference else None
    call = _read(text) if text else None
    if call is None or call.ticket not in {None, ticket.id} or call.title != ticket.title:
        return found
    by_staff = call.via == "phone"
    author = UserName(call.person if by_staff else call.submitter or call.person)
    events = tuple(
        replace(event, author=author, staff=by_staff, via_email=call.via == "email")
        if event.kind is EventKind.CREATED
        else event
        for event in found.events
    )
    return replace(found, events=events)


def _read(text: str) -> Logged:
    data: Mapping[str, Any] = json.loads(text)
    times = {name: datetime.fromisoformat(data[name]) for name in ("at", "settle_until")}
    return Logged(**{**data, **times})
