"""Gathering what a hand-over is made of: the open tickets as the last sync saw them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from kace_bridge.errors import RetryLater, UsageError
from kace_bridge.model.event import Event
from kace_bridge.model.ticket import Ticket
from kace_bridge.report.handover import Case, Handover, Mark, hand_over
from kace_bridge.rules.acknowledge import acknowledged
from kace_bridge.rules.bounced import stopped
from kace_bridge.rules.clocks import next_due
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.parent import quieted
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import Reading, read_clock
from kace_bridge.state.rows import Snapshot
from kace_bridge.sync.family import parents_of
from kace_bridge.sync.verbs.carry_out import page_of
from kace_bridge.sync.verbs.levels import escalated, written
from kace_bridge.sync.wire import Bridge


def present(bridge: Bridge) -> datetime:
    """Now by the appliance; by this machine's clock where it is down."""
    if bridge.at is None:
        try:
            bridge.sma.login()
        except RetryLater:
            return bridge.clock.now()
    return bridge.now()


def last_sync(bridge: Bridge) -> datetime | None:
    """When the store last looked at the appliance; None where it never did."""
    runs = (run for run in bridge.store.runs(1000) if run.kind == "sync" and run.ended)
    return next((run.started for run in runs), None)


def prepare(bridge: Bridge, team: str | None, within: timedelta) -> Handover:
    """The hand-over of everybody's tickets, or of a team's and those nobody has.

    Reads the store alone. Raises UsageError for a team there is none of.
    """
    teams = bridge.site.rules.teams
    if team is not None and team not in teams:
        raise UsageError(f"no team '{team}'; teams: {', '.join(sorted(teams))}")
    now = present(bridge)
    shown = [
        snapshot
        for snapshot in bridge.store.open_snapshots()
        if team is None or snapshot.owner is None or teams[team].has_member(snapshot.owner)
    ]
    return hand_over(list(_cases(bridge, shown, now)), now, within)


def _cases(bridge: Bridge, snapshots: list[Snapshot], now: datetime) -> Iterator[Case]:
    timelines = bridge.store.timelines([snapshot.ticket for snapshot in snapshots])
    clocks = bridge.site.rules.clocks
    rules = bridge.site.rules
    tickets = [Ticket(snapshot.record, bridge.zone) for snapshot in snapshots]
    parents = parents_of(rules, bridge.store, tickets) if rules.parent else {}
    family = bridge.store.children([t.id for t in tickets]) if rules.parent else []
    children = Counter(child.parent for child in family if child.state != "closed")
    waits_for = frozenset(n for n, spec in clocks.items() if spec.stop == "submitter_reply")
    for snapshot in snapshots:
        ticket = Ticket(snapshot.record, bridge.zone)
        timeline = timelines.get(snapshot.ticket, ())
        readings = read_all(bridge, ticket, timeline, now)
        decisions = bridge.store.decisions(ticket=snapshot.ticket)
        done = frozenset(row.id for row in decisions if row.state != "withdrawn")
        coming = next_due(bridge.site.rules, readings, done, ticket, now)
        yield Case(
            ticket, timeline, readings,
            coming=[_mark(bridge, due.rule, due.level, due.at) for due in coming],
            taken=[
                _mark(bridge, row.rule, row.level, row.at, row.trace.get("by"))
                for row in decisions
                if row.episode == snapshot.episode and escalated(bridge.site.rules, row)
            ],
            acknowledged_until=held.until if (held := acknowledged(timeline, now)) else None,
            bounced=_bounced(bridge, ticket, timeline, now), children=children[ticket.id],
            belongs_to=above.id
            if (above := parents.get(ticket.id)) and quieted(rules.parent, ticket, above)
            else None,
            waits_for=waits_for, page=page_of(bridge, snapshot.ticket),
        )  # fmt: skip


def _bounced(
    bridge: Bridge, ticket: Ticket, timeline: tuple[Event, ...], now: datetime
) -> tuple[str, datetime] | None:
    rules = bridge.site.rules
    stop = stopped(rules, timeline, Desk(teams=rules.teams), now, ticket.value("owner"))
    return (f"{len(stop.moves)} moves: {stop.way}", stop.moves[-1].at) if stop else None


def read_all(
    bridge: Bridge, ticket: Ticket, timeline: tuple[Event, ...], now: datetime
) -> dict[str, Reading]:
    """Every configured clock that applies to the ticket."""
    rules = bridge.site.rules
    readings = {
        name: read_clock(
            name, spec, rules.calendars[spec.calendar] if spec.calendar else ALWAYS, ticket,
            timeline, now, ticket.value("priority"),
        )
        for name, spec in rules.clocks.items()
    }  # fmt: skip
    return {name: reading for name, reading in readings.items() if reading.started is not None}


def _mark(bridge: Bridge, rule_id: str, number: int | None, at: datetime, by: object = "") -> Mark:
    if rule_id.startswith("command:"):
        return Mark(f"by {by or 'somebody'}", "", at)
    rules = bridge.site.rules
    rule = rules.find(rule_id)
    return Mark(rule_id, written(rules, rule_id, number), at, rule.clock if rule else "")
