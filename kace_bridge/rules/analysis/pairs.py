"""Which rules want one field to read differently: the only pairs worth a closer look.

Thousands of rules make millions of pairs, of which few disagree.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, product


def disagreeing(values: Sequence[Mapping[str, str | None]]) -> list[tuple[int, int]]:
    """Places in *values*, lower first, of every two that give one field another value."""
    by_field: dict[str, dict[str | None, list[int]]] = {}
    for place, wanted in enumerate(values):
        for name, value in wanted.items():
            by_field.setdefault(name, {}).setdefault(value, []).append(place)
    pairs = {
        (min(one, two), max(one, two))
        for groups in by_field.values()
        for first, second in combinations(groups.values(), 2)
        for one, two in product(first, second)
    }
    return sorted(pairs)
