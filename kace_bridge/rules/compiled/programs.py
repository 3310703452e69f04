"""A rule set made ready, once: for each phase the rules that could fire, asked in one go."""

from collections.abc import Iterator, Sequence

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.compiled.matcher import Matcher
from kace_bridge.rules.compiled.traces import Trace, trace_of
from kace_bridge.rules.evaluate import Judgement, evaluate
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.ruleset import Rule, RuleSet


class Program:
    """The rules of one phase that are not off, in order."""

    __slots__ = ("_always", "_by_kind", "_matcher", "_traces", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._traces: dict[str, Trace] = {}
        self._matcher = Matcher([rule.condition for rule in rules])
        waiting = {
            kind: [n for n, rule in enumerate(rules) if rule.event and kind in rule.event.kinds]
            for kind in EventKind
        }
        ways = self._matcher.ways_of_rules
        self._by_kind = {kind: ways(numbers) for kind, numbers in waiting.items()}
        self._always = ways(n for n, rule in enumerate(rules) if rule.event is None)

    def told(self, facts: Facts, events: Sequence[Event], *, each: bool) -> Iterator[Rule]:
        """Rules whose condition holds for one of *events* of a kind they wait for, in order.

        Rules that wait for nothing are asked about *each* event, or about the last alone. Every
        rule that fires is among them; whether one does is for the caller to find out.
        """
        if not self.rules:
            return iter(())
        found: set[int] = set()
        for place, event in enumerate(events):
            ways = self._by_kind[event.kind]
            if each or place == len(events) - 1:
                ways |= self._always
            if ways:
                found.update(self._matcher.matches(facts.with_event(event), ways))
        return (self.rules[number] for number in sorted(found))

    def holding(self, facts: Facts) -> frozenset[str]:
        """Ids of the rules whose condition holds, whatever they wait for."""
        return frozenset(self.rules[number].id for number in self._matcher.matches(facts))

    def judge(self, rule: Rule, facts: Facts) -> Judgement:
        """What `evaluate` says of the condition of *rule*, what repeats being remembered."""
        trace = self._traces.get(rule.id)
        if trace is None:
            trace = self._traces[rule.id] = trace_of(rule.condition, self._matcher.seen)
        return trace(facts)


def program_of(rules: RuleSet, phase: str) -> Program:
    """The program of one phase; made when first asked for, kept with the rule set."""
    found = rules.made.get(phase)
    if not isinstance(found, Program):
        active = [rule for rule in rules.of(phase) if rules.mode_of(rule) != "off"]
        found = rules.made[phase] = Program(active)
    return found


def judge(rules: RuleSet, rule: Rule, facts: Facts, *, remember: bool) -> Judgement:
    """Why the condition of *rule* is met or not: by the reference, or the same remembered."""
    if remember:
        return program_of(rules, rule.phase).judge(rule, facts)
    return evaluate(rule.condition, facts)
