"""Every figure in one table: ``python -m benchmarks.run [--small] [--only P1,P2] [--json FILE]``.

Ours beside the floor (the least any program in this language can do for the same answer) and the
best peer, measured in turn in the same rounds; see docs/performance.md for what is inside each.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from benchmarks import figures
from benchmarks.figures._figure import Line, Setting
from kace_bridge.discover import import_all

HEADERS = (
    "figure", "what", "ours", "floor", "x floor", "best peer", "peer x ours", "goal", "met",
)  # fmt: skip


def main(args: Sequence[str] | None = None) -> int:
    """Measure, print the table, write the JSON. Returns 0: a figure missed is no failure here."""
    given = _parse(args)
    setting = Setting(given.small, given.rounds, given.peers)
    if given.peers:
        sys.path.insert(0, str(given.peers.resolve()))
    wanted = {name.strip().upper() for name in given.only.split(",") if name.strip()}
    lines: list[Line] = []
    for module in modules(wanted):
        print(f"measuring {', '.join(module.FIGURES)} ...", file=sys.stderr, flush=True)
        found = module.measure(setting)
        lines += [line for line in found if not wanted or line.figure in wanted]
    print(table(lines))
    for line in lines:
        if line.note:
            print(f"{line.figure} {line.what}: {line.note}")
    if setting.small:
        print("Small sizes: this shows that it runs, not how fast.")
    if given.json:
        data = {"machine": machine(), "small": setting.small, "rounds": setting.rounds,
                "lines": [line.as_data() for line in lines]}  # fmt: skip
        given.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0


def modules(wanted: set[str]) -> Iterator[ModuleType]:
    """The modules of figures, or those that answer for one of the *wanted*."""
    found = import_all(figures)
    known = {name for module in found for name in module.FIGURES}
    if strange := wanted - known:
        raise SystemExit(f"no figure {', '.join(sorted(strange))}; there are {_listed(known)}")
    return (module for module in found if not wanted or wanted & set(module.FIGURES))


def table(lines: Sequence[Line]) -> str:
    """The lines in columns, every ratio as measured."""
    rows = [HEADERS, *(_row(line) for line in sorted(lines, key=lambda line: _order(line.figure)))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    shown.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(shown)


def machine() -> dict[str, object]:
    """What it was measured on."""
    return {
        "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(), "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _row(line: Line) -> tuple[str, ...]:
    met = {True: "met", False: "NOT MET", None: ""}[line.met]
    goal = "" if line.goal is None else f"{'>=' if line.at_least else '<='} {line.goal:g}"
    return (
        line.figure, line.what, _quantity(line.ours, line.unit),
        f"{_quantity(line.floor, line.unit)} {line.floor_name}".strip(),
        "" if line.ratio is None else f"{line.ratio:.2f}",
        f"{_quantity(line.peer, line.unit)} {line.peer_name}".strip(),
        "" if line.peer_ratio is None else f"{line.peer_ratio:.1f}",
        goal, met,
    )  # fmt: skip


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def _order(figure: str) -> tuple[int, str]:
    digits = "".join(char for char in figure if char.isdigit())
    return int(digits or 0), figure


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names, key=_order))


def _parse(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--small", action="store_true", help="small sizes: does it run?")
    parser.add_argument("--only", default="", metavar="P1,P2", help="these figures alone")
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds after the warm-up (5 or more)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--peers", type=Path, metavar="DIR", help="a folder with peers.py")
    return parser.parse_args(args)


if __name__ == "__main__":
    raise SystemExit(main())
