"""Timing side by side: every case once per round, in turn; medians; ratios taken inside a round.

A machine that slows down for a second slows all cases of a round, so the ratio of two cases is
the median of their ratios in each round, never the ratio of two medians.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """Something to time; ``units`` is how many pieces of work one call does."""

    work: Work
    units: float = 1


@dataclass(frozen=True, slots=True)
class Timings:
    """Nanoseconds per unit of each case in each round."""

    rounds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Nanoseconds per unit."""
        return statistics.median(self.rounds[name])

    def ratio(self, name: str, base: str) -> float:
        """How many times as long as *base* the case *name* took."""
        pairs = zip(self.rounds[name], self.rounds[base], strict=True)
        return statistics.median(one / other for one, other in pairs)


def time_rounds(cases: Mapping[str, Case], rounds: int, *, computing: bool = False) -> Timings:
    """Each case once to warm up, then *rounds* times in turn with the collector off.

    With *computing* the processor's time of this process is counted: what work without waiting
    costs, whoever else uses the machine. Otherwise the time on the wall.
    """
    clock = time.process_time_ns if computing else time.perf_counter_ns
    for case in cases.values():
        case.work()
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            gc.collect()
            gc.disable()
            try:
                began = clock()
                case.work()
                found[name].append((clock() - began) / case.units)
            finally:
                gc.enable()
    return Timings(found)


def each(function: Callable[[object], object], items: list[object]) -> Work:
    """Work that calls *function* on every item."""

    def work() -> None:
        for item in items:
            function(item)

    return work
