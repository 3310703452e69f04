"""The README runs as written."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from kace_bridge.cli.program import program
from kace_bridge.sandbox import Appliance, Server, Settings, generate, serve

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
FINE = {0, 10}
"""``plan`` ends with 10 where there is something to do."""


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """The program's commands in the order shown, comments cut off."""
    lines = [
        line.split("  #")[0].strip() for block in blocks("console") for line in block.splitlines()
    ]
    return [line for line in lines if line.startswith("kace-bridge ")]


@pytest.fixture
def appliance(monkeypatch: pytest.MonkeyPatch) -> Server:
    """The practice appliance the README starts, reachable as it says."""
    app = Appliance(Settings())
    app.load(generate(1, 60, app.clock.now()))
    with serve(app) as server:
        monkeypatch.setenv("KACE_URL", server.url)
        monkeypatch.setenv("KACE_USERNAME", server.username)
        monkeypatch.setenv("KACE_PASSWORD", server.password)
        yield server


def test_the_commands_shown_run_in_the_order_shown(
    appliance: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newcomer who types them one after the other meets no error."""
    monkeypatch.chdir(tmp_path)
    shown = [line for line in commands() if "sandbox serve" not in line]
    assert len(shown) >= 7
    for line in shown:
        result = CliRunner().invoke(program, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code in FINE, f"{line}: exit {result.exit_code}: {result.output}"


def test_the_client_example_runs(appliance: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """The Python shown lists tickets."""
    (code,) = blocks("python")
    code = code.replace("https://kace.example.org", appliance.url)
    code = code.replace("svc_bridge", appliance.username).replace('"..."', repr(appliance.password))
    exec(compile(code, "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 60


def test_the_story_shown_is_the_story_told() -> None:
    """Each line of the demo's sample is a line the demo prints."""
    import tempfile

    from kace_bridge.demo.stage import set_stage
    from kace_bridge.demo.story import START, play
    from kace_bridge.demo.telling import Teller

    told: list[str] = []

    def hear(text: str, style: str) -> None:
        del style
        told.append(text)

    with (
        tempfile.TemporaryDirectory() as place,
        set_stage(Path(place) / "demo", seed=1, tickets=60, start=START) as stage,
    ):
        names = {row["user_name"]: row["full_name"] for row in stage.dump()["users"]}
        play(stage, Teller(hear, names))
    (sample,) = blocks("text")
    missing = [line for line in sample.splitlines() if line not in told]
    assert missing == []


@pytest.mark.parametrize("page", re.findall(r"\]\((docs/[^)]+)\)", README))
def test_every_page_named_is_there(page: str) -> None:
    """No link leads nowhere."""
    assert (TOP / page).exists()
