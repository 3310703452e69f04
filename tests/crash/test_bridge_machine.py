"""People, an appliance and a bridge that dies, in any order that hypothesis can think of."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.pull import OVERLAP
from tests.crash.ablations import Topology
from tests.crash.check import violations
from tests.crash.points import Gone
from tests.crash.simulation import ZONE, Simulation, Store, Worker
from tests.crash.world import LATE_S
from tests.support.desk import MARK

EXAMPLES, STEPS = 40, 30
PEACE = Topology(crashes=0.0, faults=0.0)


class Mortal(Worker):
    """A worker that dies at the *left*-th point it reaches; 0 for one that lives."""

    left = 0

    def _reach(self, name: str) -> None:
        if self._database.gone:
            raise Gone
        self.left -= 1
        if self.left == 0:
            self._database.gone = True
            raise Gone


class BridgeMachine(RuleBasedStateMachine):
    """What may happen, and what must hold after each step and at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.simulation = Simulation(1, PEACE)
        self.world = self.simulation.world
        self.tickets = self.world.app.desk.tickets

    @rule(seconds=st.sampled_from([1, 30, 100, LATE_S + 60]))
    def time_passes(self, seconds: int) -> None:
        self.world.tick(seconds)

    @rule()
    def somebody_asks(self) -> None:
        self.world._submit()

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def somebody_works(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.tickets)))
        deeds: dict[str, Callable[[int], None]] = {
            "writes": self.world._write, "takes it": self.world._take,
            "ranks it": self.world._rank, "closes or re-opens": self.world._turn,
        }  # fmt: skip
        self.world._order += 1
        deeds[data.draw(st.sampled_from(sorted(deeds)))](ticket)

    @rule(share=st.sampled_from([0.0, 0.3, 0.9]))
    def appliance_falters(self, share: float) -> None:
        self.world.faults = self.simulation.mailbox.faults = share

    @rule()
    def bridge_syncs(self) -> None:
        self._run(0)

    @rule(point=st.integers(1, 120))
    def bridge_dies(self, point: int) -> None:
        self._run(point)

    def _run(self, dies_at: int) -> None:
        worker = Mortal(self.simulation, "w")
        worker.left = dies_at
        try:
            with worker.bridge() as bridge:
                sync(bridge)
        except (Gone, KaceBridgeError):
            return

    @invariant()
    def nothing_is_written_twice(self) -> None:
        for ticket in self.tickets.values():
            marks = [mark for row in ticket.changes for mark in MARK.findall(row.comment)]
            assert len(marks) == len(set(marks))

    @invariant()
    def the_cursor_passes_no_unseen_ticket(self) -> None:
        with self.simulation.database.reading() as c:
            (mark,) = c.execute("SELECT MAX(watermark) FROM cursor").fetchone()
        low = parse_stamp(mark, ZONE) if mark else None
        for number, ticket in self.tickets.items():
            seen = self.simulation._known(number) == ticket.changes[-1].id
            stamp = parse_stamp(ticket.modified, ZONE)
            assert seen or low is None or (stamp is not None and stamp >= low - OVERLAP)

    def teardown(self) -> None:
        """No message is lost: at rest all of it has been told, and I1 to I6 hold."""
        simulation = self.simulation
        self.world.faults = simulation.mailbox.faults = 0.0
        broken = simulation._rest()
        store = Store(simulation.database, simulation.clock)
        broken += violations(self.world, store, simulation.mailbox.sent)
        simulation.database.close()
        assert broken == []


TestBridgeMachine = pytest.mark.catalogue("B01")(BridgeMachine.TestCase)
TestBridgeMachine.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None,
    suppress_health_check=list(HealthCheck), derandomize=True,
)  # fmt: skip
