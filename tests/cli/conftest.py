"""The command line against a whole site: an appliance over real HTTP, a folder, a store."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kace_bridge.cli.context import App
from kace_bridge.cli.program import program
from kace_bridge.sandbox import serve
from tests.support.desk import Desk


@dataclass(frozen=True)
class Outcome:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The one JSON object that was printed, on one line."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@dataclass
class Cli:
    """Runs commands as a person or a script would; ``asks`` is whether a person is there."""

    desk: Desk

    def __call__(self, *args: str, answers: str = "", asks: bool = False) -> Outcome:
        whole = ["-c", str(self.desk.path), "--state", self.desk.state, *args]
        return invoke(*whole, answers=answers, asks=asks)


def invoke(*args: str, answers: str = "", asks: bool = False) -> Outcome:
    result = CliRunner().invoke(program, list(args), input=answers, obj=App(asks=asks))
    assert isinstance(result.exception, SystemExit | None), result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KACE_URL", "KACE_USERNAME", "KACE_PASSWORD", "KACE_ORG", "KACE_CA_BUNDLE",
                 "KACE_BRIDGE_CONFIG", "KACE_BRIDGE_STATE", "NO_COLOR", "COLUMNS"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with serve(made.app) as server:
        made.environ["KACE_URL"] = server.url
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def cli(desk: Desk) -> Cli:
    return Cli(desk)
