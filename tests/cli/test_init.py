"""The command ``init``."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kace_bridge.cli.program import program


def test_init_writes_rules_that_check_and_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What init writes is a configuration without a problem, its tests passing."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for words in (["init"], ["rules", "check"], ["rules", "test"]):
        result = runner.invoke(program, words)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "rules" / "route.yaml").is_file()


def test_init_writes_the_schema_its_files_name(tmp_path: Path) -> None:
    """An editor finds the schema where each file's first lines say it is."""
    result = CliRunner().invoke(program, ["init", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for path in (tmp_path / "rules.yaml", *(tmp_path / "rules").glob("*.yaml")):
        (line,) = re.findall(r"^# yaml-language-server: \$schema=(.+)$", path.read_text(), re.M)
        assert json.loads((path.parent / line).read_text())["title"] == "kace-bridge rules"


def test_init_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one file exists, none is written and the file is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(program, ["init"])
    assert result.exit_code != 0
    assert (tmp_path / "rules.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "rules").exists()
