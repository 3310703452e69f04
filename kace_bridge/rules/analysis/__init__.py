"""Proof about a rule set before it runs: what overlaps, what never fires, what goes round."""

from collections.abc import Collection
from datetime import date

from kace_bridge.rules.analysis.finding import Finding
from kace_bridge.rules.analysis.loops import loops
from kace_bridge.rules.analysis.overlap import overlaps
from kace_bridge.rules.analysis.reach import unreachable
from kace_bridge.rules.analysis.suggest import Appliance
from kace_bridge.rules.analysis.upkeep import expired, not_enforced, overdue, untested
from kace_bridge.rules.ruleset import RuleSet

__all__ = ["Appliance", "Finding", "analyse"]


def analyse(
    rules: RuleSet,
    *,
    today: date | None = None,
    tested: Collection[str] | None = None,
    appliance: Appliance | None = None,
) -> list[Finding]:
    """Everything found, errors first, then warnings, then notes, each in file order.

    Overlaps and certain loops are shown on a made-up ticket by the production engine; what is
    not shown is not accused, so silence is no proof. Reviews are looked at only given *today*,
    tests only given the ids of the rules *tested*. *appliance* tells names and states other
    than a fresh appliance's. Never raises.
    """
    known = appliance or Appliance()
    found = [*overlaps(rules, known), *unreachable(rules), *loops(rules, known)]
    if tested is not None:
        found += untested(rules, tested)
    if today is not None:
        found += [*overdue(rules, today), *expired(rules, today)]
    found += not_enforced(rules)
    order = {rule.id: number for number, rule in enumerate(rules.rules)}
    ranks = ("error", "warning", "note")

    def rank(finding: Finding) -> tuple[int, int]:
        first = order.get(finding.rules[0], 0) if finding.rules else 0
        return ranks.index(finding.severity), first

    return sorted(found, key=rank)
