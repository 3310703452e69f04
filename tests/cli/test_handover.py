"""handover: a page for whoever comes next."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """1 re-opened, 2 asked, 3 due in the morning; nobody present for 3."""
    desk.config["clocks"]["silent"] = {
        "calendar": "office", "start": {"status": ["Need More Info"]}, "stop": "submitter_reply",
    }  # fmt: skip
    desk.sync()
    for title in ("Mouse [broken](http://evil)", "Printer jam"):
        desk.submit(title=title)
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", 1, "Done", status="Closed")
    desk.sync()
    desk.later(minutes=5)
    desk.edit("jdoe", 1, "dark again", status="Reopened")
    desk.edit("bkim", 2, "Which room?", status="Need More Info")
    desk.sync()
    desk.later(hours=5)
    desk.submit(title="A very long title " * 8)
    desk.sync()
    desk.later(hours=2, minutes=40)
    return desk


def test_each_section_names_its_tickets(cli: Cli, evening: Desk) -> None:
    """Due, re-opened, silent; no line longer than 80 columns."""
    out = cli("handover").out
    assert "3 open tickets, as of the sync of Mon 02 Mar 14:10" in out
    assert "Re-opened (1)" in out
    assert "re-opened once: dark again" in out
    assert "Waiting for the submitter (1)" in out
    assert max(map(len, out.splitlines())) <= 80


def test_json_and_team(cli: Cli, evening: Desk) -> None:
    """A list per section; a team sees its own and what nobody has."""
    data = cli("handover", "--json").data
    assert [item["ticket"] for item in data["reopened"]] == [1]
    assert [item["ticket"] for item in data["silent"]] == [2]
    assert cli("handover", "--team", "network", "--json").data["open"] == 0


def test_markdown_is_inert(cli: Cli, evening: Desk) -> None:
    """A title cannot smuggle in a link."""
    out = cli("handover", "--markdown").out
    assert "## Re-opened" in out
    assert r"Mouse \[broken\]\(http://evil\)" in out
    assert "- [#1](http" in out


def test_before_the_first_sync_it_says_so(cli: Cli) -> None:
    """And is no failure."""
    outcome = cli("handover")
    assert outcome.code == 0
    assert "No sync yet" in outcome.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("--team desc", "no team 'desc'; teams: css, desk, network", id="team"),
        pytest.param("--within soon", "--within: 'soon' is not a duration", id="within"),
    ],
)
def test_mistakes_are_told(cli: Cli, args: str, said: str) -> None:
    """With what there is."""
    outcome = cli("handover", *args.split())
    assert outcome.code == 2
    assert said in outcome.err
