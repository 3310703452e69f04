"""Many kills: every point at its wanted hits, the ones least often struck first."""

import random
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.crash.kills import HITS, Kill, Scene, Step, Tally, Zygote, place_of

SHM = Path("/dev/shm")


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
                    second = _second(steps, rng) if double else None
                    _strike(tally, scene, steps, kill, second, sign)
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
    return [kill for kill in kills if place_of(steps, kill)]


def _second(steps: list[Step], rng: random.Random) -> Kill:
    return Kill(rng.choice(_points(steps)), rng.choice([1, 1, 2]))


def _points(steps: list[Step]) -> list[str]:
    return sorted({point for step in steps for point in step.reached})


def _strike(
    tally: Tally, scene: Scene, steps: list[Step], kill: Kill, second: Kill | None, sign: int
) -> None:
    found = place_of(steps, kill)
    assert found
    step, here = found
    scene.restore(step.before)
    if not scene.run(step.job, here, sign)["killed"]:
        tally.missed += 1
        return
    tally.struck[kill.point, kill.nth] += 1
    broken, struck = scene.recover(second)
    tally.doubles += struck
    then = f", then {second}" if second else ""
    tally.broken += [f"seed {scene.world.seed}, {kill}{then}: {text}" for text in broken]
