"""S13, S16, S17: what strangers write in tickets is text wherever it is shown."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, _plain_environment, cli, desk
from tests.support.desk import Desk

__all__ = ["_plain_environment", "cli", "desk"]

ESC = "\x1b"
TERMINAL = [
    f"{ESC}[2J{ESC}[H", f"{ESC}]52;c;Y3VybCBldmlsfHNo\x07", f"{ESC}]8;;https://e.example\x07x",
    f"{ESC}]0;title\x07", f"{ESC}P$q m{ESC}\\", f"{ESC}[31m", f"{ESC}[?1049h", "\x9b2J",
    "\x9d52;c;x\x9c", "\x90q\x9c", "\x07\x08\x0c\x7f", "ok\rFAILED", "a\u202ecod.exe",
    "\u2066x\u2069", "\u200f\u061c", "[bold red]x[/]", "[link=https://e.example]x[/link]",
    "\ufeff\u2028\u2029",
]  # fmt: skip
ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029]"
)
COMMANDS = [
    ["list"], ["show", "1"], ["explain", "1"], ["timeline", "1"],
    ["simulate", "1", "--until", "5bd"], ["handover"], ["report"],
    ["runs", "show", "last"], ["outbox", "list"], ["plan"],
    ["escalate", "1", "--to", "css", "--reason", "x", "--dry-run"],
]  # fmt: skip


@pytest.fixture
def hostile(desk: Desk, cli: Cli) -> Cli:
    """A desk whose one new ticket says every bad thing at once."""
    assert cli("sync").code == 0
    desk.later(minutes=5)
    desk.submit(title="vpn " + "".join(TERMINAL)[:200], summary="".join(TERMINAL))
    assert cli("-q", "sync").code == 0
    desk.edit("jdoe", 1, comment="".join(TERMINAL))
    desk.later(minutes=5)
    assert cli("-q", "sync").code == 0
    return cli


@pytest.mark.catalogue("S13")
def test_no_command_lets_a_ticket_steer_the_terminal(hostile: Cli) -> None:
    """Titles, summaries and comments come out without anything a terminal would act on."""
    for command in COMMANDS:
        said = hostile(*command)
        assert "unexpected error" not in said.err, command
        assert not ACTIVE.findall(said.out + said.err), command
    assert "[bold red]" in hostile("show", "1").out, "the text itself is shown, as it was written"


@pytest.mark.catalogue("S13")
def test_json_says_it_escaped(hostile: Cli) -> None:
    """Machine output carries no raw control character either."""
    for command in ("list", "handover", "report"):
        assert not ACTIVE.findall(hostile(command, "--json").out), command


@pytest.mark.catalogue("S16")
@pytest.mark.parametrize("command", [["report", "--html"], ["rules", "docs", "--html"]])
def test_pages_run_and_load_nothing(hostile: Cli, command: list[str], tmp_path: Path) -> None:
    """Whatever got into one: the page forbids it to run, and asks for nothing from outside."""
    assert hostile(*command, "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<iframe|<object|\son\w+=|(src|href)=[\"']?(https?:|//)", page)


@pytest.mark.catalogue("S16")
def test_formulas_have_no_table_to_run_in() -> None:
    """Nothing here writes CSV or a spreadsheet; a new output of that kind must quote formulas."""
    sources = Path(__file__).parents[2] / "kace_bridge"
    writers = [path for path in sources.rglob("*.py")
               if re.search(r"\bimport (csv|openpyxl|xlsxwriter)\b", path.read_text())]  # fmt: skip
    assert writers == []


@pytest.mark.catalogue("S17")
def test_what_we_write_into_a_ticket_is_text(hostile: Cli, desk: Desk) -> None:
    """Markup in a reason arrives escaped, with our mark in its fixed form, for owners only."""
    bad = "<img src=x onerror=alert(1)> & <b>bold</b>"
    assert hostile("escalate", "1", "--to", "css", "--reason", bad, "--yes").code == 0
    row = [row for row in desk.ticket(1)["changes"] if "onerror" in (row.get("comment") or "")][-1]
    assert "<" not in row["comment"]
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in row["comment"]
    assert row["owners_only"] == 1
    assert re.search(r"\[kb:[0-9a-f]{8}\]", row["comment"])
