"""docs/tutorial.md shows what a newcomer sees, edit by edit and command by command.

``python -m tests.docs.test_tutorial`` writes what the commands print now into the page.
"""

import contextlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from kace_bridge.cli.context import App
from kace_bridge.cli.program import program
from kace_bridge.sandbox import Appliance, Settings, generate, serve

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOW = "2026-03-02 09:00:00"
URL = "http://127.0.0.1:8765"
SERVE = "$ kace-bridge sandbox serve"
RUN = re.compile(r"\b20\d{6}-\d{6}-[0-9a-f]{4}\b")
RUNS = ("20260302-090005-51c3", "20260302-090140-7716", "20260302-090312-674c")
FINE = {0, 10, 78}
"""``plan`` ends with 10 where there is something to do, ``rules check`` with 78 on mistakes."""


class Newcomer:
    """Does what the page says, in its order; ``page`` is it with what was really printed."""

    def __init__(self, text: str, url: str) -> None:
        self.url = url
        self.edits = 0
        self.runs: dict[str, str] = {}
        self.page = BLOCK.sub(self._follow, text)

    def _follow(self, found: re.Match[str]) -> str:
        kind, block = found.groups()
        if kind == "yaml":
            self._edit(block)
            return found[0]
        if block.startswith(SERVE):
            return found[0]
        lines = [line for line in block.splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{line}\n{self._type(line)}" for line in lines) + "```"

    def _type(self, line: str) -> str:
        words = shlex.split(line)[1:]
        if words[0] != "kace-bridge":
            return ""
        result = CliRunner().invoke(program, words[1:], input="y\n", obj=App(asks=True))
        assert result.exit_code in FINE, f"{line}: exit {result.exit_code}: {result.output}"
        return self._settle(result.output)

    def _settle(self, printed: str) -> str:
        """*printed* without what differs each time: the port, numbers of runs, seconds."""
        for run in RUN.findall(printed):
            self.runs.setdefault(run, RUNS[len(self.runs)])
        printed = RUN.sub(lambda found: self.runs[found[0]], printed)
        printed = re.sub(r"\[log:20\d{6}-…", "[log:20260302-…", printed)
        printed = re.sub(r"\d+\.\d s\)", "0.1 s)", printed)
        return printed.replace(self.url, URL)

    def _edit(self, block: str) -> None:
        """The page's three edits of rules/route.yaml, as its words say."""
        path = Path("rules/route.yaml")
        text = path.read_text(encoding="utf-8")
        self.edits += 1
        if self.edits == 1:
            anchor = "  - id: everything-else\n"
            edited = text.replace(anchor, f"{block}\n{anchor}")
        elif self.edits == 2:
            edited = re.sub(r"    if: \{catgory.*?\n    then: .*?\n", lambda _: block, text)
        else:
            edited = text.replace("\ntests:\n", f"\ntests:\n{block}\n")
        assert edited != text
        path.write_text(edited, encoding="utf-8")


@contextlib.contextmanager
def practice(environ: MutableMapping[str, str]) -> Iterator[str]:
    """The appliance of the page, its clock standing still; its address."""
    app = Appliance(Settings())
    app.clock.set(NOW, frozen=True)
    app.load(generate(1, 60, app.clock.now()))
    with serve(app) as server:
        for name in ("KACE_ORG", "KACE_BRIDGE_CONFIG", "KACE_BRIDGE_STATE", "COLUMNS"):
            environ.pop(name, None)
        environ.update({"KACE_URL": server.url, "KACE_USERNAME": server.username,
                        "KACE_PASSWORD": server.password})  # fmt: skip
        yield server.url


def follow(text: str, folder: Path) -> Newcomer:
    """Everything the page says, in *folder*."""
    with practice(os.environ) as url, contextlib.chdir(folder):
        return Newcomer(text, url)


@pytest.fixture
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KACE_URL", "KACE_USERNAME", "KACE_PASSWORD"):
        monkeypatch.setenv(name, "")
    for name in ("KACE_ORG", "KACE_BRIDGE_CONFIG", "KACE_BRIDGE_STATE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_own_environment")
def test_a_newcomer_sees_what_the_page_shows(tmp_path: Path) -> None:
    """Every command, in order, prints what stands below it; the mails promised are there."""
    page = PAGE.read_text(encoding="utf-8")
    done = follow(page, tmp_path)
    assert done.page == page
    assert done.edits == 3
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 2


def test_the_practice_appliance_says_what_the_page_shows() -> None:
    """Word by word; a hint about the usual port is missing where that port was taken."""
    (shown,) = (block for _, block in BLOCK.findall(PAGE.read_text(encoding="utf-8"))
                if block.startswith(SERVE))  # fmt: skip
    expected = shown.splitlines()[1:]
    command = [sys.executable, "-m", "kace_bridge", "sandbox", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().rstrip("\n")]
        port = told[0].rpartition(":")[2]
        if port != "8765":
            expected = [line for line in expected if not line.startswith("  #")]
        process.terminate()
        told += process.stdout.read().splitlines()
    assert [line.replace(f":{port}", ":8765") for line in told] == expected


def test_the_page_goes_the_whole_way() -> None:
    """From the first file to the way back, no step left out."""
    page = PAGE.read_text(encoding="utf-8")
    words = ("init", "sandbox serve", "rules check", "rules test", "sync", "submit", "plan -o",
             "apply", "explain", "undo")  # fmt: skip
    places = [page.index(f"$ kace-bridge {name}") for name in words]
    assert places == sorted(places)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        PAGE.write_text(follow(PAGE.read_text(encoding="utf-8"), Path(place)).page, "utf-8")
