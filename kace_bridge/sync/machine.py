"""Comments that answering machines wrote: mailed right after a mail of ours, in a machine's words
or in the words they came in before.

The appliance shows no header of a mail, only that a comment came by one. A person's mail may come
as fast, so speed alone never counts; nor do words alone, for people write about machines.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ticket import Ticket
from kace_bridge.notify.automatic import looks_automatic
from kace_bridge.rules.facts import Desk
from kace_bridge.state import Store
from kace_bridge.sync.detect import Detected

QUICK = timedelta(minutes=10)
"""How long a mail may be on its way to a person and the answer on its way to the appliance."""
_SECOND = timedelta(seconds=1)


def is_quick(store: Store, address: str, at: datetime) -> bool:
    """Whether *at* is within minutes of a mail of ours to *address*."""
    since = store.recent_messages(address, at - QUICK)
    return since > store.recent_messages(address, at + _SECOND)


def repeats(said: Event, before: Sequence[Event]) -> bool:
    """Whether the same person mailed the same words before, on the same ticket."""
    return any(
        mail.at < said.at and mail.author == said.author and mail.comment == said.comment
        for mail in before
        if mail.kind is EventKind.COMMENTED and mail.via_email
    )


def recognised(
    store: Store, desk: Desk, ticket: Ticket, found: Detected, timeline: Sequence[Event]
) -> Detected:
    """*found* with what machines wrote marked as automatic: nobody has replied by it.

    *timeline* is what happened to *ticket* before.
    """
    if not any(_by_mail(event) for event in found.events):
        return found
    people = {one.user_name: one.email for one in (ticket.submitter, ticket.owner) if one}

    def by_machine(event: Event) -> bool:
        author = event.author or ""
        address = people.get(event.author) or desk.person(author).email if event.author else ""
        told = looks_automatic(event.comment) or repeats(event, (*timeline, *found.events))
        return told and bool(address) and is_quick(store, address, event.at)

    events = tuple(
        replace(event, automatic=True) if _by_mail(event) and by_machine(event) else event
        for event in found.events
    )
    return replace(found, events=events)


def _by_mail(event: Event) -> bool:
    return event.kind is EventKind.COMMENTED and event.via_email and not event.own
