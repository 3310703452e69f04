"""What a sync would do now, without doing any of it: ``plan`` and ``sync --dry-run``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kace_bridge.errors import ConfigError
from kace_bridge.model.effect import Decision
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Conflict
from kace_bridge.state.rows import Cursor, DueRow
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.fetch import fetch
from kace_bridge.sync.intake import DUE_LIMIT, main_source, unlearnt
from kace_bridge.sync.limits import over_limits
from kace_bridge.sync.planner import Planner, Work
from kace_bridge.sync.pull import Sweep, looks, wants_look, wants_whole
from kace_bridge.sync.wire import Bridge

ALL = 2**31


@dataclass(slots=True)
class Preview:
    """The decisions a sync would take, with the tickets as they are now.

    ``rows`` is the newest history row of each ticket judged, ``turns`` whom the picks named last
    in the teams where that moved on.
    """

    decisions: tuple[Decision, ...] = ()
    tickets: dict[TicketId, Ticket] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    failures: Mapping[TicketId, str] = field(default_factory=dict)
    baseline: bool = False
    limits_exceeded: tuple[str, ...] = ()
    pulled: int = 0
    rows: dict[TicketId, int] = field(default_factory=dict)
    turns: Mapping[str, str] = field(default_factory=dict)


def preview(bridge: Bridge, *, backfill: bool = False, full: bool = False) -> Preview:
    """Pull and decide as a sync does; nothing is stored and nothing written.

    Queues never seen before would only be learnt: ``baseline`` says so, and with *backfill*
    their tickets are judged as new. Raises what a sync raises.
    """
    bridge.sma.login()
    now = bridge.now()
    queues = bridge.queues()
    if not queues:
        raise ConfigError(["the appliance shows this account no queue: check its role"])
    book = DeskBook(bridge.site.rules, bridge.sma, bridge.store, now)
    planner = Planner(bridge.site.rules, bridge.sma, bridge.store, book, now)
    found = Preview()
    fresh = unlearnt(bridge.store, queues)
    found.baseline = bool(fresh)
    baseline = found.baseline and not backfill
    for sweep, cursor in _sweeps(bridge, fresh, queues, now, full=full):
        for batch in sweep.read(bridge.sma, cursor, now):
            tickets = tuple(ticket for ticket in batch.tickets if ticket.id not in found.tickets)
            work = planner.consider(tickets, batch.changes, baseline=baseline)
            _take(found, work, tickets)
    for ids in _due(bridge.store.due(now, ALL), found):
        fresh_ones, changes = fetch(bridge.sma, ids)
        tickets = tuple(fresh_ones[ticket] for ticket in ids if ticket in fresh_ones)
        work = planner.consider(tickets, changes, again=frozenset(ids))
        _take(found, work, tickets)
    before = bridge.store.turns()
    found.turns = {t: user for t, user in book.desk.turns.items() if before.get(t) != user}
    found.decisions = tuple(decision for decision in found.decisions if decision.effects)
    found.limits_exceeded = tuple(
        over_limits(bridge.site.rules.limits, found.decisions, bridge.store.count_open(queues))
    )
    return found


def _sweeps(
    bridge: Bridge, fresh: tuple[QueueId, ...], queues: tuple[QueueId, ...], now: datetime,
    *, full: bool,
) -> Iterator[tuple[Sweep, Cursor | None]]:  # fmt: skip
    """What a sync would read now, and from where on."""
    size = bridge.site.settings.appliance.page_size
    if fresh:
        yield Sweep("preview", fresh, bridge.zone, size, full=True), None
        return
    source = main_source(queues)
    cursor = bridge.store.cursor(source)
    whole = full or wants_whole(cursor)
    main = Sweep(source, queues, bridge.zone, size, whole)
    yield main, cursor
    if not whole and wants_look(cursor, now):
        yield from ((look, None) for look in looks(main, now))


def _due(rows: Sequence[DueRow], found: Preview) -> Iterator[list[TicketId]]:
    """The tickets of *rows* not judged yet, in the order and the portions a sync takes them."""
    ids = [t for t in dict.fromkeys(row.ticket for row in rows) if t not in found.tickets]
    for start in range(0, len(ids), DUE_LIMIT):
        yield ids[start : start + DUE_LIMIT]


def _take(found: Preview, work: Work, tickets: tuple[Ticket, ...]) -> None:
    judged = {snapshot.ticket for snapshot in work.snapshots}
    found.rows.update({snapshot.ticket: snapshot.last_row for snapshot in work.snapshots})
    found.tickets.update({ticket.id: ticket for ticket in tickets if ticket.id in judged})
    found.tickets.update({ticket.id: ticket for ticket in work.others})
    found.decisions += work.decisions
    found.conflicts += work.conflicts
    found.failures = {**found.failures, **work.failures}
    found.pulled += work.pulled
