"""Conditions as alternatives of plain comparisons, and what a rule asks of a ticket to fire."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from kace_bridge.rules.condition import AllOf, Comparison, Condition, Not
from kace_bridge.rules.events import EventPattern
from kace_bridge.rules.ruleset import Rule
from kace_bridge.rules.transition import Transition

MOST = 96
"""Alternatives looked at per condition; enough for any rule a person can read."""


@dataclass(frozen=True, slots=True)
class Term:
    """A comparison that must come to yes, or to no where ``holds`` is false."""

    test: Comparison
    holds: bool = True

    def __str__(self) -> str:
        said = f"{self.test.field.name} {self.test.operator.name} {self.test.shown}"
        return said if self.holds else f"not ({said})"


Branch = tuple[Term, ...]
"""Terms that must all hold."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One way for ``rule`` to fire: an event of ``pattern`` (any where None) and all ``terms``.

    ``changes`` are changes the event must report; they come from the event and from ``changed``.
    """

    rule: Rule
    pattern: EventPattern | None
    terms: Branch
    changes: tuple[Transition, ...] = ()


def branches(condition: Condition | None) -> tuple[list[Branch], bool]:
    """Alternatives that together mean *condition*, and whether these are all of them."""
    if condition is None:
        return [()], True
    found = _split(condition, True)
    return found[:MOST], len(found) <= MOST


def claims(rule: Rule) -> Iterator[Claim]:
    """Every way for *rule* to fire, as far as they are looked at."""
    patterns = rule.event.patterns if rule.event else (None,)
    for branch in branches(rule.condition)[0]:
        asked = tuple(term.test.expected for term in branch if is_change(term) and term.holds)
        changes = tuple(each for each in asked if isinstance(each, Transition))
        for pattern in patterns:
            claim = Claim(rule, pattern, branch, changes)
            if pattern is None or not pattern.changes:
                yield claim
            elif pattern.every:
                yield replace(claim, changes=(*pattern.changes, *changes))
            else:
                yield from (replace(claim, changes=(one, *changes)) for one in pattern.changes)


def is_change(term: Term) -> bool:
    """Whether *term* asks about a change in the event being judged."""
    return term.test.operator.name == "changed"


def _split(condition: Condition, holds: bool) -> list[Branch]:
    if isinstance(condition, Comparison):
        return [(Term(condition, holds),)]
    if isinstance(condition, Not):
        return _split(condition.part, not holds)
    parts = [_split(part, holds) for part in condition.parts]
    if isinstance(condition, AllOf) is not holds:
        return [branch for part in parts for branch in part]
    found: list[Branch] = [()]
    for part in parts:
        # One more than looked at, so that the cut can be told.
        pairs = product(found, part)
        found = [(*left, *right) for (left, right), _ in zip(pairs, range(MOST + 1), strict=False)]
    return found
