"""P14: checking many rules, beside parsing the same files and doing nothing with them."""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from benchmarks.workload.ours import as_yaml
from benchmarks.workload.rules import make_rules
from kace_bridge.config.load import read_site
from kace_bridge.rules.analysis import analyse

FIGURES = ("P14",)
_FILES = 50
_MAIN = """version: 1
appliance: {url: {env: URL}, username: {env: USER}, password: {env: PASS}, timezone: UTC}
calendars: {office: {timezone: UTC, week: {mon-fri: ["08:00-17:00"]}}}
teams: {desk: {members: [adiaz], calendar: office}}
clocks: {open: {calendar: office, start: created, stop: closed, target: 1bd}}
include: [rules/*.yaml]
"""


def measure(setting: Setting) -> list[Line]:
    """In this process, imports left out: reading, checking, and what rules do to each other."""
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / "rules.yaml"
        texts = _write(main, setting.pick(5_000, 100))

        def check() -> None:
            site, problems = read_site(main, environ={}, secrets=False)
            assert site is not None, problems[:3]
            analyse(site.rules)

        def read() -> None:
            site, problems = read_site(main, environ={}, secrets=False)
            assert site is not None, problems[:3]

        def parse() -> None:
            for text in texts:
                yaml.load(text, Loader=yaml.CSafeLoader)

        cases = {"ours": Case(check), "read": Case(read), "parsed": Case(parse)}
        found = time_rounds(cases, min(setting.rounds, 5), computing=True)
    floor = found.median("parsed") / 1e6
    return [
        Line("P14", "rules check, 5,000 rules in 50 files", found.median("ours") / 1e6, "ms", 4.0,
             found.ratio("ours", "parsed"), floor, "CSafeLoader"),
        Line("P14", "of which reading and checking each rule", found.median("read") / 1e6, "ms",
             None, found.ratio("read", "parsed"), floor, "CSafeLoader"),
    ]  # fmt: skip


def _write(main: Path, count: int) -> list[str]:
    """The files; their texts as they stand."""
    (main.parent / "rules").mkdir()
    rules: list[dict[str, Any]] = [
        {"id": f"rule-{number}", "if": as_yaml(rule), "then": {"set": {"priority": "High"}}}
        for number, rule in enumerate(make_rules(count))
    ]
    texts = {main: _MAIN}
    for number in range(_FILES):
        text = yaml.dump({"classify": rules[number::_FILES]}, Dumper=yaml.CSafeDumper)
        texts[main.parent / "rules" / f"part-{number:02}.yaml"] = text
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts.values())
