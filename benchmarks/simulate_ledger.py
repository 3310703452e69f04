"""The whole protocol, simulated: real store, real sync, scripted appliance, deaths at random.

    python -m benchmarks.simulate_ledger --seeds 20000 [--jobs 2] [--first 0]
    python -m benchmarks.simulate_ledger --replay 4711
    python -m benchmarks.simulate_ledger --ablations [--seeds 100]

Each seed is a small desk where people act, requests get lost, come late or are answered untruly,
and one or two workers die and pause at any of their steps. Afterwards every promise of
docs/delivery.md is checked. ``--ablations`` takes one part out of the design at a time: every one
must be found out. Exits 1 where a promise was broken, or a weakened design passed.
"""

import argparse
import sys
import time
from collections import Counter
from multiprocessing import get_context

from tests.crash.ablations import ABLATIONS, HARMLESS
from tests.crash.simulation import simulate


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=None)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--replay", type=int, help="one seed, with what became of it")
    parser.add_argument("--ablations", action="store_true")
    wanted = parser.parse_args()
    if wanted.replay is not None:
        found = simulate(wanted.replay)
        print(*(found.broken or ["no promise broken"]), dict(found.counts), sep="\n")
        return int(bool(found.broken))
    if wanted.ablations:
        return ablate(wanted.seeds or 100)
    return run(range(wanted.first, wanted.first + (wanted.seeds or 500)), wanted.jobs)


def run(seeds: range, jobs: int) -> int:
    """Simulate *seeds* in so many processes; prints each that breaks a promise."""
    began, broken = time.perf_counter(), 0
    counts: Counter[str] = Counter()
    with get_context("fork").Pool(jobs) as pool:
        for number, found in enumerate(pool.imap_unordered(simulate, seeds, chunksize=20), 1):
            counts += found.counts
            if found.broken:
                broken += 1
                print(f"seed {found.seed}: {'; '.join(found.broken)}", flush=True)
            if number % 1000 == 0:
                print(f"{number} seeds, {broken} broken", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - began
    told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    print(f"{len(seeds)} seeds, {broken} broken ({told}) in {seconds:.0f} s")
    return int(broken > 0)


def ablate(seeds: int) -> int:
    """What is found out, of so many *seeds* each."""
    passed = 0
    for name, (design, topology) in {**ABLATIONS, **HARMLESS}.items():
        runs = (simulate(seed, design, topology) for seed in range(seeds))
        wrong = [found for found in runs if found.broken]
        kinds = sorted({text[:2] for found in wrong for text in found.broken})
        first = f"first seed {wrong[0].seed}: {wrong[0].broken[0]}" if wrong else "not found out"
        print(f"{name}: {len(wrong)} of {seeds}, {' '.join(kinds)}; {first}", flush=True)
        passed += bool(wrong) is (name in HARMLESS)
    return int(passed > 0)


if __name__ == "__main__":
    sys.exit(main())
