"""The real process killed at a point, restarted, left to finish, and looked at.

A seed is a desk that goes through rounds of work. Each step is first run whole, to know which
points it reaches and how often; then the world is put back to before the step at which a point
is reached for the wanted time, and the process is killed there.
"""

import json
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kace_bridge.clock import ManualClock
from kace_bridge.sandbox import Reply, Request, serve
from kace_bridge.sandbox.search import Memory
from kace_bridge.state import open_store
from tests.crash.check import Sent, violations
from tests.crash.forking import Zygote
from tests.crash.jobs import ASKED, SYNC, Job
from tests.crash.world import LATE_S, World
from tests.support.desk import TICKETS

HITS = (1, 2, 5)
ROUNDS = 4
RESTS = 16
WINDOW_S = LATE_S + 60
"""Longer than a request and its settle window: the next sync can tell what became of it."""
ARRIVED = "appliance: PUT arrived"
CARRIED_OUT = "appliance: PUT carried out, not answered"
APPROVE = Job("approve")
WROTE = """SELECT run FROM decision JOIN effect ON effect.decision = decision.id
 WHERE effect.kind = 'update' AND effect.state = 'applied' GROUP BY run ORDER BY run"""
LEFT = """SELECT count(*) FROM decision JOIN outbox ON outbox.decision = decision.id
 WHERE run = '{run}' AND outbox.state = 'pending'
UNION ALL SELECT count(*) FROM decision JOIN effect ON effect.decision = decision.id
 WHERE run = '{run}' AND effect.state = 'planned'"""
IDLE = ("applied", "unknown", "waiting", "sent", "changed", "decisions", "undelivered", "held")


@dataclass(frozen=True, slots=True)
class Kill:
    """The *nth* time that *point* is reached in a seed's life.

    Points of what a person asks for begin with its verb: ``undo: lease.renew: renew, committed``.
    """

    point: str
    nth: int


@dataclass(frozen=True, slots=True)
class Step:
    """One process's work: what the world was like before, and how often each point was reached."""

    job: Job
    before: Mapping[str, Any]
    reached: Counter[str]


class Scene:
    """A seed's desk, served over HTTP, with its store and mail folder in *folder*."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        zygote: Zygote,
        *,
        window_s: float = WINDOW_S,
        faults: float | None = None,
        **world: Any,
    ) -> None:
        self.folder = folder
        self.zygote = zygote
        self.window_s = window_s
        self.world = World(folder, seed, self._known, faults=0.0, **world)
        some = random.Random(seed).choice([0.0, 0.2, 0.4])
        self.faults = some if faults is None else faults
        if seed % 4 == 3:
            self.world.desk.config["limits"]["changes_per_run"] = 2
        self._kill: Kill | None = None
        self._reached: Counter[str] = Counter()
        self._pid = 0
        self._started = threading.Event()
        self._answer = self.world.handle
        self.world.app.handle = self._handle  # type: ignore[method-assign]

    @contextmanager
    def served(self) -> Iterator[None]:
        with serve(self.world.app) as server:
            self.world.desk.environ["KACE_URL"] = server.url
            self.config = self.world.desk.path
            yield

    # -- one process ------------------------------------------------------------------------

    def run(self, job: Job = SYNC, kill: Kill | None = None, sign: int = 9) -> dict[str, Any]:
        """One process from its start to its end; *kill* strikes it where it is at its points."""
        if kill and not kill.point.startswith(job.prefix):
            kill = None
        self._kill = kill and Kill(kill.point.removeprefix(job.prefix), kill.nth)
        self._reached = Counter()
        self._started.clear()
        self.world.asked.begin(job)
        desk = self.world.desk
        order = {
            **job.as_order(), "folder": str(self.folder), "config": str(self.config),
            "text": self.config.read_text(), "environ": desk.environ, "sign": sign,
            "now": desk.clock.now().isoformat(),
            "point": self._kill.point if self._kill else "", "nth": kill.nth if kill else 0,
        }  # fmt: skip
        ended = self.zygote.run(order, self._start)
        reached = Counter(ended.get("reached", {})) + self._reached
        ended["reached"] = Counter({job.prefix + name: n for name, n in reached.items()})
        if not (ended["killed"] or "error" in ended):
            self.world.asked.end(job, ended, self._left_of(job.run))
        return ended

    def _start(self, pid: int) -> None:
        self._pid = pid
        self._started.set()

    def _handle(self, request: Request) -> Reply:
        if request.method != "PUT" or not request.path.startswith(TICKETS):
            return self._answer(request)
        self._reach(ARRIVED)
        reply = self._answer(request)
        self._reach(CARRIED_OUT)
        return reply

    def _reach(self, name: str) -> None:
        self._reached[name] += 1
        if self._kill == Kill(name, self._reached[name]):
            self._started.wait(10)
            os.kill(self._pid, signal.SIGKILL)

    # -- the seed's life --------------------------------------------------------------------

    def live(self) -> list[Step]:
        """A baseline, then rounds of people's doings and syncs."""
        steps = [self._step(SYNC)]
        self.world.faults = self.faults
        for turn in range(ROUNDS):
            self._work(5)
            steps.append(self._step(SYNC))
            if self._has_held():
                self.world.tick(WINDOW_S)  # no request may be on its way when the world is saved
                steps.append(self._step(APPROVE))
            self._work(3)
            job = self._ask_for(ASKED[(turn + self.world.seed) % len(ASKED)])
            if job is not None:
                steps.append(self._step(job))
        return steps

    def _work(self, deeds: int) -> None:
        for _ in range(deeds):
            self.world.act()
            self.world.tick(20)
        self.world.tick(WINDOW_S)

    def _ask_for(self, verb: str) -> Job | None:
        """What somebody types now; None where there is nothing to take back."""
        world = self.world
        if verb == "undo":
            runs = [run for (run,) in self._ask(WROTE)]
            return Job(verb, run=world.rng.choice(runs)) if runs else None
        if verb == "apply":
            world.faults = 0.0
            world.asked.planned = set(self.run(Job("plan"))["planned"])
            world.faults = self.faults
            world.act()  # what moved since is refused
            return Job(verb)
        ticket = world.rng.choice(sorted(world.app.desk.tickets))
        if verb == "escalate":
            world.taken.add(ticket)  # in a person's hand: routing may leave it alone
        return Job(verb, ticket=ticket)

    def _left_of(self, run: str) -> int:
        """How much of *run* is still to be written or sent."""
        return sum(number for (number,) in self._ask(LEFT.format(run=run))) if run else 0

    def _step(self, job: Job) -> Step:
        before = self.save()
        return Step(job, before, self.run(job)["reached"])

    def _has_held(self) -> bool:
        return bool(self._ask("SELECT 1 FROM effect WHERE state = 'held'"))

    def save(self) -> dict[str, Any]:
        """Everything that a later ``restore`` puts back; nothing may be owed."""
        assert not self.world.has_late
        names = ("rng", "expected", "reopened", "taken", "accepted", "failed", "asked", "_seconds",
                 "_order", "_set_at", "_read_at", "faults")  # fmt: skip
        return {
            "world": deepcopy({name: getattr(self.world, name) for name in names}),
            "desk": deepcopy(self.world.app.desk),
            "times": (self.world.app.clock.now(), deepcopy(self.world.desk.clock)),
            "files": {path.name: path.read_bytes() for path in self._files()},
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        for name, value in deepcopy(saved["world"]).items():
            setattr(self.world, name, value)
        self.world.app.security.organizations[0].desk = deepcopy(saved["desk"])
        at, clock = saved["times"]
        self.world.app.clock.set(at, frozen=True)
        self.world.desk.clock = deepcopy(clock)
        self.world.app.faults.clear()
        self.world.app._memory = Memory()  # answers of a world that is no more
        self.world._late.clear()
        for path in self._files():
            path.unlink()
        for name, content in saved["files"].items():
            (self.folder / name).write_bytes(content)
            (self.folder / name).chmod(0o600)

    def _files(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.is_file() and path != self.config]

    # -- after the kill ---------------------------------------------------------------------

    def recover(
        self, second: Kill | None = None, again: Job | None = None
    ) -> tuple[list[str], bool]:
        """Sync until all is at rest, after asking *again*: promises broken, *second* struck?"""
        struck = False
        if self._ask("SELECT 1 FROM meta WHERE name = 'learnt'"):
            self.world.act()  # what happens before the baseline is learnt, and fires nothing
        if again is not None:
            struck = bool(self.run(again, second)["killed"])
        for turn in range(RESTS):
            self.world.tick(self.window_s)
            if turn == 1:
                self.world.faults = 0.0
            job = APPROVE if self._has_held() else SYNC
            done = self._deeds()
            ended = self.run(job, None if struck else second)
            struck = struck or bool(ended["killed"])
            if ended["killed"] or "error" in ended or any(ended[name] for name in IDLE):
                continue
            if job != SYNC:
                continue  # an approval looks at its own list alone
            if turn > 0 and not self.world.has_late:
                idle = self._deeds() == done
                wrote = [] if idle else ["I6: a run with nothing to do wrote or sent something"]
                return [*wrote, *self._look()], struck
        return [f"I6: not at rest after {RESTS} runs: {ended}"], struck

    def _deeds(self) -> tuple[int, int]:
        """What the world has seen of the bridge: writes and mails."""
        return len(self.world.accepted), len(self.sent)

    def _look(self) -> list[str]:
        with open_store(self.world.desk.state, ManualClock(self.world.desk.clock.now())) as store:
            found = violations(self.world, store, self.sent)
        for mail in self.sent:
            if not (self.folder / "mail" / mail.name).exists():
                found.append(f"I3: {mail.name} is not in the folder")
        return found

    @property
    def sent(self) -> list[Sent]:
        log = self.folder / "deliveries.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [Sent(name, content.encode()) for name, content in map(json.loads, lines)]

    def _known(self, ticket: int) -> int:
        rows = self._ask(f"SELECT last_row FROM snapshot WHERE ticket = {ticket}")
        return int(rows[0][0]) if rows else 0

    def _ask(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "s.db")
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []  # killed before there was such a table
        finally:
            connection.close()
