"""Which of many conditions a ticket meets: tables first, keywords next, the rest last."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from math import prod

from kace_bridge.rules.compiled.answers import (
    VERDICTS,
    Answer,
    Ask,
    View,
    all_hold,
    ask_judge,
    ask_value,
    join_asks,
    negation,
    one_holds,
    prepared_of,
    remember,
)
from kace_bridge.rules.compiled.keywords import Keywords
from kace_bridge.rules.compiled.seen import Seen
from kace_bridge.rules.compiled.table import Table, fits_table
from kace_bridge.rules.compiled.ways import Way, ways_of
from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not, comparisons
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import MISSING, Field, Kind
from kace_bridge.rules.verdict import Verdict

_DEAR = 10
"""What a part costs from which its answer is remembered for the other rules that ask it."""
_RARE = 1 / 8
"""The share of tickets for which tables leave a way open, as estimated, below which it is rare."""
_WORTH_A_PASS = {False: 3, True: 16}
"""Ways with keywords still open from which one pass for all keywords pays; of the rare ones."""


class Matcher:
    """Conditions, numbered from 0, made ready. Equal in every verdict to `evaluate`."""

    def __init__(self, conditions: Sequence[Condition | None]) -> None:
        self._slots: dict[object, int] = {}
        self._shared: dict[object, Ask] = {}
        self._uses = Counter(
            _identity(test) for condition in conditions for test in comparisons(condition)
        )
        self._tables: dict[str, Table] = {}
        self._passes: dict[tuple[str, str, bool], _Pass] = {}
        self._rules: list[int] = []
        self._left: list[list[Condition]] = []
        """For each way the parts no table answers, the cheap ones first."""
        self._asks: list[tuple[Ask, ...]] = []
        """The same made ready."""
        self._rest: list[tuple[Ask, ...]] = []
        """The same without what the passes over texts answer."""
        for number, condition in enumerate(conditions):
            for way in ways_of(condition, _is_quick):
                self._add_to_tables(number, way)
        for place, rest in enumerate(self._left):
            self._add_to_passes(1 << place, rest)
        self._everything = (1 << len(self._rules)) - 1
        for table in self._tables.values():
            table.seal(self._everything)
        self._scanned = 0
        for each in self._passes.values():
            each.keywords.seal()
            self._scanned |= each.keywords.ways
        # What most ways ask is asked first: the sets that are left are then small.
        order = sorted(self._tables.values(), key=lambda table: -table.bound.bit_count())
        self._order = [(each, each.bound, each.earlier, each.brief, each.meets) for each in order]
        """The tables, and what is asked of each for every ticket."""
        self._count = len(conditions)
        self.seen = Seen(self._slots)

    def ways_of_rules(self, rules: Iterable[int]) -> int:
        """The ways of some conditions, to be asked ``among``."""
        wanted = set(rules)
        return sum(1 << way for way, rule in enumerate(self._rules) if rule in wanted)

    def matches(self, facts: Facts, among: int | None = None) -> list[int]:
        """Numbers of the conditions that are met, in order."""
        return self._met(facts, self._everything if among is None else among, every=True)

    def first(self, facts: Facts, among: int | None = None) -> int | None:
        """The first condition that is met."""
        found = self._met(facts, self._everything if among is None else among, every=False)
        return found[0] if found else None

    def verdicts(self, facts: Facts) -> list[Verdict]:
        """The verdict of every condition, UNKNOWN told from NO."""
        met, opened = self._everything, self._everything
        for table, *_ in self._order:
            value = _read(table, facts)
            learnt, left = table.meets.get(value), table.opens.get(value)
            met &= table.learn(value, facts) if learnt is None else learnt
            opened &= table.learn_open(value, facts) if left is None else left
        view = View(facts, len(self._slots))
        found: list[Answer] = [False] * self._count
        for way, rule in enumerate(self._rules):
            if opened >> way & 1:
                by_tables = True if met >> way & 1 else None
                asked = (ask(view) for ask in self._asks[way])
                found[rule] = one_holds((found[rule], all_hold((by_tables, *asked))))
        return [VERDICTS[answer] for answer in found]

    # -- making ready -----------------------------------------------------------------------

    def _add_to_tables(self, rule: int, way: Way) -> None:
        bit = 1 << len(self._rules)
        tabled: dict[str, list[Condition]] = {}
        rest: list[Condition] = []
        for part in way:
            field = fits_table(part)
            if field is None:
                rest.append(part)
                continue
            self._tables.setdefault(field.name, Table(field))
            tabled.setdefault(field.name, []).append(part)
        for name, parts in tabled.items():
            self._tables[name].add(bit, parts)
        rest.sort(key=_cost)
        self._rules.append(rule)
        self._left.append(rest)

    def _add_to_passes(self, bit: int, rest: list[Condition]) -> None:
        scanned = self._scan(bit, rest)
        self._asks.append(tuple(self._ask(part) for part in rest))
        self._rest.append(tuple(self._ask(part) for part in rest if part not in scanned))

    def _scan(self, bit: int, parts: Sequence[Condition]) -> list[Condition]:
        """Let the passes over texts know the keywords of a way, one part of it per text.

        Keywords of ways that tables rarely leave open stand apart: there may be thousands, and
        those that are asked for on nearly every ticket are found sooner without them.
        """
        rare = prod(table.share(bit) for table in self._tables.values()) < _RARE
        found: dict[tuple[str, str, bool], Condition] = {}
        for part in parts:
            ready = prepared_of(part) if isinstance(part, Comparison) else None
            if not isinstance(part, Comparison) or ready is None or ready.spell is None:
                continue
            key = (part.field.name, ready.spell.__name__, rare)
            if key not in found:
                found[key] = part
                slot, worth = self._slot(part.field.name), _WORTH_A_PASS[rare]
                fresh = _Pass(part.field, slot, Keywords(ready.spell), worth)
                entry = self._passes.setdefault(key, fresh)
                entry.keywords.add(bit, ready.parts)
                entry.asks[bit] = self._ask(part)
        return list(found.values())

    def _ask(self, part: Condition) -> Ask:
        if isinstance(part, Not):
            inner = self._ask(part.part)
            return lambda view: negation(inner(view))
        if not isinstance(part, Comparison):
            asks = [self._ask(each) for each in sorted(part.parts, key=_cost)]
            return join_asks(asks, every=isinstance(part, AllOf))
        key = _identity(part)
        known = self._shared.get(key)
        if known is None:
            ready = prepared_of(part)
            slot = self._slot(part.field.name)
            ask = ask_judge(part) if ready is None else ask_value(part, ready, slot)
            if self._uses[key] > 1 and _cost(part) >= _DEAR:
                ask = remember(ask, self._slot(key))
            known = self._shared[key] = ask
        return known

    def _slot(self, kept: object) -> int:
        return self._slots.setdefault(kept, len(self._slots))

    # -- asking -----------------------------------------------------------------------------

    def _met(self, facts: Facts, ways: int, *, every: bool) -> list[int]:
        """The conditions one of whose *ways* is met, in order; the first alone, or every one."""
        ticket, before = facts.ticket, facts.before
        for table, bound, earlier, brief, meets in self._order:
            if ways & bound:
                source = before if earlier else ticket
                value = MISSING if source is None else brief(source)
                met = meets.get(value)
                ways &= table.learn(value, facts) if met is None else met
        found: list[int] = []
        scanned = self._scanned
        view = self.seen.view = View(facts, len(self._slots))
        way = -1
        while ways:
            step = (ways & -ways).bit_length()
            if scanned >> way + step & 1:
                scanned = 0
                ways = self._with_keywords(view, ways << way + 1) >> way + 1
                continue
            way += step
            ways >>= step  # it shrinks: thousands of rules make long integers
            for ask in self._rest[way]:
                if ask(view) is not True:
                    break
            else:
                if not found or found[-1] != self._rules[way]:
                    found.append(self._rules[way])
                if not every:
                    break
        return found

    def _with_keywords(self, view: View, ways: int) -> int:
        """*ways* without those none of whose keywords is there."""
        for each in self._passes.values():
            asked = ways & each.keywords.ways
            if asked.bit_count() >= each.worth:
                ways ^= asked & ~self._hits(each, view)
                continue
            while asked:
                bit = asked & -asked
                asked ^= bit
                if each.asks[bit](view) is not True:
                    ways ^= bit
        return ways

    def _hits(self, each: "_Pass", view: View) -> int:
        """The ways one of whose keywords stands in the text."""
        field, facts = each.field, view.facts
        ticket = facts.before if field.earlier else facts.ticket
        if field.raw is not None and ticket is not None:
            raw = field.raw(ticket)
            found = each.keywords.ways_in_raw(raw) if raw is not None else None
            if found is not None and raw is not None:
                view.values[each.slot] = raw
                return found
        text = view.read(field, each.slot)
        return each.keywords.ways_in(text) if isinstance(text, str) else 0


@dataclass(frozen=True, slots=True)
class _Pass:
    """One text in one spelling, all keywords looked for in it, and each way's own part."""

    field: Field
    slot: int
    keywords: Keywords
    worth: int
    asks: dict[int, Ask] = dataclass_field(default_factory=dict)


def _read(table: Table, facts: Facts) -> object:
    ticket = facts.before if table.earlier else facts.ticket
    return MISSING if ticket is None else table.brief(ticket)


def _is_quick(part: Condition) -> bool:
    """Whether a table or a pass over a text answers *part*."""
    if fits_table(part) is not None:
        return True
    ready = prepared_of(part) if isinstance(part, Comparison) else None
    return ready is not None and ready.spell is not None


def _cost(part: Condition) -> int:
    """What is asked early: cheap parts. Order changes no verdict."""
    if isinstance(part, Comparison):
        ready = prepared_of(part)
        if ready is None:
            return 5 * _DEAR
        return _DEAR if part.field.kind is Kind.TEXT else 1
    if isinstance(part, Not):
        return _cost(part.part)
    return sum(_cost(each) for each in part.parts)


def _identity(test: Comparison) -> object:
    """Equal for comparisons that ask the same; values that cannot be compared stand alone."""
    try:
        hash(test.expected)
    except TypeError:
        return id(test)
    return test.field.name, test.operator.name, test.expected
