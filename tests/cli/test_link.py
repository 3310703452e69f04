"""link: these are part of that one."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def outage(desk: Desk) -> Desk:
    """Three tickets a sync has seen, and a field for parents."""
    desk.config["parent"] = "custom_4"
    desk.sync()
    for title in ("Gateway down", "No way out", "No VPN"):
        desk.submit(title=title)
    desk.sync()
    return desk


def test_linked_tickets_wait_and_say_so(cli: Cli, outage: Desk) -> None:
    """Before -> after, the reason on the ticket, and both cards tell it after the next sync."""
    out = cli("link", "2", "3", "--to", "1", "--reason", "same gateway", "--as", "adiaz").out
    assert "#2 applied  custom_4: none -> 1" in out
    assert "Belongs to ticket 1, says adiaz: same gateway" in out
    outage.sync()
    assert "Escalation waits: ticket 1, which it belongs to, is open." in cli("show", "2").out
    assert "Parent of 2 tickets, 2 open: #2, #3." in cli("show", "1").out
    assert cli("handover", "--json").data["outage"][0]["what"] == "2 open children"


def test_a_link_can_be_taken_away(cli: Cli, outage: Desk) -> None:
    """And the ticket escalates like any other again."""
    cli("link", "2", "--to", "1", "--as", "adiaz")
    out = cli("link", "2", "--none", "--as", "adiaz").out
    assert "custom_4: 1 -> none" in out
    outage.sync()
    assert "Escalation waits" not in cli("show", "2").out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("2", "say --to ID", id="neither"),
        pytest.param("2 --to 1 --none", "say --to ID", id="both"),
        pytest.param("2 --to 99", "--to: ", id="no such parent"),
    ],
)
def test_mistakes_are_told(cli: Cli, outage: Desk, args: str, said: str) -> None:
    """Nothing is written."""
    outcome = cli("link", *args.split())
    assert (outcome.code, said in outcome.err) == (2, True)


def test_families_are_one_level_deep(cli: Cli, outage: Desk) -> None:
    """A child is no parent, a parent no child, and nobody belongs to themselves."""
    cli("link", "2", "--to", "1", "--as", "adiaz")
    outage.sync()
    assert "belongs to ticket 1 itself" in cli("link", "3", "--to", "2").err
    assert "has children itself" in cli("link", "1", "--to", "3").out
    assert "cannot belong to itself" in cli("link", "1", "--to", "1").out


def test_without_a_field_it_says_what_to_add(cli: Cli, desk: Desk) -> None:
    """The appliance's own link of tickets is not proved in its API."""
    assert "add 'parent: custom_4'" in cli("link", "2", "--to", "1").err
