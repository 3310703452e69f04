"""assign, take, ask, note, close, reopen: short verbs on one ticket or several."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

AS = ("--as", "bkim")


@pytest.fixture(autouse=True)
def _tickets(desk: Desk) -> None:
    desk.submit(title="Mouse broken")
    desk.submit(title="Printer jam")


def test_a_change_is_told_as_before_and_after(desk: Desk, cli: Cli) -> None:
    """With the comment, who is told, and where to look, within 80 columns."""
    outcome = cli("assign", "1", "--to", "cwong", "--reason", "knows mice", *AS)
    assert outcome.code == 0
    assert "#1 applied  owner: nobody -> cwong" in outcome.out
    assert "comment: Assigned to Cwong by bkim: knows mice" in outcome.out
    assert "/adminui/ticket.php?ID=1" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("assign 1 --to bkim", "--reason is missing", id="assign"),
        pytest.param("ask 1", "--text is missing", id="ask"),
        pytest.param("note 1 --text=", "--text is missing", id="a blank note"),
        pytest.param("close 1", "--resolution is missing", id="close"),
        pytest.param("reopen 1", "--note is missing", id="reopen"),
    ],
)
def test_what_is_missing_is_named_for_scripts(cli: Cli, args: str, said: str) -> None:
    """Nobody is there to answer: the option is named, with an example."""
    outcome = cli(*args.split(), *AS)
    assert outcome.code == 2
    assert said in outcome.err
    assert "for example" in outcome.err


def test_on_a_terminal_it_is_asked_for(desk: Desk, cli: Cli) -> None:
    """One ticket's note needs no second question."""
    outcome = cli("note", "1", *AS, answers="caller rang again\n", asks=True)
    assert outcome.code == 0
    assert "comment: Note by bkim: caller rang again" in outcome.out


def test_closing_shows_the_change_and_waits(desk: Desk, cli: Cli) -> None:
    """No means no."""
    outcome = cli("close", "1", "--resolution", "New one.", *AS, answers="n\n", asks=True)
    assert outcome.code == 1
    assert "#1 planned  status: New -> Closed  resolution: none -> New one." in outcome.out
    assert desk.ticket(1)["status"] == "New"


def test_several_tickets_wait_for_a_word_unless_yes(desk: Desk, cli: Cli) -> None:
    """A slip of the keyboard on many tickets is expensive."""
    assert cli("take", "1", "2", *AS, answers="n\n", asks=True).code == 1
    assert (desk.owner(1), desk.owner(2)) == (None, None)
    assert cli("take", "1", "2", "--yes", *AS, asks=True).code == 0
    assert (desk.owner(1), desk.owner(2)) == ("bkim", "bkim")


def test_json_has_one_result_per_ticket(cli: Cli) -> None:
    """With the address of the page; a missing ticket fails alone."""
    outcome = cli("take", "1", "77", *AS, "--json")
    assert outcome.code == 1
    first, second = outcome.data["results"]
    assert (first["state"], second["state"]) == ("applied", "failed")
    assert first["url"].endswith("/adminui/ticket.php?ID=1")
    assert set(first) == {"ticket", "state", "before", "after", "comment", "public", "reason",
                          "messages", "url"}  # fmt: skip


def test_a_rehearsal_writes_nothing(desk: Desk, cli: Cli) -> None:
    """--dry-run shows the same lines."""
    outcome = cli("close", "1", "--resolution", "New one.", *AS, "--dry-run")
    assert outcome.code == 0
    assert "#1 planned" in outcome.out
    assert desk.ticket(1)["status"] == "New"


def test_close_and_reopen(desk: Desk, cli: Cli) -> None:
    """And both are on the ticket with a name."""
    assert cli("close", "1", "--resolution", "New one.", *AS).code == 0
    outcome = cli("reopen", "1", "--note", "dark again", *AS)
    assert "#1 applied  status: Closed -> Reopened" in outcome.out
    comments = [row.get("comment") or "" for row in desk.ticket(1)["changes"]]
    assert any("Re-opened by bkim: dark again" in comment for comment in comments)


def test_who_asks_must_be_somebody_where_it_matters(cli: Cli) -> None:
    """take as nobody the appliance knows."""
    outcome = cli("take", "1", "--as", "nobody-here")
    assert outcome.code == 2
    assert "add --as with your login name" in outcome.err


def test_hostile_values_cannot_steer_the_terminal(desk: Desk, cli: Cli) -> None:
    """An old resolution is shown cleaned."""
    desk.edit("adiaz", 1, status="Closed", resolution="\x1b]0;owned\x07old\u202e")
    desk.edit("adiaz", 1, status="Opened")
    outcome = cli("close", "1", "--resolution", "New.", *AS)
    assert "old -> New." in outcome.out
    assert not set(outcome.out) & set("\x1b\x07\u202e")


def test_escalate_tells_several(desk: Desk, cli: Cli) -> None:
    """--to again and again: the first becomes owner."""
    args = ("--to", "network", "--to", "css", "--reason", "fire", *AS)
    outcome = cli("escalate", "1", *args)
    assert "owner: nobody -> gcho" in outcome.out
    assert "message: escalated to Dlee <dlee@example.org>" in outcome.out
