"""The command ``doctor``, with and without ``--probe``."""

import json

import pytest

from kace_bridge.clock import SystemClock


@pytest.fixture(autouse=True)
def _today(desk, monkeypatch):
    """The appliance's clock is right, and waiting moves it."""
    desk.app.clock.set(SystemClock().now().isoformat())
    monkeypatch.setattr(SystemClock, "sleep", lambda *given: desk.later(seconds=given[1]))


def test_each_line_says_how_it_stands_and_what_to_do(cli):
    """A sound site ends with 0, warnings or not."""
    done = cli("doctor")
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert any(line.startswith("ok       login") for line in lines)
    assert any(line.startswith("warning  reach") for line in lines)
    assert any(line.strip().startswith("-> use a role") for line in lines)
    assert lines[-1].startswith("0 errors, ")
    assert max(map(len, lines)) <= 80


def test_errors_end_with_one(cli, desk):
    """The cure stands below."""
    desk.config["teams"]["css"]["members"] = ["epakr"]
    done = cli("doctor")
    assert done.code == 1
    assert "error    people" in done.out
    assert "Did you mean 'epark'?" in done.out


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        pytest.param("KACE_PASSWORD", "wrong", 77, id="the login is refused"),
        pytest.param("KACE_URL", "http://127.0.0.1:1", 75, id="the appliance is not there"),
        pytest.param("KACE_PASSWORD", None, 78, id="the password is not set"),
    ],
)
def test_the_first_obstacle_gives_the_exit_code(cli, monkeypatch, name, value, code):
    """As for every other command, so that a scheduler can tell them apart."""
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert cli("doctor").code == code
    assert cli("doctor", "--probe").code == code


def test_a_missing_configuration_is_said(cli, desk):
    """Both forms."""
    whole = ["doctor", "--json"]
    desk.config["version"] = 2
    done = cli(*whole)
    assert done.code == 78
    assert not done.data["ok"]


def test_quiet_shows_what_needs_doing(cli):
    """Nothing else."""
    done = cli("-q", "doctor")
    assert done.code == 0
    assert "ok       " not in done.out
    assert "warning  reach" in done.out


def test_json_holds_every_check(cli):
    """One object; counts agree with the checks."""
    data = cli("doctor", "--json").data
    verdicts = [check["verdict"] for check in data["checks"]]
    assert data["ok"] is True
    assert data["errors"] == 0
    assert data["warnings"] == verdicts.count("warning")
    assert set(data["checks"][0]) == {"name", "verdict", "what", "cure"}


def test_the_probe_prints_its_report(cli, desk):
    """Reading only; JSON that can be read before it is sent."""
    before = desk.app.dump()
    done = cli("doctor", "--probe")
    assert done.code == 0, done.err
    assert json.loads(done.out)["report"] == "kace-bridge probe"
    assert desk.app.dump() == before


def test_the_probe_writes_only_where_it_was_told_to(cli, desk):
    """A queue, a yes, a file."""
    done = cli("doctor", "--probe", "--queue", "1", "--yes", "-o", "probe.json")
    assert done.code == 0, done.err
    assert "written to probe.json" in done.out
    report = json.loads((desk.folder / "probe.json").read_text())
    told = {fact["id"]: fact["answer"] for fact in report["facts"]}
    assert told["U7"] is True
    assert [row["status"] for row in desk.app.dump()["tickets"]] == ["Closed"]


def test_writing_wants_a_yes(cli, desk):
    """On a terminal it is asked for, elsewhere it has to be an option."""
    refused = cli("doctor", "--probe", "--queue", "1")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert cli("doctor", "--probe", "--queue", "1", answers="n\n", asks=True).code == 1
    assert desk.app.dump()["tickets"] == []
    agreed = cli("doctor", "--probe", "--queue", "1", answers="y\n", asks=True)
    assert agreed.code == 0
    assert len(desk.app.dump()["tickets"]) == 1


@pytest.mark.parametrize("words", [["--queue", "1"], ["--yes"], ["-o", "x.json"]], ids=str)
def test_options_of_the_probe_need_it(cli, words):
    """A queue named without --probe would do nothing."""
    done = cli("doctor", *words)
    assert done.code == 2
    assert "--probe" in done.err


def test_a_file_that_cannot_be_written_is_named(cli):
    """With what to do."""
    done = cli("doctor", "--probe", "-o", "no/such/folder/probe.json")
    assert done.code == 2
    assert "no/such/folder/probe.json" in done.err
