"""Rule tests: an admin's ``tests:`` played on the one evaluator that production uses.

Pure, like ``decide`` itself. The file's mode is taken as ``enforce``, so that a desk in shadow
mode can test what its rules would do; a single rule's own mode counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from kace_bridge.errors import KaceBridgeError
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_case import Case, read_case
from kace_bridge.rules.selftest_expect import judge
from kace_bridge.rules.selftest_walk import Seen, Walk

Firing = tuple[str, int | None]
"""A rule, and its level where it is one of ``escalate``."""


class Written(Protocol):
    """A test as it stands in a file."""

    @property
    def place(self) -> str:
        """``file:line``."""
        ...

    @property
    def data(self) -> Mapping[str, object]:
        """What is written there."""
        ...


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test ended. ``trace`` tells what happened when, one line each."""

    __test__ = False
    name: str
    place: str
    passed: bool
    failures: tuple[str, ...]
    trace: str
    fired: frozenset[Firing] = frozenset()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Rules and levels that some test made fire, and those that none did, in file order."""

    fired: tuple[str, ...]
    missing: tuple[str, ...]


def run_tests(rules: RuleSet, tests: Sequence[Written]) -> list[TestResult]:
    """Play every test by itself; a test that cannot be read fails and says why."""
    enforced = replace(rules, mode="enforce")
    return [_run(enforced, number, test) for number, test in enumerate(tests, start=1)]


def coverage(rules: RuleSet, results: Sequence[TestResult]) -> Coverage:
    """Which rules and levels the tests reached. Rules switched off are not counted."""
    reached = {firing for result in results for firing in result.fired}
    fired: list[str] = []
    missing: list[str] = []
    for rule in rules.rules:
        if rule.mode == "off":
            continue
        levels: list[int | None] = [level.number for level in rule.levels]
        for level in levels or [None]:
            shown = rule.id if level is None else f"{rule.id} level {level}"
            (fired if (rule.id, level) in reached else missing).append(shown)
    return Coverage(tuple(fired), tuple(missing))


def _run(rules: RuleSet, number: int, test: Written) -> TestResult:
    name = str(test.data.get("name") or f"test {number}")
    case, problems = read_case(rules, test.data)
    if case is None:
        return TestResult(name, test.place, False, tuple(problems), "")
    walk = Walk(rules, case)
    try:
        failures = _play(walk, case)
    except KaceBridgeError as error:
        failures = [str(error)]
    failures += dict.fromkeys(walk.problems)
    return TestResult(
        name, test.place, not failures, tuple(failures), "\n".join(walk.story),
        frozenset(walk.fired),
    )  # fmt: skip


def _play(walk: Walk, case: Case) -> list[str]:
    failures: list[str] = []
    walk.create()
    created = case.ticket.created
    if case.expect is not None and created is not None:
        failures += _judged(walk, case.expect, created)
    for entry in case.entries:
        walk.advance(entry.at)
        for save in entry.saves:
            walk.save(entry.at, save)
        for save in entry.heard:
            walk.hear(entry.at, save)
        if entry.expect is not None:
            failures += _judged(walk, entry.expect, entry.at)
    return failures


def _judged(walk: Walk, expect: Mapping[str, object], at: datetime) -> list[str]:
    found = judge(expect, walk.ticket, walk.desk, walk.seen)
    walk.seen = Seen()
    return [f"at {at:%Y-%m-%d %H:%M} {failure}" for failure in found]
