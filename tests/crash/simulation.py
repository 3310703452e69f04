"""The whole protocol in one process: real store, real sync, scripted appliance, a clock by hand.

Workers are greenlets that stop at every point of `points`: there the others go on, people act,
time passes, or the worker dies with all it had in mind. A seed number replays a run exactly.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from greenlet import getcurrent, greenlet

from kace_bridge.config.load import Site
from kace_bridge.errors import KaceBridgeError, RetryLater
from kace_bridge.model.message import Delivery, File, Outcome
from kace_bridge.sma import Sma
from kace_bridge.state import Store, lease
from kace_bridge.state.database import MEMORY, SqliteDatabase
from kace_bridge.state.schema import load_migrations, migrate
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.report import SyncReport
from kace_bridge.sync.wire import Bridge
from tests.crash.ablations import FULL, TOPOLOGIES, Design, Topology
from tests.crash.check import Sent, violations
from tests.crash.points import Gone, WatchedCourier, WatchedDatabase, WatchedTransport
from tests.crash.world import World, configure
from tests.support.desk import URL, Desk

ZONE = ZoneInfo("America/New_York")
DEADLY = 0.3
SENDING = "PUT ticket: before it is sent"
RESTS = 25
"""Syncs after which a desk without faults must have come to rest."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a run came to; ``broken`` names every promise found broken."""

    seed: int
    broken: tuple[str, ...]
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class WorldClock:
    """The one clock of a simulated world: whoever sleeps lets the world go on."""

    world: World

    def now(self) -> datetime:
        return self.world.desk.clock.now()

    def monotonic(self) -> float:
        return self.world.desk.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.world.tick(seconds)


@dataclass(slots=True)
class Mailbox:
    """Takes every mail; of some it says that it did not, of some that it does not know."""

    rng: random.Random
    faults: float
    sent: list[Sent] = field(default_factory=list)

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        del private
        assert isinstance(delivery, File)
        kind = self.rng.random()
        if kind < self.faults / 3:
            return Outcome("retry", "full")
        self.sent.append(Sent(delivery.name, delivery.content))
        return Outcome("unknown", "no answer") if kind < self.faults / 1.5 else Outcome("sent")


class Worker:
    """One process of the bridge, syncing for ever, until it dies."""

    def __init__(self, simulation: "Simulation", name: str) -> None:
        self.simulation = simulation
        self.name = name
        self.asleep_until = 0.0
        self._life = greenlet(self._live)
        self._database = WatchedDatabase(simulation.database, self._reach)

    def step(self) -> str:
        """Go on to the next point; its name."""
        return str(self._life.switch())

    def die(self) -> None:
        """All it had in mind is lost; a transaction in progress never happened."""
        self._database.gone = True
        if self._life:
            self._life.throw(Gone)

    def _live(self) -> None:
        try:
            while True:
                with self.bridge() as bridge:
                    try:
                        sync(bridge)
                    except KaceBridgeError:
                        self.simulation.counts["syncs stopped"] += 1
                        self.asleep_until = self.simulation.clock.monotonic() + 30
                self.simulation.counts["syncs"] += 1
                self._reach("between syncs")
        except Gone:
            return

    @contextmanager
    def bridge(self) -> Iterator[Bridge]:
        """What a fresh process would make for itself."""
        s = self.simulation
        transport = WatchedTransport(s.design.transport(s.world, self.name, s.clock), self._reach)
        settings = s.world.app.settings
        sma = Sma(
            URL, username=settings.username, password=settings.password, timezone=ZONE,
            clock=s.clock, name_authors=False, transport=transport,
        )  # fmt: skip
        store = s.design.store(self._database, s.clock)
        courier = partial(WatchedCourier, self._reach, s.mailbox)
        with sma:
            yield Bridge(s.site, sma, store, s.clock, ZONE, courier=courier)

    def _reach(self, name: str) -> None:
        if self._database.gone:
            raise Gone
        if self._database.depth:
            # Nobody else can be let in here: the store has one connection.
            if self.simulation.dies_at(name):
                self._database.gone = True
                raise Gone
            return
        if self._life is getcurrent():
            self._life.parent.switch(name)


class Simulation:
    """One seed's world with its workers."""

    def __init__(self, seed: int, topology: Topology, design: Design = FULL) -> None:
        random.seed(seed)  # what the client waits before it reads again
        lease._SIGHTINGS.seen.clear()  # what this process saw of another seed's leases
        self.rng = random.Random(seed)
        self.topology = topology
        self.design = design
        self.counts: Counter[str] = Counter()
        self.world = World(
            _folder(), seed, self._known, settings=design.settings, faults=topology.faults,
            lies=topology.lies,
        )  # fmt: skip
        self.site = _site(tuple(design.settings.items()))
        self.clock = WorldClock(self.world)
        self.mailbox = Mailbox(self.rng, topology.faults)
        self.database = _learnt(self.site)
        self.quiet = False

    def run(self) -> Outcomes:
        """Work under faults, then in peace until all is at rest, then look."""
        workers = [Worker(self, f"w{number}") for number in range(self.topology.workers)]
        for _ in range(self.topology.steps):
            self._one_step(workers)
        for worker in workers:
            worker.die()
        self.quiet = True
        self.world.faults = self.mailbox.faults = 0.0
        broken = self._rest()
        store = Store(self.database, self.clock)
        broken += violations(self.world, store, self.mailbox.sent)
        self.counts["decisions"] = len(store.decisions())
        self.counts["messages"] = len(self.mailbox.sent)
        self.database.close()
        return Outcomes(self.world.seed, tuple(broken), self.counts)

    def dies_at(self, name: str) -> bool:
        """Whether whoever reaches this point dies there."""
        self.counts["points reached"] += 1
        chance = DEADLY if name == self.topology.deadly else self.topology.crashes
        if self.quiet or self.rng.random() >= chance:
            return False
        self.counts["crashes"] += 1
        return True

    def _one_step(self, workers: list[Worker]) -> None:
        if self.rng.random() < 0.12:
            self.world.act()
        place = self.rng.randrange(len(workers))
        worker = workers[place]
        self.world.tick(self.rng.choice([0, 1, 1, 2, 5]))
        now = self.clock.monotonic()
        if worker.asleep_until > now:
            return
        name = worker.step()
        if not worker._life or self.dies_at(name):
            worker.die()
            workers[place] = Worker(self, worker.name)
            workers[place].asleep_until = now + self.rng.choice([0, 5, 200])
        elif self.rng.random() < self._pause_at(name):
            worker.asleep_until = now + self.rng.choice([30, 120, 300])

    def _pause_at(self, name: str) -> float:
        return self.topology.stalls if name == SENDING else self.topology.pauses

    def _rest(self) -> list[str]:
        """Syncs in peace until one finds nothing to do; I6: the one after it does nothing."""
        worker, idle = Worker(self, "last"), 0
        for _ in range(RESTS):
            self.world.tick(130)
            report = self._sync(worker)
            rests = report is not None and not self.world.has_late and _is_idle(report)
            # One that goes on with a sweep cut off has not looked at what was read before the cut.
            idle = idle + 1 if rests else 0
            if idle == 2:
                writes, sent = len(self.world.accepted), len(self.mailbox.sent)
                self.world.tick(130)
                self._sync(worker)
                if (len(self.world.accepted), len(self.mailbox.sent)) != (writes, sent):
                    return ["I6: a sync with nothing to do wrote or sent something"]
                return []
        return [f"I6: not at rest after {RESTS} syncs"]

    def _sync(self, worker: Worker) -> SyncReport | None:
        with worker.bridge() as bridge:
            try:
                return sync(bridge)
            except RetryLater:
                return None

    def _known(self, ticket: int) -> int:
        with self.database.reading() as c:
            row = c.execute("SELECT last_row FROM snapshot WHERE ticket = ?", (ticket,)).fetchone()
        return int(row[0]) if row else 0


def simulate(seed: int, design: Design = FULL, topology: Topology | None = None) -> Outcomes:
    """The run of *seed*; unless told otherwise, the topologies take turns."""
    kinds = list(TOPOLOGIES.values())
    return Simulation(seed, topology or kinds[seed % len(kinds)], design).run()


def _is_idle(report: SyncReport) -> bool:
    busy = (report.applied, report.unknown, report.waiting, report.sent, report.changed,
            report.decisions, report.undelivered)  # fmt: skip
    return not any(busy)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="kace-simulation-"))


@cache
def _site(settings: tuple[tuple[str, str], ...]) -> Site:
    desk = Desk(_folder())
    configure(desk, page_size=3, **dict(settings))
    return desk.site


def _learnt(site: Site) -> SqliteDatabase:
    """A store in memory that knows the queue, with nothing in it yet."""
    database = SqliteDatabase(MEMORY)
    _template(site.config_hash, site)._raw.backup(database._raw)
    return database


_TEMPLATES: dict[str, SqliteDatabase] = {}


def _template(name: str, site: Site) -> SqliteDatabase:
    if name not in _TEMPLATES:
        world = World(_folder(), 0, faults=0.0)
        database = SqliteDatabase(MEMORY)
        migrate(database, load_migrations(), world.desk.clock.now())
        with world.desk.bridge() as plain:
            transport = FULL.transport(world, "w", plain.clock)
            sma = Sma(
                URL, username=world.app.settings.username, password=world.app.settings.password,
                timezone=ZONE, clock=plain.clock, name_authors=False, transport=transport,
            )  # fmt: skip
            sync(Bridge(site, sma, Store(database, plain.clock), plain.clock, ZONE))
        _TEMPLATES[name] = database
    return _TEMPLATES[name]
