"""rules docs: sentences on the terminal, pages in files."""

from pathlib import Path

from tests.cli.conftest import Cli


def test_sentences_on_the_terminal(cli: Cli) -> None:
    """Phase by phase, each rule with its place; no line is wider than the terminal."""
    outcome = cli("rules", "docs")
    assert outcome.code == 0
    text = " ".join(outcome.out.split())
    assert "network-words (rules.yaml:" in text
    assert "it is assigned to LEAD Network." in text
    assert "- 50% of the target: The owner is sent “nudge”." in text
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_pages_are_written(cli: Cli, tmp_path: Path) -> None:
    """The process with its drawing, and the gallery of messages."""
    outcome = cli("rules", "docs", "--html", "p.html", "--mails", "m.html")
    assert outcome.out == "Written to p.html\nWritten to m.html\n"
    assert "<svg " in (tmp_path / "p.html").read_text()
    assert "has been closed" in (tmp_path / "m.html").read_text()


def test_json_and_a_file_that_cannot_be_written(cli: Cli) -> None:
    """Every sentence for programs; no traceback for a missing folder."""
    data = cli("rules", "docs", "--json").data
    assert data["rules"][0]["id"] == "vip-first"
    outcome = cli("rules", "docs", "--html", "nowhere/p.html")
    assert (outcome.code, "cannot write nowhere/p.html" in outcome.err) == (2, True)
