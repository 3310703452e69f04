"""Tickets as the appliance has them, without store and rules."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, invoke
from tests.support.desk import Desk

HOSTILE = "\x1b]0;owned\x07\x1b[31mRed\u202e\x9b2J"


def numbers(cli: Cli, *args: str) -> list[int]:
    return [ticket["id"] for ticket in cli("list", "--json", *args).data["tickets"]]


@pytest.fixture
def tickets(desk: Desk) -> Desk:
    """1: opened, adiaz. 2: new, nobody. 3: closed, gcho."""
    desk.submit(title="Mouse broken")
    desk.submit("provost", title="VPN drops")
    desk.submit(title="Printer jam")
    desk.edit("adiaz", 1, "Looking", owner="adiaz", status="Opened")
    desk.edit("gcho", 3, "Done", owner="gcho", status="Closed")
    desk.later(hours=5)
    return desk


@pytest.mark.parametrize(
    ("args", "found"),
    [
        pytest.param("", [1, 2], id="closed ones stay hidden"),
        pytest.param("--all", [1, 2, 3], id="all of them"),
        pytest.param("--state closed", [3], id="a state asked for is shown, closed too"),
        pytest.param("--status closed", [3], id="a status by name, whatever its case"),
        pytest.param("--owner nobody", [2], id="nobody's tickets"),
        pytest.param("--owner adiaz", [1], id="one person's tickets"),
        pytest.param("--team desk", [1], id="a team's tickets"),
        pytest.param("--team network --all", [3], id="filters add up"),
        pytest.param("--queue 1 --limit 1", [1], id="a queue by number, the oldest first"),
        pytest.param("--status Nope,Never", [], id="a name the query language cannot say"),
    ],
)
def test_filters(cli: Cli, tickets: Desk, args: str, found: list[int]) -> None:
    """Each option narrows the list as its help says."""
    assert numbers(cli, *args.split()) == found


def test_filters_hold_when_the_appliance_ignores_them(cli: Cli, tickets: Desk) -> None:
    """What the appliance answers is checked again here."""
    everything = {"Count": 3, "Warnings": [], "Tickets": [
        {"id": number, "hd_queue_id": 1, "title": f"t{number}", "status": {"name": name,
         "state": state}} for number, name, state in
        ((1, "Opened", "opened"), (2, "New", "stalled"), (3, "Closed", "closed"))
    ]}  # fmt: skip
    tickets.fail("GET", "/api/service_desk/tickets", body=everything, status=200)
    assert numbers(cli, "--state", "stalled") == [2]


def test_a_long_list_says_that_there_is_more(cli: Cli, tickets: Desk) -> None:
    """A cut list never looks like a whole one."""
    assert cli("list", "--limit", "1", "--json").data["more"] is True
    assert "--limit 0 shows every one" in cli("list", "--limit", "1").out
    assert "--limit 0" not in cli("list").out


def test_the_table_fits_the_terminal(cli: Cli, tickets: Desk) -> None:
    """80 columns, title cut first; the age is the appliance's."""
    tickets.submit(title="A very long title " * 9)
    lines = cli("list").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["Ticket", "Title", "Status", "Priority", "Owner", "Age"]
    assert lines[1].split()[-3:] == ["adiaz", "5h", "0m"]


def test_json_names_every_field(cli: Cli, tickets: Desk) -> None:
    """The shape scripts rely on."""
    first = cli("list", "--json").data["tickets"][0]
    assert first | {"created": "", "modified": ""} == {
        "id": 1, "title": "Mouse broken", "status": "Opened", "state": "opened",
        "priority": "Medium", "category": first["category"], "owner": "adiaz",
        "submitter": "jdoe", "queue": "The K1000 Service Desk", "created": "", "modified": "",
    }  # fmt: skip
    assert first["created"] == "2026-03-02T09:00:00-05:00"


def test_an_empty_list_says_so(cli: Cli) -> None:
    """Nothing found is told in words, and is no failure."""
    outcome = cli("list")
    assert outcome.code == 0
    assert "No such tickets" in outcome.out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        pytest.param("list --team dsk", 2, "no team 'dsk'. Did you mean 'desk'?", id="team"),
        pytest.param("list --queue Nope", 1, "no queue is named 'Nope'; queues:", id="queue"),
        pytest.param("show 99", 1, "no ticket 99", id="ticket"),
    ],
)
def test_unknown_names(cli: Cli, args: str, code: int, said: str) -> None:
    """What is not there is named, with what there is."""
    outcome = cli(*args.split())
    assert outcome.code == code
    assert said in outcome.err


def test_broken_rules_do_not_hide_tickets(cli: Cli, tickets: Desk) -> None:
    """list and show need the account alone; mistakes elsewhere do not stop them."""
    tickets.config["route"] = [{"id": "nonsense", "then": {"fly": True}}]
    assert numbers(cli) == [1, 2]
    assert cli("show", "1").code == 0


def test_nothing_is_stored(cli: Cli, tickets: Desk, tmp_path: Path) -> None:
    """Looking leaves no database behind."""
    cli("list")
    cli("show", "1")
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("args", [["list"], ["show", "1"]])
def test_looking_loads_neither_store_nor_rules(tickets: Desk, args: list[str]) -> None:
    """The quick commands stay quick: no database, no templates, no models, no repeating."""
    heavy = ("sqlite3", "jinja2", "rich", "pydantic", "holidays", "tenacity", "concurrent.futures",
             "kace_bridge.sma.ahead",
             "kace_bridge.config.syntax", "kace_bridge.state.store", "kace_bridge.rules.template",
             "kace_bridge.sync.wire", "kace_bridge.sma.endpoints.inventory",
             "kace_bridge.sma.endpoints.organizations", "kace_bridge.sma.names")  # fmt: skip
    code = (
        "import sys; from kace_bridge.cli.program import program;"
        f"code = program.main(['-c', {str(tickets.path)!r}, *{args!r}], standalone_mode=False);"
        f"print(code, [m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


@pytest.mark.parametrize("number", ["1", "#1", "TICK:1", "[TICK:1]", "tick:1"])
def test_show_takes_numbers_as_people_copy_them(cli: Cli, tickets: Desk, number: str) -> None:
    """From a mail's subject, a page or by heart."""
    assert cli("show", number, "--json").data["id"] == 1


def test_show_tells_the_whole_story(cli: Cli, tickets: Desk) -> None:
    """Fields, people and the history in order."""
    text = cli("show", "1").out
    assert text.startswith("#1 Mouse broken\n")
    assert "owner      Adiaz (adiaz)" in text
    assert "(5h 0m ago)" in text
    assert text.index("Ticket Created") < text.index("Looking")
    history = cli("show", "1", "--json").data["history"]
    assert [row["author"] for row in history] == ["jdoe", "adiaz"]
    assert history[1]["comment"] == "Looking"


def test_hostile_text_cannot_steer_the_terminal(cli: Cli, desk: Desk) -> None:
    """Escape sequences and direction marks in tickets never reach the screen or the JSON raw."""
    desk.submit(title=f"{HOSTILE} mouse", summary=f"<p>{HOSTILE} broken</p>")
    desk.edit("jdoe", 1, f"{HOSTILE} hurry")
    for args in (["list"], ["show", "1"], ["list", "--json"], ["show", "1", "--json"]):
        out = cli(*args).out
        assert "mouse" in out
        assert not set(out) & set("\x1b\x07\u202e\x9b")


def test_looking_needs_no_rules_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account of the environment is enough, in an empty folder, and nothing is left there."""
    desk.submit(title="Mouse broken")
    for name, value in desk.environ.items():
        monkeypatch.setenv(name, value)
    folder = desk.folder / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert "Mouse broken" in invoke("list").out
    assert "Mouse broken" in invoke("show", "1").out
    assert list(folder.iterdir()) == []


def test_writing_needs_the_rules_of_the_site(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to name them: the submitter's mails depend on them."""
    for name, value in desk.environ.items():
        monkeypatch.setenv(name, value)
    outcome = invoke("close", "1", "--resolution", "x", "--yes")
    assert (outcome.code, "KACE_BRIDGE_CONFIG" in outcome.err) == (78, True)
