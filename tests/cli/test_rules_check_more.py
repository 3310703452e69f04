"""``rules check`` beyond single mistakes, and what both rule commands write for other programs."""

import json
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
from click.testing import CliRunner, Result

from kace_bridge.cli.program import program
from kace_bridge.config.starter import write_starter
from kace_bridge.sandbox import Appliance, Settings, serve


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped rules in a folder of their own."""
    write_starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(program, ["rules", *words])


def add(site: Path, file: str, text: str) -> None:
    """Put a rule at the head of a file's list."""
    path = site / "rules" / f"{file}.yaml"
    head, tail = path.read_text().split(f"{file}:\n", 1)
    path.write_text(f"{head}{file}:\n{text}{tail}")


def test_two_rules_that_disagree_are_an_error_shown_on_a_ticket(site: Path) -> None:
    """The overlap is named with both rules before anybody meets it."""
    add(
        site,
        "classify",
        "  - {id: lower, if: {submitter: {in_group: vip}}, then: {set: {priority: Low}}}\n",
    )
    result = run("check")
    assert result.exit_code == 78
    assert "lower" in result.output
    assert "vip-first" in result.output


def test_sarif_names_the_same_findings(site: Path) -> None:
    """What a code-scanning page reads holds the overlap with its place."""
    add(
        site,
        "classify",
        "  - {id: lower, if: {submitter: {in_group: vip}}, then: {set: {priority: Low}}}\n",
    )
    told = json.loads(run("check", "--sarif").output)
    kinds = {one["ruleId"] for one in told["runs"][0]["results"]}
    assert "kace-bridge/overlap" in kinds


def test_online_holds_names_against_the_appliance(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member the appliance does not know is an error with its place."""
    with serve(Appliance(Settings())) as server:
        monkeypatch.setenv("KACE_URL", server.url)
        monkeypatch.setenv("KACE_USERNAME", server.username)
        monkeypatch.setenv("KACE_PASSWORD", server.password)
        result = run("check", "--online")
    assert result.exit_code == 78
    assert "rules.yaml:" in result.output
    assert "bkim" in result.output


def test_junit_holds_one_case_per_test(site: Path) -> None:
    """A build server sees every test, and why one failed."""
    path = site / "rules" / "route.yaml"
    path.write_text(path.read_text().replace("team: network", "team: desk", 1))
    result = run("test", "--junit", "out.xml")
    assert result.exit_code == 1
    tree = parse(site / "out.xml")
    shown = json.loads(run("check", "--json").stdout)["tests"]
    assert len(tree.findall("testsuite/testcase")) == shown
    failures = tree.findall("testsuite/testcase/failure")
    assert failures
    assert all(failure.get("message") for failure in failures)


def test_an_overlap_is_printed_with_a_ticket_that_hits_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the mistake stands a made-up ticket, and what each rule would set on it."""
    monkeypatch.chdir(tmp_path)
    write_starter(tmp_path)
    file = tmp_path / "rules" / "classify.yaml"
    text = file.read_text(encoding="utf-8")
    rule = "  - {id: clash, if: {text: {any_word: meeting}}, then: {set: {priority: Low}}}"
    file.write_text(text.replace("classify:\n", f"classify:\n{rule}\n", 1), encoding="utf-8")
    out = CliRunner().invoke(program, ["rules", "check"]).output
    assert "rules/classify.yaml:5:1: 'clash' and 'outage-words' both set priority" in out
    assert 'for example, ticket: {"title": "meeting outage"}' in out
    assert 'sets: {"clash": {"priority": "Low"}, "outage-words": {"priority": "High"}}' in out
