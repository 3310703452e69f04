"""P12, P13: what starting the program costs, in processor time of processes of their own."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from benchmarks.figures._figure import Line, Setting
from benchmarks.processes import program, python, time_commands
from benchmarks.rig import sandbox
from benchmarks.rounds import Case, time_rounds
from kace_bridge.clock import SystemClock
from kace_bridge.config.light import read_account
from kace_bridge.sync.account import open_client

FIGURES = ("P12", "P13")
_ACCOUNT = """version: 1
appliance:
  {url: {env: KACE_URL}, username: {env: KACE_USERNAME}, password: {env: KACE_PASSWORD},
   organization: {env: KACE_ORG}, timezone: America/New_York}
"""


def measure(setting: Setting) -> list[Line]:
    """``list`` asks a sandbox in a process of its own, and waiting for it costs no time here.

    What asking and reading the answer cost a program that is warm is taken off: the rest is start.
    """
    commands = {
        "click": python("import click"),
        "imports": python("import requests, pydantic, click"),
        "version": [*program(), "--version"],
        "help": [*program(), "--help"],
    }
    with sandbox() as box, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "rules.yaml"
        config.write_text(_ACCOUNT, encoding="utf-8")
        commands["list"] = [*program(), "-c", str(config), "list"]
        environ = _compiled(box.environ, Path(folder))
        found = time_commands(commands, setting.pick(max(setting.rounds, 11), 1), environ)
        asked = time_rounds(
            {"asked": Case(lambda: _ask(config, box.environ))}, setting.rounds, computing=True
        ).median("asked")

    def line(figure: str, name: str, goal: float, base: str) -> Line:
        return Line(
            figure, name, found.median(name) / 1e6, "ms", goal, found.ratio(name, base),
            found.median(base) / 1e6, f"import {base}",
        )  # fmt: skip

    return [
        line("P12", "version", 1.3, "click"),
        line("P12", "help", 1.3, "click"),
        Line(
            "P13", "list, less the request", (found.median("list") - asked) / 1e6, "ms", 1.25,
            median(
                (whole - asked) / base
                for whole, base in zip(found.rounds["list"], found.rounds["imports"], strict=True)
            ),
            found.median("imports") / 1e6, "import requests, pydantic, click",
            note=f"the request costs a warm program {asked / 1e6:.1f} ms",
        ),
    ]  # fmt: skip


def _compiled(environ: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """*environ* with compiled modules kept in *folder*: an installed program has them as well.

    Run from its sources where nothing may be written beside them, every start would compile it
    anew, and what it is held against not.
    """
    kept = {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def _ask(config: Path, environ: Mapping[str, str]) -> None:
    """What ``list`` asks, in this process."""
    with open_client(read_account(config, environ), environ, SystemClock()) as sma:
        for page in sma.tickets.pages(None, page_size=51, with_changes=False):
            assert not page.tickets
