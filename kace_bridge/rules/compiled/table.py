"""For one field: which ways its value leaves open, remembered per value."""

from kace_bridge.rules.compiled.answers import OfValue, joined_of_value, prepared_of
from kace_bridge.rules.condition import Comparison, Condition, comparisons
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Kind
from kace_bridge.rules.words import key_of

MOST_VALUES = 2048
"""Values a table remembers; when there are more it starts over (a custom field may hold any)."""


class Table:
    """Sets of ways are integers, one bit a way. ``bound`` are the ways that ask this field."""

    __slots__ = (
        "_free",
        "_keyed",
        "_keyed_ways",
        "_others",
        "_several",
        "bound",
        "brief",
        "earlier",
        "meets",
        "opens",
    )

    def __init__(self, field: Field) -> None:
        assert field.brief is not None
        self.brief = field.brief
        self.earlier = field.earlier
        self.bound = 0
        self.meets: dict[object, int] = {}
        """Value -> ways whose parts about this field are met, and all that do not ask it."""
        self.opens: dict[object, int] = {}
        """The same with the ways whose parts are met or UNKNOWN."""
        self._keyed: dict[object, int] = {}
        self._several: dict[int, int] = {}
        self._keyed_ways = 0
        self._free = 0
        self._others: list[tuple[int, OfValue]] = []

    def add(self, way: int, parts: list[Condition]) -> None:
        """Let *way*, a bit, depend on *parts*, all about this field."""
        self.bound |= way
        keys = _keys(parts[0]) if len(parts) == 1 else None
        if keys is None:
            self._others += [(way, joined_of_value(part)) for part in parts]
            return
        self._keyed_ways |= way
        self._several[way] = len(keys)
        for key in keys:
            self._keyed[key] = self._keyed.get(key, 0) | way

    def share(self, way: int) -> float:
        """How often this field leaves *way* open, were all values the ways name as frequent."""
        return self._several.get(way, 1) / len(self._keyed) if way & self._keyed_ways else 1.0

    def seal(self, everything: int) -> None:
        """Let the ways that do not ask this field pass; call once, after the last add."""
        self._free = everything & ~self.bound

    def learn(self, value: object, facts: Facts) -> int:
        """Fill ``meets`` for a value not seen yet."""
        found = self._free
        if value is not MISSING and value is not None:
            found |= self._keyed.get(key_of(value), 0)
        others, failed = 0, 0
        for way, answer in self._others:
            others |= way
            if answer(value, facts) is not True:
                failed |= way
        return _keep(self.meets, value, found | (others & ~failed))

    def learn_open(self, value: object, facts: Facts) -> int:
        """Fill ``opens`` for a value not seen yet."""
        found = self._free
        if value is MISSING:
            found |= self._keyed_ways
        elif value is not None:
            found |= self._keyed.get(key_of(value), 0)
        others, failed = 0, 0
        for way, answer in self._others:
            others |= way
            if answer(value, facts) is False:
                failed |= way
        return _keep(self.opens, value, found | (others & ~failed))


def fits_table(part: Condition) -> Field | None:
    """The field whose table can answer *part*; None where it needs more than one look-up.

    A custom field may hold anything, so only what an index of its values answers is asked there.
    """
    fields = {each.field.name: each.field for each in comparisons(part)}
    if len(fields) != 1:
        return None
    (field,) = fields.values()
    if field.brief is None:
        return None
    if field.kind is Kind.CUSTOM and _keys(part) is None:
        return None
    ready = [prepared_of(each) for each in comparisons(part)]
    return field if all(each is not None and each.by_value for each in ready) else None


def _keys(part: Condition) -> frozenset[object] | None:
    """The values for which *part* is met, where it is a list of them."""
    ready = prepared_of(part) if isinstance(part, Comparison) else None
    return ready.keys if ready is not None and not ready.negated else None


def _keep(memory: dict[object, int], value: object, ways: int) -> int:
    if len(memory) >= MOST_VALUES:
        memory.clear()
    memory[value] = ways
    return ways
