"""report: the desk in figures."""

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def week(desk: Desk, cli: Cli) -> Desk:
    """1 closed on the first call at a terminal, 2 nudged and late, 3 logged and closed at once."""
    desk.sync()
    desk.submit(title="Mouse broken")
    desk.submit(title="Printer jam")
    desk.sync()
    desk.later(minutes=30)
    cli("close", "1", "--resolution", "New batteries.", "--as", "adiaz")
    cli("submit", "--for", "jdoe", "--title", "Password", "--close-with", "Reset.", "--as", "bkim")
    for _ in range(4):
        desk.later(hours=12)
        desk.sync()
    return desk


def test_the_figures_of_a_week(cli: Cli, week: Desk) -> None:
    """First-call closures counted and shown, escalations per level, load per engineer."""
    out = cli("report").out
    assert "67%  first answer in time (2 of 3" in out
    assert "100%  closed on the first call (2 of 2)" in out
    assert "Closed on the first call: #1, #3" in out
    assert "no-first-answer  50%" in out
    assert "adiaz" in out
    assert max(map(len, out.splitlines())) <= 80


def test_json_has_every_figure(cli: Cli, week: Desk) -> None:
    """The shape programs rely on."""
    data = cli("report", "--json").data
    assert data["first_call"] == {"tickets": [1, 3], "share": 1.0}
    assert {e["user"]: e["closed"] for e in data["engineers"]} | {"dlee": 0} == {
        "adiaz": 1, "bkim": 1, "dlee": 0,
    }  # fmt: skip
    assert data["messages"]["receipt"] == 3
    assert len(data["days"]) >= 30


def test_the_page_is_one_file(cli: Cli, week: Desk, tmp_path: Path) -> None:
    """With charts in it, and nothing to load."""
    outcome = cli("report", "--html", "desk.html", "--from", "2026-03-01", "--to", "2026-03-07")
    assert outcome.code == 0
    page = (tmp_path / "desk.html").read_text()
    assert page.count("<svg") == 1
    assert "http:" not in page
    assert "https:" not in page
    assert "100%" in page


def test_a_period_that_ends_before_it_begins(cli: Cli) -> None:
    """Is told."""
    outcome = cli("report", "--from", "2026-03-05", "--to", "2026-03-01")
    assert outcome.code == 2
    assert "--from is not before --to" in outcome.err
