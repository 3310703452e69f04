"""undo: what it prints, asks and exits with."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def run(desk: Desk, cli: Cli) -> str:
    """A run that routed one ticket and told its submitter."""
    assert cli("sync").code == 0
    desk.later(minutes=1)
    desk.submit(title="VPN drops")
    return str(cli("sync", "--json").data["run"])


def test_undo_tells_what_went_back_and_what_cannot(run: str, desk: Desk, cli: Cli) -> None:
    """Fields with their rules, the mail that is out, and its own run."""
    outcome = cli("undo", run, "--as", "adiaz", "--reason", "too early")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "#1 owner: gcho -> nobody  (network-words)"
    assert lines[1] == "1 message already sent cannot be recalled."
    assert lines[2].startswith(f"Run {run}: 1 field on 1 ticket to put back, 1 write, 0 kept.")
    assert desk.owner(1) is None


def test_what_was_touched_since_is_listed(run: str, desk: Desk, cli: Cli) -> None:
    """Exit code 1 asks somebody to look."""
    desk.edit("adiaz", 1, owner="epark")
    outcome = cli("undo", run)
    assert outcome.code == 1
    assert "kept: #1 owner (network-words): somebody has set it to epark since\n" in outcome.out


def test_a_rehearsal_changes_nothing(run: str, desk: Desk, cli: Cli) -> None:
    """The same list, the owner still there."""
    outcome = cli("undo", run, "--dry-run")
    assert outcome.code == 0
    assert "1 field on 1 ticket would be put back, 0 kept. Nothing was written." in outcome.out
    assert desk.owner(1) == "gcho"


@pytest.mark.parametrize(("answer", "owner"), [("n\n", "gcho"), ("y\n", None)])
def test_a_person_is_asked_first(
    run: str, desk: Desk, cli: Cli, answer: str, owner: str | None
) -> None:
    """On a terminal the list is shown and waits for a word."""
    outcome = cli("undo", run, answers=answer, asks=True)
    assert "would be put back" in outcome.out
    assert desk.owner(1) == owner


def test_json_lists_fields_and_what_was_kept(run: str, desk: Desk, cli: Cli) -> None:
    """For programs."""
    data = cli("undo", run, "--json").data
    assert data["put_back"] == [
        {"ticket": 1, "rule": "network-words", "field": "owner", "from": "gcho", "to": None}
    ]
    assert (data["undone"], data["messages_sent"], data["kept"]) == (run, 1, [])
