"""docs/engineers.md shows what the commands print.

``python -m tests.docs.test_engineers_page`` writes what they print now into the page.
"""

import os
import re
import shlex
import tempfile
from pathlib import Path

import click.testing
import pytest

from kace_bridge.cli.context import App
from kace_bridge.cli.program import program
from kace_bridge.sandbox import serve
from tests.support.desk import Desk

PAGE = Path(__file__).parents[2] / "docs" / "engineers.md"
STEP = re.compile(r"^<!-- then: (.*?) -->$|^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMES = {"adiaz": "Ana Diaz", "bkim": "Brian Kim", "cwong": "Chen Wong", "dlee": "Dana Lee",
         "epark": "Eun Park", "gcho": "Grace Cho", "jdoe": "Jane Doe"}  # fmt: skip


def perform(page: str, folder: Path) -> str:
    """*page* with what its commands print at a desk in *folder*."""
    desk = Desk(folder)
    for user in desk.app.desk.users.values():
        user.full_name = NAMES.get(user.user_name, user.full_name)
    with serve(desk.app) as server:
        desk.environ["KACE_URL"] = server.url
        os.environ.update(desk.environ)
        desk.sync()
        return STEP.sub(lambda found: _step(desk, found, server.url), page)


def _step(desk: Desk, found: re.Match[str], url: str) -> str:
    if found[1] is not None:
        for word in found[1].split(", "):
            if word == "sync":
                desk.later(minutes=1)
                desk.sync()
            else:
                desk.later(hours=int(word.removeprefix("later ").removesuffix("h")))
        return found[0]
    parts = []
    for line in found[2].splitlines():
        if line.startswith("$ kace-bridge "):
            desk.later(seconds=20)
            printed = _run(desk, shlex.split(line)[2:]).replace(url, "https://kace.example.org")
            parts.append(f"{line}\n{printed}")
    return "```console\n" + "".join(parts) + "```"


def _run(desk: Desk, words: list[str]) -> str:
    whole = ["-c", str(desk.path), "--state", desk.state, *words]
    result = click.testing.CliRunner().invoke(program, whole, obj=App(asks=False))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_command_prints_what_the_page_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In their order, on one desk; the links alone are written otherwise."""
    for name in ("KACE_URL", "KACE_USERNAME", "KACE_PASSWORD"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LOGNAME", "bkim")
    page = PAGE.read_text(encoding="utf-8")
    assert perform(page, tmp_path) == page


def test_the_page_shows_every_command_of_the_desk() -> None:
    """Whoever looks for a verb finds it here."""
    page = PAGE.read_text(encoding="utf-8")
    for name in ("submit", "assign", "take", "escalate", "ask", "note", "close", "reopen", "ack",
                 "timeline", "handover", "away add", "silence add", "report"):  # fmt: skip
        assert f"$ kace-bridge {name} " in page or f"$ kace-bridge {name}\n" in page


if __name__ == "__main__":
    os.environ["LOGNAME"] = "bkim"
    with tempfile.TemporaryDirectory() as made:
        PAGE.write_text(perform(PAGE.read_text(encoding="utf-8"), Path(made)), encoding="utf-8")
