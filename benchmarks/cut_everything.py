"""One sync under every single fault of its statements, sockets, files and bytes.

    python -m benchmarks.cut_everything [--every 1] [--only statement]

Fails the n-th statement, socket call and file for every n, once and from there on, and cuts a
write, a page of tickets and the answers to both after every byte. After each the next runs must
put everything right. ``--every 16`` takes each 16th. Exits 1 where a promise was broken.
"""

import argparse
import sys
import time
from collections.abc import Callable

from tests.crash.trial import FAULTS, REQUESTS, cut_each, fail_each, trial


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", choices=[*FAULTS, *REQUESTS])
    wanted = parser.parse_args()
    bad = 0
    for kind in FAULTS:
        for for_good in (False, True):
            if wanted.only in (None, kind):
                name = f"{kind}s failing {'for good' if for_good else 'once'}"
                bad += _tell(name, lambda k=kind, f=for_good: _fail(k, f, wanted.every))
    for what in REQUESTS:
        for answer in (False, True):
            if wanted.only in (None, what):
                name = f"{what}: {'answer' if answer else 'request'} cut"
                bad += _tell(name, lambda w=what, a=answer: _cut(w, a, wanted.every))
    return int(bad > 0)


def _fail(kind: str, for_good: bool, every: int) -> tuple[int, list[str]]:
    with trial() as scene:
        return fail_each(scene, kind, for_good=for_good, every=every)


def _cut(what: str, answer: bool, every: int) -> tuple[int, list[str]]:
    with trial() as scene:
        return cut_each(scene, what, answer=answer, every=every)


def _tell(name: str, run: Callable[[], tuple[int, list[str]]]) -> int:
    began = time.perf_counter()
    count, broken = run()
    for text in broken:
        print(f"BROKEN {text}")
    seconds = time.perf_counter() - began
    print(f"{name}: {count} places, {len(broken)} promises broken ({seconds:.0f} s)", flush=True)
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
