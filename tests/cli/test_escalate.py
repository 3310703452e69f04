"""escalate: a person hands tickets on, with a reason, once."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

WHY = ("--reason", "asked by phone", "--as", "bkim")


@pytest.fixture(autouse=True)
def _ticket(desk: Desk) -> None:
    desk.submit(title="Mouse broken")


def test_a_ticket_goes_to_a_team(desk: Desk, cli: Cli) -> None:
    """Owner set by the team's strategy, comment on the ticket, before and after on the screen."""
    outcome = cli("escalate", "1", "--to", "network", *WHY)
    assert outcome.code == 0
    assert "#1 applied  owner: nobody -> gcho" in outcome.out
    assert desk.owner(1) == "gcho"
    comments = [row.get("comment") or "" for row in desk.ticket(1)["changes"]]
    assert any("by bkim: asked by phone" in comment for comment in comments)


def test_json_tells_each_ticket(cli: Cli) -> None:
    """One object with one result per ticket; a missing one fails alone."""
    outcome = cli("escalate", "1", "#77", "--to", "gcho", *WHY, "--json")
    assert outcome.code == 1
    first, second = outcome.data["results"]
    assert (first["ticket"], first["state"], first["after"]) == (1, "applied", {"owner": "gcho"})
    assert (second["ticket"], second["state"]) == (77, "failed")
    assert "no ticket 77" in second["reason"]


def test_a_rehearsal_writes_nothing(desk: Desk, cli: Cli) -> None:
    """--dry-run shows the change and leaves ticket and store alone."""
    outcome = cli("escalate", "1", "--to", "network", *WHY, "--dry-run")
    assert outcome.code == 0
    assert "#1 planned  owner: nobody -> gcho" in outcome.out
    assert desk.owner(1) is None


def test_a_missing_reason_is_an_error_for_scripts(desk: Desk, cli: Cli) -> None:
    """Nobody is there to ask, so it says what to add."""
    outcome = cli("escalate", "1", "--to", "network")
    assert outcome.code == 2
    assert "--reason is missing: say why" in outcome.err
    assert desk.owner(1) is None


def test_a_blank_reason_is_no_reason(cli: Cli) -> None:
    """Somebody will read it later."""
    assert cli("escalate", "1", "--to", "network", "--reason", "  ").code == 2


def test_a_person_is_asked_and_may_say_no(desk: Desk, cli: Cli) -> None:
    """On a terminal: the reason is asked for, the change shown, the word awaited."""
    outcome = cli("escalate", "1", "--to", "network", answers="phone\nn\n", asks=True)
    assert outcome.code == 1
    assert "#1 planned  owner: nobody -> gcho" in outcome.out
    assert "nothing was done" in outcome.err
    assert desk.owner(1) is None


def test_a_person_who_agrees_gets_it_done(desk: Desk, cli: Cli) -> None:
    """Yes means done."""
    outcome = cli("escalate", "1", "--to", "network", answers="phone\ny\n", asks=True)
    assert outcome.code == 0
    assert desk.owner(1) == "gcho"


def test_yes_does_not_ask(desk: Desk, cli: Cli) -> None:
    """For hands that know what they do."""
    assert cli("escalate", "1", "--to", "network", *WHY, "--yes", asks=True).code == 0
    assert desk.owner(1) == "gcho"


def test_a_name_nobody_has_is_told(cli: Cli) -> None:
    """With the teams there are."""
    outcome = cli("escalate", "1", "--to", "netwrk", *WHY)
    assert outcome.code == 2
    assert "'netwrk' is neither a team nor a user" in outcome.err
    assert "network" in outcome.err
