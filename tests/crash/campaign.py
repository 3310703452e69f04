"""Many kills: every point at its wanted hits, the ones least often struck first."""

import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.forking import Zygote
from tests.crash.jobs import ASKED, SYNC, Job
from tests.crash.kills import APPROVE, HITS, Kill, Scene, Step

SHM = Path("/dev/shm")


@dataclass
class Tally:
    """What a campaign of kills came to; ``missed`` are kills whose point was not reached again.

    ``tell`` hears of each broken promise at once.
    """

    points: Counter[str] = field(default_factory=Counter)
    struck: Counter[tuple[str, int]] = field(default_factory=Counter)
    doubles: int = 0
    missed: int = 0
    seeds: int = 0
    broken: list[str] = field(default_factory=list)
    tell: Callable[[str], object] = str


def strike(
    tally: Tally,
    seeds: Iterable[int],
    zygote: Zygote,
    *,
    per_seed: int,
    double: bool = False,
    only: str = "",
    sign: int = signal.SIGKILL,
    **world: Any,
) -> Iterator[int]:
    """Kill, restart and look, adding to *tally*; yields each seed once it is through.

    At most *per_seed* kills each, at points whose names contain *only*; the signal is *sign*.
    """
    for seed in seeds:
        # In memory where there is such a place: a kill loses nothing that was handed over.
        folder = Path(tempfile.mkdtemp(dir=SHM if SHM.is_dir() else None))
        try:
            scene = Scene(folder, seed, zygote, **world)
            rng = random.Random(seed)
            with scene.served():
                steps = scene.live()
                for kill in _chosen(tally, steps, rng, only)[:per_seed]:
                    step, here = place_of(steps, kill)
                    again = step.job if step.job.verb in ASKED and rng.random() < 0.5 else None
                    second = _second(steps, again, rng) if double else None
                    _strike(tally, scene, Blow(step, kill, here, again, second, sign))
        finally:
            shutil.rmtree(folder)
        tally.seeds += 1
        yield seed


def _chosen(tally: Tally, steps: list[Step], rng: random.Random, only: str) -> list[Kill]:
    for step in steps:
        tally.points += step.reached
    kills = [Kill(p, nth) for p in _points(steps) for nth in HITS if only in p]
    rng.shuffle(kills)
    kills.sort(key=lambda kill: tally.struck[kill.point, kill.nth])
    most = sum((step.reached for step in steps), Counter[str]())
    return [kill for kill in kills if most[kill.point] >= kill.nth]


def _second(steps: list[Step], again: Job | None, rng: random.Random) -> Kill:
    """Somewhere in what follows the first: a sync, or what was asked for once more."""
    jobs = (SYNC, APPROVE) if again is None else (again,)
    points = _points([step for step in steps if step.job in jobs])
    return Kill(rng.choice(points), rng.choice([1, 1, 2]))


def _points(steps: list[Step]) -> list[str]:
    return sorted({point for step in steps for point in step.reached})


@dataclass(frozen=True, slots=True)
class Blow:
    """A kill at its place in a seed's life, and what follows: *again* asked for, a second kill."""

    step: Step
    kill: Kill
    here: Kill
    again: Job | None
    second: Kill | None
    sign: int

    def __str__(self) -> str:
        asked = f", {self.again.verb} asked for again" if self.again else ""
        then = f", then {self.second}" if self.second else ""
        return f"{self.kill}{asked}{then}"


def _strike(tally: Tally, scene: Scene, blow: Blow) -> None:
    scene.restore(blow.step.before)
    if not scene.run(blow.step.job, blow.here, blow.sign)["killed"]:
        tally.missed += 1
        return
    tally.struck[blow.kill.point, blow.kill.nth] += 1
    broken, struck = scene.recover(blow.second, blow.again)
    tally.doubles += struck
    for text in broken:
        tally.broken.append(f"seed {scene.world.seed}, {blow}: {text}")
        tally.tell(tally.broken[-1])


def place_of(steps: list[Step], kill: Kill) -> tuple[Step, Kill]:
    """The step in which *kill* strikes, and how many times its point is reached there before."""
    seen = 0
    for step in steps:
        if seen + step.reached[kill.point] >= kill.nth:
            return step, Kill(kill.point, kill.nth - seen)
        seen += step.reached[kill.point]
    raise LookupError(kill)
