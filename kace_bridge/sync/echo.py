"""Whether a message would answer a machine that answers everything.

Our mails say that they are automatic, and most machines heed that. Of those that do not, the
appliance shows no header, only a comment or a new ticket that came by mail. What gives them away:
they come right after a mail of ours, in a machine's words, or in the very words they came in
before. A person's mail may come as fast, so speed alone never counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kace_bridge.model.digest import digest_parts
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.model.people import Person
from kace_bridge.notify.address import same_address
from kace_bridge.notify.automatic import looks_automatic
from kace_bridge.notify.suppress import is_for_staff
from kace_bridge.state import Store
from kace_bridge.state.rows import Snapshot
from kace_bridge.sync.machine import is_quick, repeats

NEIGHBOURS = 200
"""How many tickets back the same words are looked for."""


@dataclass(frozen=True, slots=True)
class Echoes:
    """Asks the store; called for each message about to leave."""

    store: Store

    def __call__(self, message: Message, now: datetime) -> bool:
        """Whether *message* answers a machine.

        Everything about a ticket a machine opened, until a person has touched it. Else what a
        machine's comment causes: staff are told once that somebody is away, others never.
        """
        del now
        timeline = self.store.timelines([message.ticket])[message.ticket]
        snapshot = self.store.snapshot(message.ticket)
        mails = [event for event in timeline if event.via_email and not event.own and event.author]
        if not mails or snapshot is None:
            return False
        if mails[0].kind is EventKind.CREATED and self._opened(mails[0], snapshot):
            return not any(_by_person(event, mails[0].author) for event in timeline)
        said = self._said(message, mails)
        if said is None or not said.automatic:
            return False
        mine = same_address(message.to) == same_address(_address(said.author, snapshot))
        return mine or not is_for_staff(message) or _again(said, mails)

    def _opened(self, creation: Event, snapshot: Snapshot) -> bool:
        """Whether a machine opened the ticket."""
        if not self._is_quick(creation, snapshot):
            return False
        title = _title(snapshot)
        return looks_automatic(title) or any(
            _title(other) == title and _submitter(other) == _submitter(snapshot)
            for other in self._before(snapshot.ticket)
        )

    def _before(self, ticket: TicketId) -> Sequence[Snapshot]:
        after = TicketId(max(ticket - NEIGHBOURS, 0))
        found = self.store.all_snapshots(after, NEIGHBOURS)
        return [snapshot for snapshot in found if snapshot.ticket < ticket]

    def _is_quick(self, event: Event, snapshot: Snapshot) -> bool:
        return is_quick(self.store, _address(event.author, snapshot), event.at)

    def _said(self, message: Message, mails: Sequence[Event]) -> Event | None:
        """The comment that caused *message*, where one by mail did and no alarm is due for it.

        That a ticket is open again is told whoever re-opened it.
        """
        by_cause = {mail.cause: mail for mail in mails if mail.kind is EventKind.COMMENTED}
        for decision in self._decisions(message):
            row = self.store.decision(decision)
            event = row.trace.get("event") if row is not None else None
            kind = event.get("kind") if isinstance(event, Mapping) else None
            if row is not None and kind == EventKind.COMMENTED:
                return by_cause.get(row.cause)
        return None

    def _decisions(self, message: Message) -> Iterator[str]:
        for effect in self.store.effects(ticket=message.ticket):
            to = message.to.casefold()
            if message.key == digest_parts(effect.decision, message.channel, to):
                yield effect.decision


def _again(said: Event, mails: Sequence[Event]) -> bool:
    earlier = (mail for mail in mails if mail.at < said.at and mail.author == said.author)
    return repeats(said, mails) or any(mail.automatic for mail in earlier)


def _by_person(event: Event, opener: str | None) -> bool:
    """Whether somebody did it: not this bridge, and no machine's mail, the opener's least."""
    if event.author is None or event.own:
        return False
    return not event.via_email or (event.author != opener and not looks_automatic(event.comment))


def _address(author: str | None, snapshot: Snapshot) -> str:
    for field in ("submitter", "owner"):
        person = _person(snapshot, field)
        if person is not None and person.user_name == author:
            return person.email
    return ""


def _submitter(snapshot: Snapshot) -> str | None:
    person = _person(snapshot, "submitter")
    return person.user_name if person is not None else None


def _person(snapshot: Snapshot, field: str) -> Person | None:
    record = snapshot.record.get(field)
    return Person.from_api(record) if isinstance(record, Mapping) else None


def _title(snapshot: Snapshot) -> str:
    return str(snapshot.record.get("title") or "").strip()
