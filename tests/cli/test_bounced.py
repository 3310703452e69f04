"""A ticket that teams keep handing on, as engineers and leads see it."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

TOLD = "moved between teams 3 times since 2026-03-02"


@pytest.fixture
def bounced(desk: Desk, cli: Cli) -> Desk:
    """Ticket 1, handed from team to team three times at a terminal."""
    desk.config["bounced"] = {"moves": 3, "within": "10bd"}
    desk.config["notify"].append(
        {"id": "stuck", "event": "bounced",
         "then": {"notify": {"to": ["lead"], "template": "bounced"}}}
    )  # fmt: skip
    desk.sync()
    desk.submit(title="It is slow")
    desk.sync()
    for person, team in (("adiaz", "css"), ("dlee", "desk"), ("adiaz", "network")):
        desk.later(minutes=10)
        cli("assign", "1", "--to", team, "--reason", "not ours", "--as", person)
        desk.sync()
    desk.later(minutes=10)
    return desk


@pytest.mark.parametrize("command", ["show", "timeline"])
def test_the_card_says_that_rules_leave_it(cli: Cli, bounced: Desk, command: str) -> None:
    """How often, since when, with whom, and the way it went, within 80 columns."""
    out = cli(command, "1").out
    assert TOLD in " ".join(out.split())
    assert "desk -> LEAD Network)" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    assert TOLD in cli(command, "1", "--json").data["standing"][0]


def test_the_next_shift_is_told(cli: Cli, bounced: Desk) -> None:
    """In a section of its own."""
    (item,) = cli("handover", "--json").data["bounced"]
    assert item["ticket"] == 1
    assert item["what"].startswith("3 moves: desk -> Client Service Specialists -> desk")
    assert "Handed on too often (1)" in cli("handover").out


def test_it_is_counted(cli: Cli, bounced: Desk) -> None:
    """With the numbers of the tickets."""
    assert cli("report", "--json").data["bounced"] == [1]
    assert "handed on too often: #1" in cli("report").out


def test_the_lead_has_one_mail(bounced: Desk) -> None:
    """Sent with the command that made the third move, not again by the sync after it."""
    told = [to for to, subject in bounced.mails if "Nobody keeps it" in subject]
    assert told == ["gcho@example.org"]


def test_explain_says_why_routing_did_nothing(cli: Cli, bounced: Desk) -> None:
    """The rule that would have moved it, and what kept it."""
    bounced.config["route"].insert(
        0, {"id": "by-category", "event": {"changed": "category"}, "hands_off": False,
            "then": {"assign": {"team": "css"}}}
    )  # fmt: skip
    bounced.edit("gcho", 1, "Wrong category", category="Hardware")
    bounced.sync()
    assert TOLD in " ".join(cli("explain", "1", "--rule", "by-category").out.split())
