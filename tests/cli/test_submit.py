"""submit: one line for a call."""

from tests.cli.conftest import Cli
from tests.support.desk import Desk

LINE = ("submit", "--for", "jdoe", "--as", "bkim", "--title", "Projector dark")


def test_the_number_is_printed(desk: Desk, cli: Cli) -> None:
    """First, so that it can be read out at the phone."""
    outcome = cli(*LINE)
    assert outcome.code == 0
    assert outcome.out.startswith("#1 logged  title: Projector dark  submitter: jdoe")
    assert "/adminui/ticket.php?ID=1" in outcome.out
    assert desk.ticket(1)["submitter"] == "jdoe"


def test_json_and_rehearsal(desk: Desk, cli: Cli) -> None:
    """One object; --dry-run makes nothing."""
    assert cli(*LINE, "--dry-run", "--json").data["ticket"] is None
    data = cli(*LINE, "--close-with", "Plugged it in.", "--json").data
    assert (data["ticket"], data["closed"]["state"], data["found"]) == (1, "applied", False)
    assert desk.ticket(1)["status"] == "Closed"


def test_a_title_is_asked_for(cli: Cli) -> None:
    """On a terminal; a script is told."""
    assert cli("submit", "--as", "bkim", answers="VPN drops\n", asks=True).code == 0
    outcome = cli("submit", "--as", "bkim")
    assert outcome.code == 2
    assert "--title is missing" in outcome.err
