"""The real process, killed at every named point and started again.

    python -m benchmarks.crash --seeds 50 [--per-seed 135] [--double] [--first 0] [--minutes 30]

Each seed is a desk in rounds of work, over real HTTP to a sandbox appliance that loses and delays
requests. The process is killed (SIGKILL) at the 1st, 2nd and 5th time it reaches a point, those
least often struck first; restarted until all is at rest; then every promise of docs/delivery.md
is checked. So are processes that carry out what a person asked for (note, escalate, apply, undo);
half of the time it is asked for again. ``--double`` kills the recovery as well. Exits 1 where a
promise was broken; each is told at once.
"""

import argparse
import sys
import time

from tests.crash.campaign import Tally, strike
from tests.crash.forking import Zygote
from tests.crash.kills import HITS


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--per-seed", type=int, default=135)
    parser.add_argument("--double", action="store_true")
    parser.add_argument("--minutes", type=float, default=600, help="begin no seed after so long")
    wanted = parser.parse_args()
    tally, began = Tally(tell=_cry), time.perf_counter()
    seeds = range(wanted.first, wanted.first + wanted.seeds)
    with Zygote() as zygote:
        for seed in strike(tally, seeds, zygote, per_seed=wanted.per_seed, double=wanted.double):
            _say(tally, seed)
            if time.perf_counter() - began > wanted.minutes * 60:
                break
    _tell(tally, time.perf_counter() - began)
    return int(bool(tally.broken))


def _say(tally: Tally, seed: int) -> None:
    told = f"seed {seed}: {sum(tally.struck.values())} kills so far, {len(tally.broken)} broken"
    print(told, file=sys.stderr, flush=True)


def _cry(broken: str) -> None:
    """Say at once what may be hours from the end."""
    print(f"BROKEN {broken}", file=sys.stderr, flush=True)


def _tell(tally: Tally, seconds: float) -> None:
    by_hit = {nth: sum(n for (_, hit), n in tally.struck.items() if hit == nth) for nth in HITS}
    struck = {point for point, _ in tally.struck}
    for point in sorted(tally.points):
        hits = ", ".join(f"{tally.struck[point, nth]}x at hit {nth}" for nth in HITS)
        print(f"{point:60} {hits}")
    for text in tally.broken:
        print(f"BROKEN {text}")
    print(
        f"{len(tally.points)} points, {len(struck)} struck; {sum(by_hit.values())} kills over "
        f"{tally.seeds} seeds (by hit: {by_hit}), {tally.doubles} recoveries killed as well, "
        f"{tally.missed} not reached again, {len(tally.broken)} promises broken; {seconds:.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
