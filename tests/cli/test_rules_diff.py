"""rules diff: what it prints and exits with."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def draft(desk: Desk, cli: Cli, tmp_path: Path) -> str:
    """A draft without the network route, and two tickets on record."""
    cli("sync")
    desk.later(minutes=1)
    desk.submit(title="No vpn")
    desk.submit()
    cli("sync")
    path = tmp_path / "draft.yaml"
    path.write_text(json.dumps(desk.config | {"route": desk.config["route"][1:]}))
    return str(path)


def test_a_ticket_and_the_counts(draft: str, cli: Cli) -> None:
    """Owner with team, what no longer happens, what happens instead; exit code 10."""
    outcome = cli("rules", "diff", "rules.yaml", draft, "--intake")
    assert outcome.code == 10
    assert outcome.out.splitlines() == [
        "#1 No vpn",
        "  owner: gcho (LEAD Network) -> adiaz (desk)",
        "  - network-words: owner = gcho",
        "  + everything-else: owner = adiaz",
        "",
        "      1  network-words -> everything-else",
        "The outcome of 1 of 2 tickets changes.",
    ]


def test_no_change_is_said(draft: str, cli: Cli) -> None:
    """Exit code 0; the second version defaults to the configuration as it stands."""
    outcome = cli("rules", "diff", "rules.yaml")
    assert (outcome.code, outcome.out) == (0, "The outcome of 2 tickets stays the same.\n")


def test_json_has_both_outcomes(draft: str, cli: Cli) -> None:
    """Old and new, decision by decision."""
    data = cli("rules", "diff", draft, "--json", "--intake").data
    assert (data["tickets"], data["rules"]) == (
        2, [{"old": "everything-else", "new": "network-words", "tickets": 1}],
    )  # fmt: skip
    assert data["changed"][0]["new"]["decisions"][0]["set"] == {"owner": "gcho"}


def test_against_a_dump_no_store_is_needed(desk: Desk, cli: Cli, tmp_path: Path) -> None:
    """Any list of tickets will do; what is none is told."""
    (tmp_path / "t.json").write_text('[{"title": "vpn"}]')
    outcome = cli("rules", "diff", str(desk.path), "--against", "t.json")
    assert (outcome.code, outcome.out) == (0, "The outcome of 1 ticket stays the same.\n")
    (tmp_path / "t.json").write_text("{")
    outcome = cli("rules", "diff", str(desk.path), "--against", "t.json")
    assert (outcome.code, "t.json is no JSON" in outcome.err) == (2, True)


def test_an_unknown_version_is_a_usage_error(cli: Cli) -> None:
    """One line."""
    outcome = cli("rules", "diff", "nope")
    assert outcome.code == 2
    assert "git" in outcome.err or "no revision" in outcome.err
