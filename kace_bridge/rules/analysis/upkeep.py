"""What a rule set needs looking after: untested rules, past reviews, rules that only watch."""

from collections.abc import Collection, Iterator
from datetime import date

from kace_bridge.rules.analysis.finding import Finding
from kace_bridge.rules.ruleset import RuleSet


def untested(rules: RuleSet, tested: Collection[str]) -> Iterator[Finding]:
    """Rules that no test names or fires. *tested* holds their ids."""
    for rule in rules.rules:
        if rule.id not in tested and rules.mode_of(rule) != "off":
            yield Finding(
                "untested", "warning", (rule.id,), rule.place, f"no test fires '{rule.id}'",
                "Add one under 'tests', with a ticket it is about",
            )  # fmt: skip


def overdue(rules: RuleSet, today: date) -> Iterator[Finding]:
    """Rules whose ``review_by`` has passed."""
    for rule in rules.rules:
        if rule.review_by is None or rule.review_by >= today:
            continue
        asked = f"Ask {rule.owner}, and" if rule.owner else "Look at it, and"
        yield Finding(
            "review", "warning", (rule.id,), rule.place,
            f"'{rule.id}' was to be reviewed by {rule.review_by}",
            f"{asked} set a new 'review_by' or remove the rule",
        )  # fmt: skip


def expired(rules: RuleSet, today: date) -> Iterator[Finding]:
    """Rules whose last day has passed."""
    for rule in rules.rules:
        if rule.valid_until is not None and rule.valid_until < today:
            yield Finding(
                "review", "note", (rule.id,), rule.place,
                f"'{rule.id}' has done nothing since {rule.valid_until}: it was valid until then",
                "Remove it, or set a later 'valid_until'",
            )  # fmt: skip


def not_enforced(rules: RuleSet) -> Iterator[Finding]:
    """Rules that do less than the file's mode says, and a file that does nothing itself."""
    if rules.mode != "enforce":
        does = {"off": "nothing happens", "shadow": "decisions are recorded, nothing is written"}
        place = rules.rules[0].place if rules.rules else ""
        yield Finding("mode", "note", (), place, f"mode is {rules.mode}: {does[rules.mode]}")
    for rule in rules.rules:
        if rule.mode == "off":
            yield Finding(
                "mode", "note", (rule.id,), rule.place, f"'{rule.id}' is off"
            )  # fmt: skip
        elif rule.mode == "shadow" and rules.mode == "enforce":
            yield Finding(
                "mode", "note", (rule.id,), rule.place,
                f"'{rule.id}' is on trial (shadow): it is recorded, and not carried out",
            )  # fmt: skip
