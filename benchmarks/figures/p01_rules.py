"""P1, P2, P3: what asking all rules about a ticket costs, and how that grows with the rules."""

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, each, time_rounds
from benchmarks.workload import chains, ours, reference
from benchmarks.workload.rules import make_rules
from benchmarks.workload.tickets import World, make_tickets
from kace_bridge.rules.evaluate import verdict_of
from kace_bridge.rules.verdict import Verdict

FIGURES = ("P1",)


def measure(setting: Setting) -> list[Line]:
    """All 50 rules for every ticket, beside the chain somebody wrote by hand."""
    world = World()
    records = make_tickets(setting.pick(2_000, 100), world=world)
    rules = make_rules(50, world=world)
    conditions = ours.conditions(rules)
    samples = ours.tickets(records)

    def match_all(sample: ours.Sample) -> list[int]:
        facts = sample.facts()
        return [
            number
            for number, condition in enumerate(conditions)
            if verdict_of(condition, facts) is Verdict.YES
        ]

    for record, sample in zip(records, samples, strict=True):
        wanted = reference.match_all(rules, record)
        assert chains.match_all(record) == wanted == match_all(sample)
    asked = len(records) * len(rules)
    found = time_rounds(
        {
            "ours": Case(each(match_all, samples), asked),
            "by hand": Case(each(chains.match_all, records), asked),
        },
        setting.rounds,
    )
    return [
        Line(
            "P1", "all matches", found.median("ours"), "ns", 1.5, found.ratio("ours", "by hand"),
            found.median("by hand"), "by hand",
        )
    ]  # fmt: skip
