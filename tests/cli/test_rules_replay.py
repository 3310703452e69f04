"""rules replay: what it prints and exits with."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def past(desk: Desk, cli: Cli) -> Desk:
    """A day: one ticket nobody answered, one for the network, closed."""
    cli("sync")
    desk.later(minutes=1)
    desk.submit()
    desk.submit(title="No vpn")
    cli("sync")
    desk.later(hours=1)
    desk.edit("gcho", 2, "Done", status=2)
    cli("sync")
    desk.later(hours=25)
    cli("sync")
    return desk


DAYS = ("--from", "2026-03-02", "--to", "2026-03-04")


def test_the_same_rules_change_nothing(past: Desk, cli: Cli) -> None:
    """A summary in four lines."""
    outcome = cli("rules", "replay", *DAYS)
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        (
            "2 tickets came in from 2026-03-02 00:00 to 2026-03-04 00:00: 2 would have gone to the"
            " same person, 0 to another of the same team, 0 elsewhere."
        ),
        "Clock respond: 1 breach in truth, 0 saved, 0 caused; 1 would have been announced before.",
        "5 messages would have been sent: receipt 2, closed 1, escalated 1, nudge 1.",
        "Rules: no-first-answer 2, receipt 2, closed-mail 1, everything-else 1, network-words 1.",
    ]


def test_who_would_have_got_what(past: Desk, cli: Cli) -> None:
    """A row for each ticket that would have gone to another team."""
    past.config["route"] = past.config["route"][1:]
    outcome = cli("rules", "replay", *DAYS)
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["Ticket", "Really", "Now", "Rule", "Title"]
    assert lines[1].split() == ["#2", "gcho", "bkim", "everything-else", "No", "vpn"]
    data = cli("rules", "replay", *DAYS, "--json").data
    assert [ticket["change"] for ticket in data["tickets"]] == ["same", "other"]
    assert data["breaches"][0]["clock"] == "respond"
    assert data["messages"]["receipt"] == 2


def test_an_empty_time_and_days_that_are_none(past: Desk, cli: Cli) -> None:
    """Nothing to report is said; slips are usage errors."""
    out = cli("rules", "replay", "--from", "2025-01-01", "--to", "2025-02-01").out
    assert out.startswith("No ticket whose creation was seen came in from 2025-01-01 00:00")
    assert cli("rules", "replay", "--from", "soon").code == 2
    assert (
        "--from is not before --to"
        in cli("rules", "replay", "--from", "2026-03-05", "--to", "2026-03-01").err
    )
