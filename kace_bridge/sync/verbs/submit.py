"""Logging a call: the intention first, then one request, and a lost answer is looked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from kace_bridge.errors import ConfigError, OutcomeUnknown, RetryLater, UsageError
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.text import clean_line
from kace_bridge.rules.actions.close import as_markup
from kace_bridge.sma.names import UnknownName
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.verbs.carry_out import open_book, page_of
from kace_bridge.sync.verbs.logged import TOKEN, Logged, open_calls, record
from kace_bridge.sync.verbs.tickets import close, user_of
from kace_bridge.sync.verbs.wish import CommandResult
from kace_bridge.sync.wire import Bridge, seconds

Via = Literal["phone", "portal", "email"]
EARLIER = timedelta(minutes=10)
"""How far before the intention a ticket is looked for: clocks differ."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was told at the phone; names as people say them, None or empty where nothing was."""

    title: str
    via: Via
    text: str = ""
    submitter: str | None = None
    owner: str | None = None
    category: str | None = None
    priority: str | None = None
    queue: str | None = None
    resolution: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The outcome. ``found``: an earlier try had made the ticket; ``ticket`` None: rehearsal."""

    ticket: TicketId | None
    values: Mapping[str, str]
    page: str = ""
    found: bool = False
    closing: CommandResult | None = None


def submit(bridge: Bridge, call: Call, *, person: str, dry_run: bool = False) -> Submitted:
    """Make one ticket of *call*; with a resolution it is closed at once, on the first call.

    The same call asked for again while the outcome of the first try is open makes no second
    ticket. Raises UsageError for a name nobody has, OutcomeUnknown where the answer was lost and
    the ticket is not to be seen (yet), RetryLater where it may still come.
    """
    title = clean_line(call.title, 255)
    if not title:
        raise UsageError('--title is empty: say what it is about, for example --title "VPN drops"')
    book = open_book(bridge)
    queue = _queue(bridge, call.queue)
    submitter = _user(book, call.submitter or person, named=call.submitter is not None)
    owner = _user(book, call.owner, named=True) if call.owner else None
    if owner is None and call.resolution:
        owner = user_of(book, person)
    named = {"submitter": submitter, "owner": owner, "category": call.category,
             "priority": call.priority}  # fmt: skip
    shown = {"title": title} | {name: value for name, value in named.items() if value}
    body = _body(bridge, queue, title, shown)
    if dry_run:
        return Submitted(None, shown)
    now = bridge.clock.now()
    spec = bridge.site.settings.appliance
    logged = Logged(
        "", title, int(queue), submitter or "", person, call.via, bridge.now(),
        now + seconds(spec.request_timeout) + seconds(spec.settle),
    )  # fmt: skip
    ticket = _earlier(bridge, logged)
    found = ticket is not None
    if ticket is None:
        ticket = _create(bridge, logged, body, call.text)
    closing = None
    if call.resolution:
        (closing,) = close(bridge, [ticket], resolution=call.resolution, person=person)
    return Submitted(ticket, shown, page_of(bridge, ticket), found, closing)


def _create(bridge: Bridge, logged: Logged, body: Mapping[str, object], text: str) -> TicketId:
    store = bridge.store
    run = store.start_run("submit", bridge.site.config_hash, bridge.clock.now())
    logged = replace(logged, run=run)
    signed = f"{text}\n\n" if text.strip() else ""
    signed += f"Logged by {logged.via} by {logged.person}. [log:{run}]"
    record(store, logged)
    outcome, ticket = "stopped", None
    try:
        ticket = _send(bridge, logged, {**body, "summary": as_markup(signed)})
        outcome = "done"
    except OutcomeUnknown:
        outcome = "unknown"
        raise
    except Exception:
        record(store, replace(logged, given_up=True))  # surely not made: no answer is awaited
        raise
    finally:
        counts = {"tickets": int(ticket is not None), "ticket": ticket}
        store.end_run(run, outcome, counts, bridge.clock.now())
    record(store, replace(logged, ticket=ticket))
    return ticket


def _send(bridge: Bridge, logged: Logged, body: Mapping[str, object]) -> TicketId:
    try:
        return bridge.sma.tickets.create(body)
    except OutcomeUnknown as error:
        ticket = _look_for(bridge, logged)
        if ticket is not None:
            return ticket
        raise OutcomeUnknown(
            f"{error}. The ticket is not to be seen; it may still come. Give the same command"
            " again in some minutes: it looks first and makes no second ticket"
        ) from error


def _earlier(bridge: Bridge, logged: Logged) -> TicketId | None:
    """The ticket an earlier try made after all. Raises RetryLater where it may still come."""
    for call in open_calls(bridge.store):
        ticket = _look_for(bridge, call)
        if ticket is not None:
            record(bridge.store, replace(call, ticket=ticket))
        elif bridge.clock.now() >= call.settle_until:
            record(bridge.store, replace(call, given_up=True))
        elif logged.same_call(call):
            left = int((call.settle_until - bridge.clock.now()).total_seconds()) + 1
            raise RetryLater(
                f"the answer to the same call was lost (run {call.run}) and its ticket may still"
                f" come: try again in {left} s"
            )
        if ticket is not None and logged.same_call(call):
            return ticket
    return None


def _look_for(bridge: Bridge, call: Logged) -> TicketId | None:
    """The ticket that carries our reference."""
    since = call.at - EARLIER
    for ticket in bridge.sma.tickets.list(queue=call.queue, modified_since=since):
        if call.run in TOKEN.findall(ticket.text("summary")):
            return ticket.id
    return None


def _queue(bridge: Bridge, name: str | None) -> QueueId:
    if name is not None:
        return QueueId(int(name)) if name.isdecimal() else bridge.sma.queues.find(name).id
    queues = bridge.queues()
    if not queues:
        raise ConfigError(["the appliance shows this account no queue: check its role"])
    return queues[0]


def _user(book: DeskBook, name: str | None, *, named: bool) -> str | None:
    user = user_of(book, name) if name else None
    if user is None and named:
        raise UsageError(f"'{name}' is no user of the appliance; give a login name")
    return user


def _body(
    bridge: Bridge, queue: QueueId, title: str, names: Mapping[str, str]
) -> dict[str, object]:
    """The request: names as numbers. Raises UsageError naming the nearest."""
    body: dict[str, object] = {"hd_queue_id": int(queue), "title": title}
    for field, name in names.items():
        if field == "title":
            continue
        try:
            body[field] = bridge.sma.names.resolve(queue, field, name)
        except UnknownName as error:
            raise UsageError(f"--{field}: {error}") from error
    return body
