r"""Other rules over a real incident log: who would have got what, breaches saved and caused.

    python -m benchmarks.incident_log DATA/incident_events.csv.gz \
        --incidents 300 --weeks 1 --keep DESK
    python -m benchmarks.incident_replay DESK [--from 2016-02-26] [--to 2016-04-01]

The first command plays the log through the sandbox and the syncs and keeps the store. This one
runs ``kace-bridge rules replay`` over that store under three rule sets: the one that was in force
(which must repeat what happened), and two edits of it that an admin might weigh:

- calm: the desk takes turns, nobody is nudged before the target, no priority is ever raised;
- strict: a late first answer raises the priority a day earlier, so that the solving is due sooner.

Prints a line per rule set: tickets that would have gone to the same person, another of the team, or
elsewhere; per clock the breaches in truth, saved and caused; messages, and seconds per ticket.
Exits 1 unless the rules in force save and cause nothing.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from kace_bridge.cli.program import program

NUDGE = "      - {at: %s,  then: {notify: {to: [owner], template: nudge, channel: %s}}}\n"
RAISE = (
    "then: {set: {priority: High}, notify: {to: [lead], template: escalated, channel: respond-2bd}}"
)
VARIANTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "in force": (),
    "calm": (
        ("pick: least_loaded", "pick: round_robin"),
        (NUDGE % ("50%", "respond-50"), ""),
        (NUDGE % ("75%", "resolve-75"), ""),
        (RAISE, RAISE.replace("set: {priority: High}, ", "")),
    ),
    "strict": (
        ("100%, then: {notify: {to: [owner, lead], template: escalated,",
         "100%, then: {set: {priority: High}, notify: {to: [owner, lead], template: escalated,"),
    ),
}  # fmt: skip


def edited(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    """*text* with each change made once. Raises SystemExit where one no longer fits."""
    for old, new in changes:
        if text.count(old) != 1:
            raise SystemExit(f"the rules no longer hold exactly one {old!r}")
        text = text.replace(old, new)
    return text


def replayed(rules: Path, store: Path, since: str, until: str) -> dict[str, Any]:
    """What ``rules replay --json`` says of *rules* over *store*."""
    words = ["-c", str(rules), "--state", f"sqlite:///{store}", "rules", "replay",
             "--from", since, "--to", until, "--json"]  # fmt: skip
    result = CliRunner().invoke(program, words)
    if result.exit_code:
        raise SystemExit(f"rules replay ended with {result.exit_code}: {result.output}")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def summary(found: Mapping[str, Any]) -> dict[str, object]:
    """The figures of one replay."""
    ways = Counter(each["change"] for each in found["tickets"])
    clocks: dict[str, dict[str, int]] = {}
    for name in ("breaches", "saved", "caused"):
        for breach in found[name]:
            counts = clocks.setdefault(breach["clock"], {"breaches": 0, "saved": 0, "caused": 0})
            counts[name] += 1
    return {
        "tickets": len(found["tickets"]), "same person": ways["same"], "same team": ways["team"],
        "elsewhere": ways["other"], "clocks": clocks,
        "messages": sum(found["messages"].values()), "by template": found["messages"],
        "problems": len(found["problems"]),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("desk", type=Path)
    parser.add_argument("--from", dest="since", default="2016-02-26")
    parser.add_argument("--to", dest="until", default="2016-04-01")
    options = parser.parse_args()
    text = (options.desk / "rules.yaml").read_text(encoding="utf-8")
    store = (options.desk / "kace-bridge.db").resolve()
    faults = 0
    with tempfile.TemporaryDirectory() as place:
        for name, changes in VARIANTS.items():
            rules = Path(place) / "rules.yaml"
            rules.write_text(edited(text, changes), encoding="utf-8")
            began = time.perf_counter()
            found = replayed(rules, store, options.since, options.until)
            seconds = time.perf_counter() - began
            row = summary(found)
            per_ticket = round(1000 * seconds / max(len(found["tickets"]), 1), 1)
            print(json.dumps({"rules": name, **row, "ms_per_ticket": per_ticket}))
            if name == "in force":
                faults += len(found["saved"]) + len(found["caused"]) + len(found["problems"])
    print("problems:", faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
