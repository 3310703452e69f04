"""Escalation levels on clocks: which are due now, and which comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kace_bridge.model.effect import decision_id
from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.rules.validity import applies_from
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import Reading, read_clock

RECHECK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """The next level of one rule for one ticket, and when it falls due if nothing happens."""

    ticket: TicketId
    rule: str
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A level that is due now. Where it does not fire it is only marked done (catch_up)."""

    number: int
    actions: tuple[Action, ...]
    fires: bool
    late_s: float
    reason: str


def read_clocks(
    rules: RuleSet, ticket: Ticket, timeline: Sequence[Event], now: datetime
) -> dict[str, Reading]:
    """Every clock some escalation uses, read for one ticket."""
    readings = {}
    for name in rules.clocks_used():
        spec = rules.clocks[name]
        calendar = rules.calendars[spec.calendar] if spec.calendar else ALWAYS
        readings[name] = read_clock(
            name, spec, calendar, ticket, timeline, now, ticket.value("priority")
        )
    return readings


def due_levels(
    rule: Rule, reading: Reading, ticket: TicketId, done: frozenset[str], now: datetime, *,
    latest: bool = False,
) -> list[Step]:  # fmt: skip
    """The levels of *rule* reached and not yet taken in this episode, in order.

    After downtime several can be due at once: ``catch_up: each`` takes them all, ``latest``
    only the highest (the others are marked done), ``none`` marks all of them done when they
    are later than the next level's due time. Where the clock has stopped meanwhile (answered,
    closed), what is late is marked done as well: nobody is chased for what is settled. *latest*
    stands for ``catch_up: latest``: the parent that kept the ticket quiet has just closed.
    """
    catch_up = "latest" if latest and rule.catch_up == "each" else rule.catch_up
    moot = reading.stopped_at is not None and not reading.running
    pending = [
        level
        for level in rule.levels
        if reading.reached(level.level)
        and decision_id(ticket, rule.key, level.number, reading.cause) not in done
    ]
    steps = []
    for place, level in enumerate(pending):
        last = place == len(pending) - 1
        fires = catch_up == "each" or (last and (catch_up == "latest" or place == 0))
        due = reading.due(level.level)
        late = (now - due).total_seconds() if due else 0.0
        reason = f"{level.at} on clock {rule.clock}"
        if moot or not fires:
            fires = False
            reason += ", noticed after it stopped" if moot else f", passed over: {catch_up}"
        steps.append(Step(level.number, level.actions, fires, max(late, 0.0), reason))
    return steps


def next_due(
    rules: RuleSet,
    readings: Mapping[str, Reading],
    done: frozenset[str],
    ticket: Ticket,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> tuple[Due, ...]:
    """For each escalation the earliest level still to come, with its instant.

    A level that was reached while its condition did not hold is looked at again after an hour,
    not at every run; one outside the days its rule is valid, when they begin; none
    before an acknowledgement (*not_before*) runs out.
    """
    upcoming = []
    for rule in rules.of("escalate"):
        reading = readings.get(rule.clock)
        if reading is None or reading.started is None or rules.mode_of(rule) == "off":
            continue
        if reading.stopped_at is not None and not reading.running:
            continue  # settled: only a new event can bring it back, and that is judged by itself
        for level in rule.levels:
            if decision_id(ticket.id, rule.key, level.number, reading.cause) in done:
                continue
            at = reading.due(level.level)
            if at is not None:
                again = at if at > now else now + RECHECK
                if not_before is not None and at < not_before:
                    again = not_before
                at = applies_from(rules, rule, again, ticket.zone)
            if at is not None:
                upcoming.append(Due(ticket.id, rule.id, level.number, at))
                break
    return tuple(upcoming)
