"""rules check and rules test: mistakes with their places, tests with their stories."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

GOOD = {
    "name": "the network's words go to the network",
    "ticket": {"title": "VPN drops", "created": "2026-03-02T09:00"},
    "expect": {"owner": "gcho"},
}
BAD = {
    "name": "the mouse goes to the network",
    "ticket": {"title": "Mouse broken", "created": "2026-03-02T09:00"},
    "expect": {"owner": "gcho"},
}


def test_a_right_configuration_is_counted(desk: Desk, cli: Cli) -> None:
    """The ok line names what was read; no password is needed."""
    desk.config["tests"] = [GOOD]
    outcome = cli("rules", "check")
    assert outcome.code == 0
    assert "ok  " in outcome.out
    assert "warning: no test fires" in outcome.out
    assert "7 rules, 3 teams, 1 clock, 1 test, in 1 file" in outcome.out
    data = cli("rules", "check", "--json").data
    assert (data["ok"], data["rules"], data["teams"], data["clocks"]) == (True, 7, 3, 1)


def test_every_mistake_is_told_with_place_and_cure(desk: Desk, cli: Cli) -> None:
    """All at once, file:line in front, exit code 78."""
    desk.config["route"][0]["then"] = {"assign": {"team": "netwrk"}}
    desk.config["escalate"][0]["clock"] = "respnd"
    outcome = cli("rules", "check")
    assert outcome.code == 78
    lines = outcome.out.splitlines()
    assert all(line.startswith("rules.yaml:") for line in lines[:2])
    assert "unknown team 'netwrk'. Did you mean 'network'?" in outcome.out
    assert "unknown clock 'respnd'. Did you mean 'respond'?" in outcome.out
    assert lines[-1] == "2 mistakes"


def test_problems_as_json(desk: Desk, cli: Cli) -> None:
    """File, line, message and fix apart, for editors and pipelines."""
    desk.config["route"][0]["then"] = {"assign": {"team": "netwrk"}}
    outcome = cli("rules", "check", "--json")
    assert outcome.code == 78
    (problem,) = outcome.data["problems"]
    assert problem["file"] == "rules.yaml"
    assert problem["line"] > 1
    assert (problem["severity"], problem["fix"]) == ("error", "Did you mean 'network'?")


def test_a_warning_is_no_mistake(desk: Desk, cli: Cli) -> None:
    """Warnings are shown and do not fail the check."""
    del desk.config["route"][1]
    outcome = cli("rules", "check")
    assert outcome.code == 0
    assert "warning: " in outcome.out
    assert outcome.out.splitlines()[-1].endswith("; 1 warning")


def test_files_may_be_named(desk: Desk, cli: Cli, tmp_path: Path) -> None:
    """Several sites are checked in one go; a missing file is a mistake like any other."""
    other = tmp_path / "other.yaml"
    other.write_text(json.dumps(desk.config))
    assert cli("rules", "check", str(other), str(desk.path)).out.count("ok  ") == 2
    assert cli("rules", "check", str(tmp_path / "nix.yaml")).code == 78


def test_hostile_rules_cannot_steer_the_terminal(cli: Cli, tmp_path: Path) -> None:
    """A file from elsewhere is text, not commands to the screen."""
    path = tmp_path / "evil.yaml"
    path.write_text('version: 1\n"\\e[2J\\a": 1\n')
    outcome = cli("rules", "check", str(path))
    assert outcome.code == 78
    assert not set(outcome.out) & set("\x1b\x07")


def test_tests_that_hold(desk: Desk, cli: Cli) -> None:
    """One line when all is well."""
    desk.config["tests"] = [GOOD]
    assert cli("rules", "test").out == "1 test passed\n"
    assert "what happened:" in cli("-v", "rules", "test").out


def test_a_test_that_fails_tells_what_happened_instead(desk: Desk, cli: Cli) -> None:
    """Place, name, expected against actual, the story; exit code 1."""
    desk.config["tests"] = [GOOD, BAD]
    outcome = cli("rules", "test")
    assert outcome.code == 1
    assert "the mouse goes to the network" in outcome.out
    assert "the network's words" not in outcome.out
    assert "gcho" in outcome.out
    assert "adiaz" in outcome.out
    assert outcome.out.splitlines()[-1] == "1 test failed, 1 passed"


def test_results_as_json(desk: Desk, cli: Cli) -> None:
    """One object with each test's verdict, and coverage where asked for."""
    desk.config["tests"] = [GOOD, BAD]
    outcome = cli("rules", "test", "--json", "--coverage")
    assert outcome.code == 1
    assert (outcome.data["passed"], outcome.data["failed"]) == (1, 1)
    assert [test["passed"] for test in outcome.data["tests"]] == [True, False]
    assert "network-words" in outcome.data["coverage"]["tested"]
    assert "vip-first" in outcome.data["coverage"]["not_tested"]


@pytest.mark.parametrize("word", ["MOUSE", "rules.yaml"])
def test_tests_are_chosen_by_name_or_place(desk: Desk, cli: Cli, word: str) -> None:
    """A part of either is enough, whatever its case."""
    desk.config["tests"] = [BAD]
    assert cli("rules", "test", word).code == 1


def test_a_name_no_test_has(desk: Desk, cli: Cli) -> None:
    """A mistyped name must not pass for success."""
    desk.config["tests"] = [GOOD]
    assert cli("rules", "test", "zebra").code == 2


def test_no_tests_at_all(cli: Cli) -> None:
    """Said, with where to write one."""
    outcome = cli("rules", "test")
    assert outcome.code == 0
    assert "No tests. Write some under 'tests:'" in outcome.out
