"""P1, P2, P3: what asking all rules about a ticket costs, and how that grows with the rules.

Inside the timed part: the facts are put together and every value is read off the record as the
appliance sent it (names, people, dates, the text with its markup taken away and its case folded).
The chain written by hand is handed all that ready made.
"""

from collections.abc import Sequence

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, Timings, each, time_rounds
from benchmarks.workload import chains, others, ours, reference
from benchmarks.workload.ours import Sample
from benchmarks.workload.rules import make_rules
from benchmarks.workload.tickets import World, make_tickets
from kace_bridge.rules.compiled.matcher import Matcher
from kace_bridge.rules.compiled.traces import trace_of
from kace_bridge.rules.evaluate import Judgement, evaluate

FIGURES = ("P1", "P2", "P3")
_MANY = 5_000


def measure(setting: Setting) -> list[Line]:
    """Every line is timed in the same rounds."""
    world = World()
    records = make_tickets(setting.pick(20_000, 60), world=world)
    rules = make_rules(setting.pick(_MANY, 200), world=world)
    few, some = rules[:50], records[: setting.pick(5_000, 60)]
    conditions = ours.conditions(few)
    matcher, many = Matcher(conditions), Matcher(ours.conditions(rules))
    samples = ours.tickets(records)
    wanted = [reference.match_all(few, record) for record in records]
    for record, sample, right in zip(records, samples, wanted, strict=True):
        first = right[0] if right else None
        assert matcher.matches(sample.facts()) == right == chains.match_all(record)
        assert matcher.first(sample.facts()) == first
        assert chains.match_first(record) == (-1 if first is None else first)
    for record, sample in zip(records[:100], samples[:100], strict=True):
        assert many.matches(sample.facts()) == reference.match_all(rules, record)

    traces = [trace_of(condition, matcher.seen) for condition in conditions]
    for sample, right in zip(samples[:1000], wanted[:1000], strict=False):
        facts = sample.facts()
        assert all(traces[rule](facts) == evaluate(conditions[rule], facts) for rule in right)

    def traced(sample: Sample) -> list[Judgement]:
        facts = sample.facts()
        return [traces[rule](facts) for rule in matcher.matches(facts)]

    ready, asked = [sample.facts() for sample in samples], len(records) * len(few)
    cases = {
        "ours": Case(each(lambda sample: matcher.matches(sample.facts()), samples), asked),
        "by hand": Case(each(chains.match_all, records), asked),
        "facts made": Case(each(matcher.matches, ready), asked),
        "ours, first": Case(each(lambda sample: matcher.first(sample.facts()), samples), asked),
        "by hand, first": Case(each(chains.match_first, records), asked),
        "traced": Case(each(traced, samples), asked),
        "some": Case(each(lambda sample: matcher.matches(sample.facts()), samples[: len(some)])),
        "some, many": Case(each(lambda sample: many.matches(sample.facts()), samples[: len(some)])),
    }
    found = time_rounds(cases, setting.rounds, computing=True)
    peer = _best_peer(setting, few, records, wanted, cases["ours"])
    return _lines(found, len(some), peer)


def _lines(found: Timings, some: int, peer: tuple[str, float, float] | None) -> list[Line]:
    name, cost, ratio = peer or ("", None, None)
    hand, micro = found.median("by hand"), 1 / 1000 / some
    return [
        Line("P1", "per ticket-rule, all matches", found.median("ours"), "ns", 1.5,
             found.ratio("ours", "by hand"), hand, "by hand", cost, name, ratio),
        Line("P1", "per ticket-rule, first match", found.median("ours, first"), "ns", 1.5,
             found.ratio("ours, first", "by hand, first"), found.median("by hand, first"),
             "by hand"),
        Line("P1", "all matches, the facts already made", found.median("facts made"), "ns", None,
             found.ratio("facts made", "by hand"), hand, "by hand"),
        Line("P2", "per ticket, 5,000 rules beside 50", found.median("some, many") * micro, "us",
             4.0, found.ratio("some, many", "some"), found.median("some") * micro, "50 rules"),
        Line("P3", "all matches with their traces", found.median("traced"), "ns", 1.3,
             found.ratio("traced", "ours"), found.median("ours"), "without"),
    ]  # fmt: skip


def _best_peer(
    setting: Setting,
    rules: Sequence[dict[str, object]],
    records: list[dict[str, object]],
    wanted: list[list[int]],
    mine: Case,
) -> tuple[str, float, float] | None:
    """The quickest other engine: its name, its cost per ticket-rule, and that beside ours."""
    if setting.peers is None:
        return None
    count = setting.pick(300, 20)
    cases = {"ours": mine, **dict(others.cases(list(rules), records[:count], wanted[:count]))}
    found = time_rounds(cases, min(setting.rounds, 5), computing=True)
    ranked = sorted((found.ratio(name, "ours"), name) for name in cases if name != "ours")
    for ratio, name in ranked:
        print(f"  {name}: {found.median(name):,.0f} ns, {ratio:.1f} times ours")
    if not ranked:
        return None
    ratio, name = ranked[0]
    return name, found.median(name), ratio
