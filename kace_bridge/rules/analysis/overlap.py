"""Two rules of one phase that set one field to different values, shown on a made-up ticket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, permutations, product

from kace_bridge.rules.analysis.branches import Branch, claims
from kace_bridge.rules.analysis.finding import Finding, Severity
from kace_bridge.rules.analysis.logic import ABOUT_EVENT, why_contradictory, why_never
from kace_bridge.rules.analysis.made_up import asked, pictures
from kace_bridge.rules.analysis.pairs import disagreeing
from kace_bridge.rules.analysis.staging import at_rest, tell
from kace_bridge.rules.analysis.suggest import Appliance
from kace_bridge.rules.analysis.trial import try_rules, writes, written
from kace_bridge.rules.issue import Unfit
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import Rule, RuleLevel, RuleSet
from kace_bridge.sla.clock import StateIs, StatusIn

_MOST_TRIALS = 400
"""Tickets tried per pair of rules before it counts as not shown."""


@dataclass(frozen=True, slots=True)
class _Writer:
    """A rule, or one level of one, with what it sets."""

    rule: Rule
    level: RuleLevel | None
    values: Mapping[str, str | None]


def overlaps(rules: RuleSet, appliance: Appliance) -> Iterator[Finding]:
    """One finding for each pair of rules and field. A pair that is not shown is not accused."""
    for phase in ("classify", "escalate"):
        writers = [writer for rule in rules.of(phase) if rule.mode != "off"
                   for writer in _writers(rules, rule)]  # fmt: skip
        told: set[tuple[str, str, str]] = set()
        for one, two in disagreeing([writer.values for writer in writers]):
            first, second = writers[one], writers[two]
            if first.rule is second.rule or not _may_meet(first, second):
                continue
            for name in sorted(first.values.keys() & second.values.keys()):
                key = (first.rule.id, second.rule.id, name)
                if first.values[name] == second.values[name] or key in told:
                    continue
                finding = _show(rules, first, second, name, appliance)
                if finding is not None:
                    told.add(key)
                    yield finding


def _writers(rules: RuleSet, rule: Rule) -> Iterator[_Writer]:
    if rule.phase != "escalate":
        yield _Writer(rule, None, writes(rules, rule, rule.actions))
    for level in rule.levels:
        yield _Writer(replace(rule, levels=(level,)), level, writes(rules, rule, level.actions))


def _may_meet(first: _Writer, second: _Writer) -> bool:
    """Levels of one clock that lie apart follow each other, which is what levels are for.

    Nor can rules meet of which one ends before the other begins.
    """
    spans = [(writer.rule.valid_from, writer.rule.valid_until) for writer in (first, second)]
    for (begin, _), (_, end) in permutations(spans):
        if begin is not None and end is not None and begin > end:
            return False
    if first.level is None or second.level is None:
        return True
    return first.rule.clock != second.rule.clock or first.level.level == second.level.level


def _show(
    rules: RuleSet, first: _Writer, second: _Writer, name: str, appliance: Appliance
) -> Finding | None:
    for picture in islice(_tried(rules, first, second, name, appliance), _MOST_TRIALS):
        # Equal priorities: whether they meet is one question, who wins is another.
        pair = [replace(writer.rule, priority=0) for writer in (first, second)]
        outcome = try_rules(rules, pair, picture)
        met = {d.rule: d for d in outcome.decisions}
        if not {first.rule.id, second.rule.id} <= met.keys():
            continue
        if first.level is None:
            clash = next((c for c in outcome.conflicts if c.field == name), None)
            values = dict(zip(clash.rules, clash.values, strict=True)) if clash else {}
        else:
            values = {rule: written(decision).get(name) for rule, decision in met.items()
                      if name in written(decision)}  # fmt: skip
        if len(values) == 2 and len(set(values.values())) == 2:
            return _finding(rules, first, second, name, values, picture)
    return None


def _tried(
    rules: RuleSet, first: _Writer, second: _Writer, name: str, appliance: Appliance
) -> Iterator[Picture]:
    other = _other_than(name, first.values[name], second.values[name])
    for one, two in product(claims(first.rule), claims(second.rule)):
        more = (*other, *_ticking(rules, first.rule), *_ticking(rules, second.rule))
        if why_never(one, rules) or why_never(two, rules):
            continue
        # Two comments of one run may differ; the ticket cannot.
        joint = [t for t in (*one.terms, *two.terms) if t.test.field.name not in ABOUT_EVENT]
        if why_contradictory((*joint, *more), rules):
            continue
        for picture in pictures([one, two], rules, appliance, more):
            yield picture if first.level is None else at_rest(picture)


def _other_than(name: str, *values: str | None) -> Branch:
    """The field reads neither value yet: a rule sets nothing where it already reads so."""
    try:
        return tuple(
            asked(name, "empty", True, holds=False) if value is None
            else asked(name, "is", value, holds=False)
            for value in values
        )  # fmt: skip
    except Unfit:
        return ()  # a field no condition can ask about: the engine decides


def _ticking(rules: RuleSet, rule: Rule) -> Branch:
    """The ticket stands where the clock of *rule* runs."""
    start = rules.clocks[rule.clock].start if rule.clock else None
    if isinstance(start, StatusIn):
        return (asked("status", "in", start.status),)
    if isinstance(start, StateIs):
        return (asked("state", "is", start.state),)
    return (asked("state", "is", "closed", holds=False),) if rule.clock else ()


def _finding(
    rules: RuleSet, first: _Writer, second: _Writer, name: str,
    values: Mapping[str, str | None], picture: Picture,
) -> Finding:  # fmt: skip
    one, two = first.rule, second.rule
    sample = tell(picture) | {"sets": {rule: {name: value} for rule, value in values.items()}}
    wanted = " and ".join(repr(values[rule.id]) for rule in (one, two))
    at_once = "at one moment" if first.level is None else "in one run"
    message = f"'{one.id}' and '{two.id}' both set {name} {at_once}, to {wanted}"
    on_trial = any(rules.mode_of(rule) != "enforce" for rule in (one, two))
    if one.priority != two.priority:
        winner = one if one.priority > two.priority else two
        message += f"; '{winner.id}' wins by its priority"
        return Finding("overlap", "note", (one.id, two.id), one.place, message, "", sample)
    apart = first.level is not None and one.clock != two.clock
    fix = (
        "Let one condition exclude the other"
        if first.level is not None
        else "Let one condition exclude the other, or give one rule a higher 'priority'"
    )
    severity: Severity = "warning" if apart or on_trial else "error"
    return Finding("overlap", severity, (one.id, two.id), one.place, message, fix, sample)
