"""plan -o and apply: what they print and exit with."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def planned(desk: Desk, cli: Cli, tmp_path: Path) -> Path:
    """A plan for two new tickets, on paper."""
    assert cli("sync").code == 0
    desk.later(minutes=1)
    desk.submit(title="VPN drops")
    desk.submit()
    path = tmp_path / "tonight.json"
    assert cli("plan", "-o", str(path)).code == 10
    return path


def test_a_plan_is_applied_and_told(planned: Path, desk: Desk, cli: Cli) -> None:
    """The figures of a sync; the second time everything is refused and named."""
    outcome = cli("apply", str(planned), "--as", "adiaz")
    assert outcome.code == 0
    assert outcome.out.startswith("4 decisions, 2 writes, 2 messages sent (")
    assert (desk.owner(1), desk.owner(2)) == ("gcho", "adiaz")
    again = cli("apply", str(planned))
    assert again.code == 1
    assert "refused: #1 network-words: decided already, by run " in again.out


def test_a_rehearsal_says_what_would_be_applied(planned: Path, desk: Desk, cli: Cli) -> None:
    """Nothing is written, what cannot be applied is listed, and exit code 1 warns of it."""
    desk.edit("cwong", 1, owner="epark")
    outcome = cli("apply", str(planned), "--dry-run")
    assert outcome.code == 1
    assert outcome.out.endswith(
        "2 decisions on 1 ticket can be applied, 2 cannot. Nothing was written.\n"
    )
    assert desk.owner(2) is None


def test_json_lists_what_was_taken_and_refused(planned: Path, desk: Desk, cli: Cli) -> None:
    """Ids, rules and reasons for programs, beside the figures of the run."""
    desk.edit("cwong", 1, owner="epark")
    data = cli("apply", str(planned), "--json").data
    assert (data["applied"], data["sent"], data["dry_run"]) == (1, 1, False)
    assert [one["rule"] for one in data["taken"]] == ["everything-else", "receipt"]
    assert {one["reason"] for one in data["refused"]} == {"the ticket moved on since the plan"}
    shown = cli("runs", "show", data["run"], "--json").data
    assert {one["id"] for one in shown["decisions"]} == {one["id"] for one in data["taken"]}


def test_what_is_no_plan_is_a_usage_error(cli: Cli, tmp_path: Path) -> None:
    """Exit code 2, one line, no request."""
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"decisions": []}))
    outcome = cli("apply", str(path))
    assert outcome.code == 2
    assert "is not a plan; make a new one: kace-bridge plan -o" in outcome.err
