"""The nearest miss: which rule came closest to firing, and what kept it from it.

A condition is as far from being met as the fewest single comparisons that would have to come out
otherwise: all of them under ``all``, the cheapest under ``any``, the other way round under ``not``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kace_bridge.rules.evaluate import Judgement
from kace_bridge.rules.picture import ALREADY, Verdicts
from kace_bridge.rules.ruleset import Rule
from kace_bridge.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Miss:
    """One comparison that came out wrong; ``wanted`` is no where it stands under ``not``."""

    step: Judgement
    wanted: Verdict = Verdict.YES

    def as_data(self) -> dict[str, object]:
        """The step as plain data (JSON), with what it should have been."""
        return {**self.step.as_data(), "wanted": self.wanted.value}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not fire. Where ``misses`` is empty, ``reason`` alone stood in the way:
    a level not due yet, hands off, a rule not in force.
    """

    rule: Rule
    misses: tuple[Miss, ...]
    reason: str = ""

    def as_data(self) -> dict[str, object]:
        """The near miss as plain data (JSON)."""
        return {
            "rule": self.rule.id, "phase": self.rule.phase, "place": self.rule.place,
            "misses": [miss.as_data() for miss in self.misses], "reason": self.reason or None,
        }  # fmt: skip


def nearest_miss(verdicts: Sequence[Verdicts]) -> NearMiss | None:
    """The rule that came nearest to firing among those that did not; None where all did.

    Rules that saw their event and failed by a condition come before those that wait for time or
    a person, and those before rules whose event never happened. Among equals fewer misses win,
    then more conditions met, then the order of the file.
    """
    fired = {verdict.rule.id for verdict in verdicts if verdict.fired or verdict.reason == ALREADY}
    missed = [
        (_rank(verdict), place, verdict)
        for place, verdict in enumerate(verdicts)
        if verdict.rule.id not in fired
    ]
    if not missed:
        return None
    _, _, verdict = min(missed, key=lambda each: each[:2])
    return _as_near_miss(verdict)


def misses(step: Judgement, wanted: Verdict = Verdict.YES) -> tuple[Miss, ...]:
    """The fewest comparisons that must come out otherwise for *step* to be *wanted*."""
    if step.verdict is wanted:
        return ()
    if not step.children:
        return (Miss(step, wanted),)
    if step.label == "not":
        return misses(step.children[0], _OPPOSITE[wanted])
    found = [misses(child, wanted) for child in step.children]
    if (step.label == "all") is (wanted is Verdict.YES):
        return tuple(miss for each in found for miss in each)
    return min(found, key=len)


_OPPOSITE = {Verdict.YES: Verdict.NO, Verdict.NO: Verdict.YES}


def _as_near_miss(verdict: Verdicts) -> NearMiss:
    for step in (verdict.condition, verdict.event):
        if step is not None and (found := misses(step)):
            return NearMiss(verdict.rule, found, _beside_the_condition(verdict))
    return NearMiss(verdict.rule, (), verdict.reason)


def _beside_the_condition(verdict: Verdicts) -> str:
    told_by_the_steps = ("condition", "no such event", "a level is due, the condition")
    return "" if verdict.reason.startswith(told_by_the_steps) else verdict.reason


def _rank(verdict: Verdicts) -> tuple[int, int, int]:
    """Kind of the obstacle, misses, and how little was met: the least is the nearest."""
    event, condition = verdict.event, verdict.condition
    if event is not None and event.verdict is not Verdict.YES:
        return 2, len(misses(event)), -_met([event])
    found = misses(condition) if condition is not None else ()
    met = -_met([step for step in (event, condition) if step is not None])
    if found and not _beside_the_condition(verdict):
        return 0, len(found), met
    return (1 if condition is not None or event is not None else 3), len(found), met


def _met(steps: Iterable[Judgement]) -> int:
    """How many comparisons of the *steps* were met."""
    return sum(
        _met(step.children) if step.children else step.verdict is Verdict.YES for step in steps
    )
