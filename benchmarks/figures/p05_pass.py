"""P5: a whole pass per ticket, from the bytes of a page to the committed decision.

Beside it what most tickets of a sweep cost: those that have not changed.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from benchmarks.workload.appliance import Appliance, pages_of
from benchmarks.workload.site import Site, bridged, copied, learnt, make_site, without_rules
from kace_bridge.sync.cycle import sync

FIGURES = ("P5",)
ON_TRIAL = {"mode": "shadow"}
"""What is decided is recorded whole and not carried out: the pass ends where it is committed."""
GOALS = {50: 6.0, 1_000: 8.0}


def measure(setting: Setting) -> list[Line]:
    """Every ticket is known and has changed since: read, compared, told apart, judged, stored."""
    tickets = setting.pick(5_000, 100)
    desk = Appliance(tickets, history=True)
    bodies = pages_of(tickets, 500, history=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        sites = {rules: make_site(folder, rules, extra=ON_TRIAL) for rules in GOALS}
        known = folder / "known.db"
        learnt(sites[50], desk, known)
        quiet = without_rules(sites[50])
        desk.touch(range(tickets), custom_5="changed")

        still = Appliance(tickets, history=True)

        def run(site: Site, stores: Iterator[Path]) -> Callable[[], object]:
            def work() -> None:
                with bridged(site, desk, next(stores)) as bridge:
                    assert sync(bridge).changed == tickets

            return work

        def sweep(stores: Iterator[Path]) -> Callable[[], object]:
            def work() -> None:
                with bridged(sites[50], still, next(stores)) as bridge:
                    report = sync(bridge, full=True)
                    assert (report.pulled, report.changed) == (tickets, 0)

            return work

        def stores(label: str) -> Iterator[Path]:
            made = [copied(known, f"{label}-{n}.db") for n in range(setting.rounds + 1)]
            return iter(made)

        cases = {"json": Case(lambda: [json.loads(body) for body in bodies], tickets)}
        cases["same"] = Case(sweep(stores("same")), tickets)
        cases["none"] = Case(run(quiet, stores("none")), tickets)
        for rules, site in sites.items():
            cases[str(rules)] = Case(run(site, stores(str(rules))), tickets)
        found = time_rounds(cases, setting.rounds)
    us = {name: found.median(name) / 1_000 for name in cases}
    lines = [
        Line("P5", f"whole pass, {rules:,} rules", us[str(rules)], "us", goal,
             found.ratio(str(rules), "json"), us["json"], "json")
        for rules, goal in GOALS.items()
    ]  # fmt: skip
    none = Line("P5", "whole pass, no rules", us["none"], "us", None,
                found.ratio("none", "json"), us["json"], "json")  # fmt: skip
    same = Line("P5", "nothing changed, all read", us["same"], "us", None,
                found.ratio("same", "json"), us["json"], "json")  # fmt: skip
    return [same, none, *lines]
