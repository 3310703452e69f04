"""Gathering what the figures of the desk are made of: every stored ticket with its history."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.report.desk import Figures, Story, measure
from kace_bridge.rules.bounced import bounces
from kace_bridge.rules.facts import Desk
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import ClockSpec, read_clock
from kace_bridge.state.rows import DecisionRow
from kace_bridge.sync.verbs.levels import acted, escalated, written
from kace_bridge.sync.wire import Bridge

PAGE = 500
"""Tickets read at a time."""


def report(bridge: Bridge, start: datetime, end: datetime) -> Figures:
    """The figures of a period, from the store alone; clocks are read as of its end."""
    sent, undelivered = _messages(bridge, start, end)
    stories = list(_stories(bridge, end))
    return measure(stories, start, end, bridge.zone, sent, undelivered)


def _stories(bridge: Bridge, end: datetime) -> Iterator[Story]:
    rules, desk = bridge.site.rules, Desk(teams=bridge.site.rules.teams)
    by_ticket: dict[TicketId, list[DecisionRow]] = {}
    for row in bridge.store.decisions():
        by_ticket.setdefault(row.ticket, []).append(row)
    answering = next(
        ((name, spec) for name, spec in rules.clocks.items() if spec.stop == "first_staff_reply"),
        None,
    )
    after = TicketId(0)
    while snapshots := bridge.store.all_snapshots(after, PAGE):
        after = snapshots[-1].ticket
        timelines = bridge.store.timelines([snapshot.ticket for snapshot in snapshots])
        for snapshot in snapshots:
            if snapshot.gone_at is not None:
                continue
            ticket = Ticket(snapshot.record, bridge.zone)
            timeline = tuple(e for e in timelines.get(snapshot.ticket, ()) if e.at < end)
            rows = [row for row in by_ticket.get(snapshot.ticket, ()) if row.at < end]
            levels = [(r.rule, written(rules, r.rule, r.level), r.at) for r in rows if acted(r)]
            reading = None
            if answering is not None:
                name, spec = answering
                reading = read_clock(
                    name, _once(spec), rules.calendars[spec.calendar] if spec.calendar else ALWAYS,
                    ticket, timeline, end, ticket.value("priority"),
                )  # fmt: skip
            yield Story(
                ticket, timeline, reading if reading and reading.started else None, levels,
                escalated=any(escalated(rules, row) for row in rows),
                bounced=[e.at for e in bounces(rules, timeline, desk, timeline)],
            )  # fmt: skip


def _once(spec: ClockSpec) -> ClockSpec:
    """The clock for the first answer alone: what a re-opening asks for is another matter."""
    return spec.model_copy(update={"on_reopen": "ignore"}) if spec.start == "created" else spec


def _messages(bridge: Bridge, start: datetime, end: datetime) -> tuple[dict[str, int], int]:
    """Messages sent in the period by template, and those given up."""
    sent: Counter[str] = Counter()
    dead = 0
    for row in bridge.store.outbox(("sent", "dead"), 2**31):
        if row.state == "sent" and row.sent_at is not None and start <= row.sent_at < end:
            sent[row.message.template or "other"] += 1
        dead += row.state == "dead" and start <= row.message.date < end
    return dict(sent), dead
