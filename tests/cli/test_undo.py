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


@pytest.fixture
def large(desk: Desk, cli: Cli) -> str:
    """A run that changed three tickets, before somebody lowered the limit to two."""
    assert cli("sync").code == 0
    desk.later(minutes=1)
    for _ in range(3):
        desk.submit(title="VPN drops")
    run = str(cli("sync", "--json").data["run"])
    desk.config["limits"] = {"changes_per_run": 2}
    return run


def owners(desk: Desk) -> list[str | None]:
    return [desk.owner(ticket) for ticket in (1, 2, 3)]


@pytest.mark.parametrize("flags", [(), ("--yes",), ("--yes", "--up-to", "2")])
def test_a_script_cannot_undo_more_than_the_limit_by_mistake(
    large: str, desk: Desk, cli: Cli, flags: tuple[str, ...]
) -> None:
    """One line names the number and the flag; nothing is written, no run is on record."""
    outcome = cli("undo", large, *flags)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (4, "", 1)
    assert "is over the limits (3 tickets to change, the limit is 2)" in outcome.err
    assert "add --up-to 3" in outcome.err
    assert owners(desk) == ["gcho"] * 3


def test_a_script_that_names_the_number_may(large: str, desk: Desk, cli: Cli) -> None:
    """So many and no more."""
    assert cli("undo", large, "--yes", "--up-to", "3").code == 0
    assert owners(desk) == [None] * 3


@pytest.mark.parametrize(
    ("answer", "owner"), [("3\n", None), ("y\n", "gcho"), ("\n", "gcho"), ("2\n", "gcho")]
)
def test_a_person_types_the_number(
    large: str, desk: Desk, cli: Cli, answer: str, owner: str | None
) -> None:
    """A yes given without looking is not enough."""
    outcome = cli("undo", large, answers=answer, asks=True)
    assert "3 tickets to change, the limit is 2. Type 3 to undo this" in outcome.out
    assert owners(desk) == [owner] * 3
    assert outcome.code == (0 if owner is None else 1)


def test_a_rehearsal_is_not_limited(large: str, cli: Cli) -> None:
    """It is how one looks before naming the number."""
    assert "3 fields on 3 tickets would be put back" in cli("undo", large, "--dry-run").out


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"changes_per_rule": 5}, "rule network-words to change 6 tickets, the limit is 5"),
        ({"share_of_open": 0.5}, "6 tickets to change of 6 open, the limit is 5 (50%)"),
    ],
)
def test_every_limit_on_tickets_asks_for_the_number(
    desk: Desk, cli: Cli, limit: dict[str, float], said: str
) -> None:
    """Not the one on all of a run's changes alone; up to its limit a word is enough."""
    cli("sync")
    desk.later(minutes=1)
    for _ in range(6):
        desk.submit(title="VPN drops")
    run = str(cli("sync", "--json").data["run"])
    desk.config["limits"] = limit
    assert cli("undo", run, "--dry-run", "--json").data["over_limits"] == [said]
    refused = cli("undo", run, "--yes")
    assert (refused.code, f"({said})" in refused.err) == (4, True)
    typed = cli("undo", run, answers="y\n", asks=True)
    assert (typed.code, f"{said}. Type 6 to undo this" in typed.out) == (1, True)
    assert desk.owner(6) == "gcho"
    assert cli("undo", run, "--yes", "--up-to", "6").code == 0
    assert desk.owner(6) is None
