"""rules stats and rules schema: what they print and exit with."""

import json

from tests.cli.conftest import Cli
from tests.support.desk import Desk


def test_the_table_and_what_is_the_matter(desk: Desk, cli: Cli) -> None:
    """One row per rule; dead wood and reviews in sentences below."""
    desk.config["notify"][1]["review_by"] = "2026-01-31"
    cli("sync")
    desk.later(minutes=1)
    desk.submit()
    cli("sync")
    outcome = cli("--at", "2026-03-05T09:00", "rules", "stats")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].split() == ["Rule", "Phase", "Matched", "Trial", "Tickets", "Last", "Remark"]
    receipt = next(line for line in lines if line.startswith("receipt "))
    assert receipt.split()[:4] == ["receipt", "notify", "1", "-"]
    assert "Never used in 90 days: vip-first, network-words, no-first-answer, closed-mail" in (
        outcome.out
    )
    assert "Overdue for review since 2026-01-31: closed-mail." in lines


def test_a_trial_is_told_in_a_sentence_of_its_own(desk: Desk, cli: Cli) -> None:
    """How often people agreed stands below the table, whole on a narrow terminal."""
    desk.config["route"][0]["mode"] = "shadow"
    desk.config["route"] = desk.config["route"][:1]
    cli("sync")
    ticket = desk.submit(title="vpn")
    cli("sync")
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, owner="gcho")
    cli("sync")
    outcome = cli("--at", "2026-03-05T09:00", "rules", "stats")
    assert "On trial: network-words, people agreed in 100% of 1 case.\n" in outcome.out


def test_online_asks_the_appliance_who_is_there(desk: Desk, cli: Cli) -> None:
    """Somebody the rules name and nobody knows is named with the place."""
    desk.config["teams"]["desk"]["members"].append("nobody1")
    cli("runs", "list")
    outcome = cli("rules", "stats", "--online")
    assert "nobody1 is not known to the appliance: named in team desk.\n" in outcome.out
    data = cli("rules", "stats", "--online", "--json").data
    assert data["people_gone"] == [{"user": "nobody1", "why": "unknown", "named_in": ["team desk"]}]
    assert data["rules"][0]["never_used"] is True


def test_the_schema_is_printed(cli: Cli) -> None:
    """Indented for a file, on one line for programs; the same either way."""
    whole = cli("rules", "schema")
    assert whole.code == 0
    assert json.loads(whole.out) == cli("rules", "schema", "--json").data
    assert json.loads(whole.out)["$schema"].startswith("https://json-schema.org/")
