"""Other engines, by adapters that live elsewhere: a folder with ``peers.py`` and its ``PEERS``."""

import copy
import importlib
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.rounds import Case, each

_NOT_ENGINES = ("SQLite",)
"""Measured there too, but no engine one would run rules with: a query over loaded tickets."""


def cases(
    rules: list[dict[str, Any]], records: list[dict[str, Any]], wanted: list[list[int]]
) -> Iterator[tuple[str, Case]]:
    """Every engine that is installed and gives the *wanted* matches, per ticket and rule.

    Rules an engine cannot express are left out, and not counted for it.
    """
    adapters = importlib.import_module("peers").PEERS
    for name, adapter in adapters.items():
        if name.startswith(_NOT_ENGINES):
            continue
        try:
            engine = adapter(rules)
        except ImportError:
            print(f"  {name}: not installed")
            continue
        skipped = getattr(engine, "skipped", set())
        mine = copy.deepcopy(records)  # some write on what they are given
        expected = [[rule for rule in found if rule not in skipped] for found in wanted]
        if [[int(rule) for rule in found] for found in _all(engine, mine)] != expected:
            print(f"  {name}: answers otherwise, not timed")
            continue
        yield name, Case(_work(engine, mine), len(mine) * (len(rules) - len(skipped)))


def _all(engine: Any, records: list[dict[str, Any]]) -> list[list[int]]:
    if hasattr(engine, "batch_all"):
        return list(engine.batch_all(records))
    return [engine.match_all(record) for record in records]


def _work(engine: Any, records: list[dict[str, Any]]) -> Callable[[], object]:
    if hasattr(engine, "batch_all"):
        return lambda: engine.batch_all(records)
    return each(engine.match_all, records)
