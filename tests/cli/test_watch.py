"""watch: one process that goes on through trouble and ends when told to."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import TICKETS, Desk


def test_each_round_is_a_sync(desk: Desk, cli: Cli) -> None:
    """A line of JSON for each; what one learns the next one knows."""
    desk.submit()
    outcome = cli("watch", "--every", "1s", "--times", "2", "--json")
    assert outcome.code == 0
    first, second, *_ = (json.loads(line) for line in outcome.out.splitlines()[:2])
    assert (first["baseline"], second["baseline"]) == (True, False)


def test_quiet_rounds_are_not_told(desk: Desk, cli: Cli) -> None:
    """Only what happened is worth a line."""
    desk.sync()
    assert cli("watch", "--times", "1").out == "Ended.\n"


def test_trouble_is_told_with_the_next_try(desk: Desk, cli: Cli) -> None:
    """And is no end."""
    desk.sync()
    desk.fail("GET", f"{TICKETS}*", times=9, status=503)
    outcome = cli("watch", "--times", "1")
    assert outcome.code == 0
    assert "trying again in 120 s" in outcome.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("watch --every 1bd", "--every '1bd': write seconds", id="working time"),
        pytest.param("watch --every often", "--every: 'often' is not a duration", id="words"),
        pytest.param("--at 2026-03-02 watch", "--at is for one run", id="rehearsal"),
    ],
)
def test_what_cannot_be_watched_is_refused(cli: Cli, args: str, said: str) -> None:
    """Before anything is asked of the appliance."""
    outcome = cli(*args.split())
    assert outcome.code == 2
    assert said in outcome.err


@pytest.fixture
def process(desk: Desk) -> Iterator["subprocess.Popen[str]"]:
    """watch as a process of its own, syncing every second."""
    config = desk.path
    with subprocess.Popen(
        [sys.executable, "-m", "kace_bridge", "-c", str(config), "--state", desk.state,
         "watch", "--every", "1s", "--json"],
        cwd=Path(__file__).parents[2], env=dict(os.environ), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        yield running
        running.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(
    desk: Desk, process: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    """Exit code 0, the run in hand finished, no traceback."""
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["baseline"]
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


@pytest.mark.catalogue("C20")
@pytest.mark.catalogue("C01")
def test_the_last_good_configuration_counts(desk: Desk, process: "subprocess.Popen[str]") -> None:
    """Somebody breaks the file: it is said once, and the syncs go on."""
    assert process.stdout is not None
    process.stdout.readline()
    (desk.folder / "rules.yaml").write_text("version: [\n")
    for _ in range(3):
        line = process.stdout.readline()
        assert line, process.communicate()
        assert json.loads(line)["failed"] == 0
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err.count("going on with the last good one") == 1


def test_a_run_that_hangs_is_cut_off(desk: Desk, process: "subprocess.Popen[str]") -> None:
    """The appliance does not answer: the signal counts all the same, and the store is sound."""
    assert process.stdout is not None
    process.stdout.readline()
    desk.fail("GET", f"{TICKETS}*", times=50, delay_s=12)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=40)
    assert process.returncode == 0
    with desk.bridge() as bridge:
        assert bridge.store.verify() == []
