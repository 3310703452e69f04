"""One sync under every single fault of its statements, sockets, files and bytes.

    python -m benchmarks.cut_everything [--every 1] [--only statement] [--jobs 2]

Fails the n-th statement, socket call and file for every n, once and from there on, and cuts a
write, a page of tickets and the answers to both after every byte. After each the next runs must
put everything right. ``--every 16`` takes each 16th; ``--jobs 2`` shares the places out among two
processes, each with a desk of its own. Exits 1 where a promise was broken; each is told at once.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from tests.crash.trial import FAULTS, REQUESTS, cut_each, fail_each, trial


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of place: a *kind* of call that fails, once or (*second*) for good; or a request
    that is cut, or (*second*) its answer."""

    kind: str
    second: bool

    def __str__(self) -> str:
        if self.kind in FAULTS:
            return f"{self.kind}s failing {'for good' if self.second else 'once'}"
        return f"{self.kind}: {'answer' if self.second else 'request'} cut"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", choices=[*FAULTS, *REQUESTS])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    with ProcessPoolExecutor(wanted.jobs, mp_context=get_context("spawn")) as pool:
        sorts = [sort for sort in _sorts() if wanted.only in (None, sort.kind)]
        return int(sum(_tell(pool, sort, wanted.every, wanted.jobs) for sort in sorts) > 0)


def _sorts() -> Iterator[Sort]:
    for kind in (*FAULTS, *REQUESTS):
        yield from (Sort(kind, False), Sort(kind, True))


def _tell(pool: Executor, sort: Sort, every: int, jobs: int) -> int:
    """Try a *sort*, each job every *jobs*-th of its places; how many promises were broken."""
    began = time.perf_counter()
    shares = [pool.submit(_try, sort, every * jobs, every * job) for job in range(jobs)]
    found = [share.result() for share in shares]
    count, broken = sum(tried for tried, _ in found), sum(bad for _, bad in found)
    seconds = time.perf_counter() - began
    print(f"{sort}: {count} places, {broken} promises broken ({seconds:.0f} s)", flush=True)
    return broken


def _try(sort: Sort, every: int, first: int) -> tuple[int, int]:
    with trial() as scene:
        if sort.kind in FAULTS:
            tried, broken = fail_each(
                scene, sort.kind, for_good=sort.second, every=every, first=first, tell=_cry
            )
        else:
            tried, broken = cut_each(
                scene, sort.kind, answer=sort.second, every=every, first=first, tell=_cry
            )
    return tried, len(broken)


def _cry(broken: str) -> None:
    print(f"BROKEN {broken}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
