"""Rules that cannot fire: conditions at odds with themselves, routes behind wider ones."""

from collections.abc import Iterator, Sequence

from kace_bridge.rules.analysis.branches import Claim, branches, claims
from kace_bridge.rules.analysis.finding import Finding
from kace_bridge.rules.analysis.logic import covers, implies, reads_event, why_never
from kace_bridge.rules.ruleset import PHASES, Rule, RuleSet


def unreachable(rules: RuleSet) -> Iterator[Finding]:
    """Conditions that never hold, routes never come to, levels never reached."""
    for phase in PHASES:
        for rule in rules.of(phase):
            yield from _contradictions(rule, rules)
    yield from _shadowed(rules)
    for rule in rules.of("escalate"):
        yield from _unreached_levels(rule, rules)


def _contradictions(rule: Rule, rules: RuleSet) -> Iterator[Finding]:
    listed = list(claims(rule))
    reasons = [why_never(claim, rules) for claim in listed]
    whole = branches(rule.condition)[1]
    if not any(reasons):
        return
    reason = next(why for why in reasons if why)
    if all(reasons) and whole:
        yield Finding(
            "contradiction", "error", (rule.id,), rule.place,
            f"the condition of '{rule.id}' can never hold: {reason}", _cure(reason),
        )  # fmt: skip
        return
    # An alternative is dead where it is dead for every event the rule waits for.
    dead = {claim.terms: why for claim, why in zip(listed, reasons, strict=True) if why}
    alive = {claim.terms for claim, why in zip(listed, reasons, strict=True) if not why}
    for terms, why in dead.items():
        if terms not in alive:
            yield Finding(
                "contradiction", "warning", (rule.id,), rule.place,
                f"an alternative in the condition of '{rule.id}' can never hold: {why}",
                "Remove it, or correct it",
            )  # fmt: skip
            return


def _cure(reason: str) -> str:
    if "exclude each other" in reason:
        return "Ask for what can be true at once, or put the alternatives under 'any'"
    return "Remove it, or correct it"


def _shadowed(rules: RuleSet) -> Iterator[Finding]:
    """Routes of which every case is taken by rules before them: the first match wins."""
    earlier: list[Rule] = []
    for rule in rules.of("route"):
        mode = rules.mode_of(rule)
        if mode == "off":
            continue
        takers = _takers(rule, earlier, rules)
        if takers:
            names = " and ".join(f"'{taker.id}'" for taker in takers)
            yield Finding(
                "unreachable", "warning", (rule.id, *(taker.id for taker in takers)), rule.place,
                f"'{rule.id}' is never reached: {names} before it"
                f" {'takes' if len(takers) == 1 else 'take'} every ticket it is about",
                f"Put it above '{takers[0].id}' ({takers[0].place}), or remove it",
            )  # fmt: skip
        # A rule on trial must not keep the others from their work, so it shadows none; nor does
        # one that is not valid on every day.
        if mode == rules.mode and rule.valid_from is None and rule.valid_until is None:
            earlier.append(rule)


def _takers(rule: Rule, earlier: Sequence[Rule], rules: RuleSet) -> list[Rule]:
    """The earlier rules that together take all of *rule*'s cases; none where a case is left."""
    listed = [claim for claim in claims(rule) if not why_never(claim, rules)]
    if not listed or not branches(rule.condition)[1]:
        return []
    found: list[Rule] = []
    for claim in listed:
        taker = next((one for one in earlier if _takes(one, claim, rules)), None)
        if taker is None:
            return []
        if taker not in found:
            found.append(taker)
    return found


def _takes(earlier: Rule, claim: Claim, rules: RuleSet) -> bool:
    """Whether *earlier* surely fires wherever *claim* holds."""
    if earlier.hands_off != claim.rule.hands_off:
        return False  # one may step back for a person's choice where the other does not
    if earlier.event is not None:
        if claim.pattern is None:
            return False
        if not any(covers(pattern, claim.pattern) for pattern in earlier.event.patterns):
            return False
    if reads_event(earlier.condition) and not _same_events(earlier, claim.rule):
        # It may look at a newer event of the same run than the later rule does.
        return False
    return implies(claim.terms, earlier.condition, rules)


def _same_events(one: Rule, other: Rule) -> bool:
    if one.event is None or other.event is None:
        return one.event is other.event
    plain = [
        [(p.kind, p.changes, p.every, p.by, p.public) for p in rule.event.patterns]
        for rule in (one, other) if rule.event is not None
    ]  # fmt: skip
    return plain[0] == plain[1]


def _unreached_levels(rule: Rule, rules: RuleSet) -> Iterator[Finding]:
    """Shares of a target on a clock that has none."""
    clock = rules.clocks.get(rule.clock)
    if clock is None or clock.target is not None:
        return
    for level in rule.levels:
        if level.level.fraction is not None:
            yield Finding(
                "unreachable", "error", (rule.id,), level.place,
                f"level {level.number} of '{rule.id}' ({level.at}) is never reached:"
                f" the clock '{rule.clock}' has no target",
                "Give the clock a 'target', or write the level as a time such as 1bd",
            )  # fmt: skip
