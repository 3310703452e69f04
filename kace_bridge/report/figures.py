"""Figures about rules, counted from recorded decisions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kace_bridge.model.effect import Mode
from kace_bridge.model.ids import TicketId


class Recorded(Protocol):
    """A decision as far as figures need it."""

    @property
    def id(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def ticket(self) -> TicketId: ...
    @property
    def at(self) -> datetime: ...
    @property
    def mode(self) -> Mode: ...
    @property
    def state(self) -> str: ...
    @property
    def trace(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class RuleUse:
    """How often one rule fired. ``shadow`` are decisions on trial, ``failed`` those that could not
    be carried out, ``passed`` levels that were only marked done; ``tickets`` are those it fired
    for, and ``last`` when it last did.
    """

    matched: int = 0
    shadow: int = 0
    failed: int = 0
    passed: int = 0
    tickets: int = 0
    last: datetime | None = None

    @property
    def used(self) -> bool:
        """Whether it ever fired."""
        return bool(self.matched or self.shadow)


def rule_uses(decisions: Iterable[Recorded], with_effects: frozenset[str]) -> dict[str, RuleUse]:
    """The use of every rule in *decisions*; *with_effects* are the ids of those that planned some.

    A decision without effects fired all the same where an action said that nothing was to do;
    otherwise it only marked a level done. Withdrawn decisions are judged again and do not count.
    """
    by_rule: dict[str, list[Recorded]] = {}
    for decision in decisions:
        if decision.state != "withdrawn":
            by_rule.setdefault(decision.rule, []).append(decision)
    return {rule: _use(found, with_effects) for rule, found in by_rule.items()}


def _use(decisions: Iterable[Recorded], with_effects: frozenset[str]) -> RuleUse:
    fired, passed = [], 0
    for decision in decisions:
        if decision.id in with_effects or "notes" in decision.trace:
            fired.append(decision)
        else:
            passed += 1
    shadow = sum(decision.mode == "shadow" for decision in fired)
    return RuleUse(
        matched=len(fired) - shadow,
        shadow=shadow,
        failed=sum(decision.state == "failed" for decision in fired),
        passed=passed,
        tickets=len({decision.ticket for decision in fired}),
        last=max((decision.at for decision in fired), default=None),
    )


def together(uses: Iterable[RuleUse]) -> RuleUse:
    """One figure for a rule under several names; tickets of each are counted by themselves."""
    found = list(uses)
    return RuleUse(
        matched=sum(use.matched for use in found),
        shadow=sum(use.shadow for use in found),
        failed=sum(use.failed for use in found),
        passed=sum(use.passed for use in found),
        tickets=sum(use.tickets for use in found),
        last=max((use.last for use in found if use.last), default=None),
    )
