"""Which decisions count as escalations, and how their levels are called."""

from kace_bridge.rules.ruleset import Rule, RuleLevel, RuleSet
from kace_bridge.state.rows import DecisionRow


def escalated(rules: RuleSet, row: DecisionRow) -> bool:
    """Whether *row* handed a ticket on or raised an alarm.

    A warning before the target is none, nor is a reminder to the submitter.
    """
    if row.rule == "command:escalate":
        return row.state != "withdrawn"
    rule = rules.find(row.rule)
    level = level_of(rule, row.level)
    if rule is None or level is None or not acted(row):
        return False
    early = level.level.fraction is not None and level.level.fraction < 1
    return not early and rules.clocks[rule.clock].stop != "submitter_reply"


def acted(row: DecisionRow) -> bool:
    """Whether *row* is a level that did something, and was not only marked as past."""
    if row.phase != "escalate" or row.mode != "enforce" or row.state == "withdrawn":
        return False
    reason = str(row.trace.get("reason", ""))
    return not any(word in reason for word in ("passed over", "already past", "noticed after"))


def level_of(rule: Rule | None, number: int | None) -> RuleLevel | None:
    """The level of that number; None where the rules have it no more."""
    return next((each for each in (rule.levels if rule else ()) if each.number == number), None)


def written(rules: RuleSet, rule_id: str, number: int | None) -> str:
    """A level as the admin wrote it: ``50%``."""
    level = level_of(rules.find(rule_id), number)
    return level.at if level else f"level {number}"
