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
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kace_bridge.clock import ManualClock
from kace_bridge.sandbox import Reply, Request, serve
from kace_bridge.sandbox.search import Memory
from kace_bridge.state import open_store
from tests.crash.check import Sent, violations
from tests.crash.world import LATE_S, World
from tests.support.desk import TICKETS

HITS = (1, 2, 5)
ROUNDS = 4
RESTS = 16
WINDOW_S = LATE_S + 60
"""Longer than a request and its settle window: the next sync can tell what became of it."""
ROOT = Path(__file__).parents[2]
ARRIVED = "appliance: PUT arrived"
CARRIED_OUT = "appliance: PUT carried out, not answered"
IDLE = ("applied", "unknown", "waiting", "sent", "changed", "decisions", "undelivered", "held")


@dataclass(frozen=True, slots=True)
class Kill:
    """The *nth* time that *point* is reached in a seed's life."""

    point: str
    nth: int


@dataclass(frozen=True, slots=True)
class Step:
    """One process's work: what the world was like before, and how often each point was reached."""

    job: str
    before: Mapping[str, Any]
    reached: Counter[str]


@dataclass
class Zygote:
    """The process that forks the ones to be killed."""

    variant: str = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.zygote"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def run(self, order: Mapping[str, Any], started: Any) -> dict[str, Any]:
        """How it ended; *started* is told the process id."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({**order, "variant": self.variant}) + "\n")
        self._process.stdin.flush()
        started(self._read()["pid"])
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the forking process is gone"
        return dict(json.loads(line))


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

    def run(self, job: str = "sync", kill: Kill | None = None, sign: int = 9) -> dict[str, Any]:
        """One process from its start to its end."""
        self._kill, self._reached = kill, Counter()
        self._started.clear()
        desk = self.world.desk
        order = {
            "job": job, "folder": str(self.folder), "config": str(self.config),
            "text": self.config.read_text(), "environ": desk.environ, "sign": sign,
            "now": desk.clock.now().isoformat(),
            "point": kill.point if kill else "", "nth": kill.nth if kill else 0,
        }  # fmt: skip
        ended = self.zygote.run(order, self._start)
        ended["reached"] = Counter(ended.get("reached", {})) + self._reached
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
        steps = [self._step("sync")]
        self.world.faults = self.faults
        for _ in range(ROUNDS):
            for _ in range(5):
                self.world.act()
                self.world.tick(20)
            self.world.tick(WINDOW_S)
            steps.append(self._step("sync"))
            if self._has_held():
                self.world.tick(WINDOW_S)  # no request may be on its way when the world is saved
                steps.append(self._step("approve"))
        return steps

    def _step(self, job: str) -> Step:
        before = self.save()
        return Step(job, before, self.run(job)["reached"])

    def _has_held(self) -> bool:
        return bool(self._ask("SELECT 1 FROM effect WHERE state = 'held'"))

    def save(self) -> dict[str, Any]:
        """Everything that a later ``restore`` puts back; nothing may be owed."""
        assert not self.world.has_late
        names = ("rng", "expected", "reopened", "taken", "accepted", "failed", "_seconds", "_order",
                 "_set_at", "_read_at", "faults")  # fmt: skip
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

    def recover(self, second: Kill | None = None) -> tuple[list[str], bool]:
        """Start it again until all is at rest: promises broken, and whether *second* struck."""
        struck = False
        if self._ask("SELECT 1 FROM meta WHERE name = 'learnt'"):
            self.world.act()  # what happens before the baseline is learnt, and fires nothing
        for turn in range(RESTS):
            self.world.tick(self.window_s)
            if turn == 1:
                self.world.faults = 0.0
            job = "approve" if self._has_held() else "sync"
            ended = self.run(job, None if struck else second)
            struck = struck or bool(ended["killed"])
            if ended["killed"] or "error" in ended or any(ended[name] for name in IDLE):
                continue
            if job != "sync":
                continue  # an approval looks at its own list alone
            if turn > 0 and not self.world.has_late:
                return [*self._idle(), *self._look()], struck
        return [f"I6: not at rest after {RESTS} runs: {ended}"], struck

    def _idle(self) -> list[str]:
        writes, sent = len(self.world.accepted), len(self.sent)
        self.world.tick(WINDOW_S)
        self.run()
        if (len(self.world.accepted), len(self.sent)) == (writes, sent):
            return []
        return ["I6: a run with nothing to do wrote or sent something"]

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


def place_of(steps: list[Step], kill: Kill) -> tuple[Step, Kill] | None:
    """The step in which *kill* strikes, and how many times its point is reached there before."""
    seen = 0
    for step in steps:
        if seen + step.reached[kill.point] >= kill.nth:
            return step, Kill(kill.point, kill.nth - seen)
        seen += step.reached[kill.point]
    return None


@dataclass
class Tally:
    """What a campaign of kills came to; ``missed`` are kills whose point was not reached again."""

    points: Counter[str] = field(default_factory=Counter)
    struck: Counter[tuple[str, int]] = field(default_factory=Counter)
    doubles: int = 0
    missed: int = 0
    seeds: int = 0
    broken: list[str] = field(default_factory=list)
