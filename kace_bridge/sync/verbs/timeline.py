"""A ticket's clocks with everything that ran and stopped them, and the levels on each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kace_bridge.model.effect import decision_id
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.acknowledge import Acknowledgement, acknowledged
from kace_bridge.rules.ruleset import Rule
from kace_bridge.sla.calendar import ALWAYS
from kace_bridge.sla.clock import Reading, read_clock
from kace_bridge.sla.duration import Level
from kace_bridge.state.rows import DecisionRow
from kace_bridge.sync.verbs.carry_out import open_book, page_of
from kace_bridge.sync.verbs.scene import Scene, look
from kace_bridge.sync.verbs.standing import standing
from kace_bridge.sync.wire import Bridge

LevelState = Literal["done", "reached", "coming", "off"]
"""``reached`` but not taken; ``off``: not to be reached as the clock stands."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of one escalation, in the present episode of its clock."""

    rule: str
    number: int
    at: str
    state: LevelState
    due: datetime | None
    taken: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClockLedger:
    """One clock; ``target_at`` is when its target is or was reached, if it just runs on."""

    reading: Reading
    target_at: datetime | None
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """``known`` is false for a ticket no sync has seen."""

    ticket: Ticket
    now: datetime
    known: bool
    clocks: tuple[ClockLedger, ...]
    page: str
    in_hand: Acknowledgement | None = None
    standing: tuple[str, ...] = ()


def read_timeline(bridge: Bridge, ticket_id: TicketId, clock: str | None = None) -> Timeline:
    """Every clock that applies to the ticket, or the one named. Raises NotFound."""
    book = open_book(bridge)
    scene = look(bridge, book, ticket_id)
    taken = {row.id: row for row in bridge.store.decisions(ticket=ticket_id)}
    names = [name for name in bridge.site.rules.clocks if clock in {None, name}]
    ledgers = (_ledger(bridge, scene, name, taken) for name in names)
    return Timeline(
        scene.ticket, scene.picture.now, scene.snapshot is not None,
        tuple(ledger for ledger in ledgers if ledger.reading.started is not None),
        page_of(bridge, ticket_id), acknowledged(scene.picture.timeline, scene.picture.now),
        standing(bridge, scene.ticket, scene.picture.timeline, scene.picture.now),
    )  # fmt: skip


def _ledger(bridge: Bridge, scene: Scene, name: str, taken: dict[str, DecisionRow]) -> ClockLedger:
    rules = bridge.site.rules
    spec = rules.clocks[name]
    reading = read_clock(
        name, spec, rules.calendars[spec.calendar] if spec.calendar else ALWAYS,
        scene.ticket, scene.picture.timeline, scene.picture.now, scene.ticket.value("priority"),
    )  # fmt: skip
    rungs = tuple(
        rung
        for rule in rules.of("escalate")
        if rule.clock == name and rules.mode_of(rule) != "off"
        for rung in _rungs(rule, reading, scene, taken)
    )
    return ClockLedger(reading, reading.due(Level(fraction=1.0)), rungs)


def _rungs(rule: Rule, reading: Reading, scene: Scene, taken: dict[str, DecisionRow]) -> list[Rung]:
    rungs = []
    for level in rule.levels:
        row = taken.get(decision_id(scene.ticket.id, rule.key, level.number, reading.cause))
        due = reading.due(level.level)
        state: LevelState = "off"
        if row is not None and row.state != "withdrawn":
            state = "done"
        elif reading.reached(level.level):
            state = "off" if reading.stopped_at else "reached"
        elif due is not None:
            state = "coming"
        reason = str(row.trace.get("reason", "")) if row is not None and state == "done" else ""
        rungs.append(
            Rung(rule.id, level.number, level.at, state, due, row.at if row else None, reason)
        )
    return rungs
