"""One step of work under one fault, in this process, over real HTTP; then made good and checked."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from tests.crash.campaign import SHM
from tests.crash.faulty import Cut, CutSocket, Faulty, FaultySocket, Nth, files_failing
from tests.crash.forking import Zygote
from tests.crash.jobs import SYNC, Job
from tests.crash.kills import WINDOW_S, Kill, Scene
from tests.crash.process import PLAIN, Killer, Wiring, work


class Trial(Scene):
    """A scene whose processes are calls: a fault that is an error needs no death."""

    wiring: Wiring = PLAIN

    def run(self, job: Job = SYNC, kill: Kill | None = None, sign: int = 9) -> dict[str, Any]:
        del kill, sign
        desk = self.world.desk
        order = {
            **job.as_order(), "folder": str(self.folder), "config": str(self.config),
            "variant": "", "text": self.config.read_text(), "environ": desk.environ,
            "now": desk.clock.now().isoformat(),
        }  # fmt: skip
        return {"killed": 0, "reached": Counter(), **work(order, Killer(), self.wiring)}

    def ready(self) -> dict[str, Any]:
        """Four tickets, one of them known and just closed; a sync has all to do."""
        self.run()
        desk, expected = self.world.desk, self.world.expected
        known = desk.submit(title="Mouse broken")
        self.run()
        self.world.tick(WINDOW_S)
        desk.edit("bkim", known, status=2)
        expected[known, "receipt"] = expected[known, "closed"] = 1
        for user, title in (("provost", "No vpn"), ("jdoe", "wifi down"), ("jdoe", "Desk wobbles")):
            expected[desk.submit(user, title=title), "receipt"] = 1
        self.world.tick(5)
        return self.save()

    def under(
        self, ready: dict[str, Any], wiring: Wiring,
        around: AbstractContextManager[object] | None = None,
    ) -> list[str]:  # fmt: skip
        """The promises broken when the next sync meets the faults of *wiring*."""
        self.restore(ready)
        self.wiring = wiring
        try:
            with around or nullcontext():
                self.run()
        finally:
            self.wiring = PLAIN
        broken, _ = self.recover()
        return broken


@contextmanager
def trial(seed: int = 0) -> Iterator[Trial]:
    """A desk of its own, over HTTP on loopback."""
    folder = Path(tempfile.mkdtemp(dir=SHM if SHM.is_dir() else None))
    scene = Trial(folder, seed, Zygote(), faults=0.0)
    try:
        with scene.served():
            yield scene
    finally:
        shutil.rmtree(folder)


FAULTS = ("statement", "socket", "file")
"""What has an n-th call that may fail."""
REQUESTS = {"write": b"PUT ", "page": b"GET /api/service_desk/tickets?"}
"""Requests to cut, by how they begin: a write, and a page of tickets with its history."""


def fail_each(
    scene: Trial, kind: str, *, for_good: bool, every: int = 1, first: int = 0,
    tell: Callable[[str], object] = str,
) -> tuple[int, list[str]]:  # fmt: skip
    """Fail call 1 + *first*, that + *every* ... of a *kind* until a run makes fewer.

    How many, and what broke; *tell* hears of it at once.
    """
    ready, number, tried, broken = scene.ready(), 1 + first, 0, list[str]()
    while True:
        fault = Nth(number, for_good)
        wiring, around = _failing(scene, kind, fault)
        found = scene.under(ready, wiring, around)
        if not fault.struck:
            return tried, broken
        tried += 1
        for text in found:
            broken.append(f"{kind} {number}: {text}")
            tell(broken[-1])
        number += every


def _failing(
    scene: Trial, kind: str, fault: Nth
) -> tuple[Wiring, AbstractContextManager[object] | None]:
    if kind == "statement":
        return Faulty(statements=fault), None
    if kind == "socket":
        return Faulty(wrap=lambda real: FaultySocket(real, fault)), None
    return PLAIN, files_failing(fault, scene.folder)


def cut_each(
    scene: Trial, what: str, *, answer: bool, every: int = 1, first: int = 0,
    tell: Callable[[str], object] = str,
) -> tuple[int, list[str]]:  # fmt: skip
    """Cut a request, or its answer, after *first*, *first* + *every* ... bytes.

    How many cuts, and what broke; *tell* hears of it at once.
    """
    ready, after, cuts, broken = scene.ready(), first, 0, list[str]()
    while True:
        cut = Cut(REQUESTS[what], after, answer)
        found = scene.under(ready, Faulty(wrap=lambda real, cut=cut: CutSocket(real, cut)))
        for text in found:
            broken.append(f"{what}, cut after {after} bytes: {text}")
            tell(broken[-1])
        if not cut.struck:
            return cuts, broken
        cuts += 1
        after += every
