"""sandbox serve, as a process: it says where it is, serves, and ends when told to."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.cli.conftest import invoke

ROOT = Path(__file__).parents[2]


@contextmanager
def served(*args: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kace_bridge", "sandbox", "serve", *args], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_told_to_stop(number: signal.Signals) -> None:
    """--json gives all a script needs on the first line; both signals end it with 0."""
    with served("--port", "0", "--json", "--tickets", "5") as process:
        data = json.loads(first_line(process))
        assert data.keys() == {"url", "username", "password", "organization", "control"}
        dump = requests.get(f"{data['control']}/dump", timeout=10).json()
        assert len(dump["tickets"]) == 5
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.communicate()[1] == ""


def test_a_fresh_appliance_in_another_zone() -> None:
    """--empty starts without tickets; zone and generation are taken."""
    with served("--port", "0", "--json", "--empty", "--generation", "a",
                "--timezone", "Asia/Tokyo") as process:  # fmt: skip
        control = json.loads(first_line(process))["control"]
        assert requests.get(f"{control}/dump", timeout=10).json()["tickets"] == []


def test_people_are_told_what_to_type() -> None:
    """The lines to export, and what to try next."""
    with served("--port", "0", "--tickets", "2") as process:
        text = first_line(process)
        assert "A practice appliance with 2 tickets runs at http://127.0.0.1:" in text
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(10)]
    assert [line.partition("=")[0] for line in lines if line.startswith("export")] == [
        "export KACE_URL", "export KACE_USERNAME", "export KACE_PASSWORD",
    ]  # fmt: skip
    assert "kace-bridge sync" in lines


def test_a_port_in_use_is_told() -> None:
    """Asked for by number and taken: exit code 2 and the cure."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = invoke("sandbox", "serve", "--port", str(taken.getsockname()[1]))
    assert outcome.code == 2
    assert "--port 0 takes any free one" in outcome.err


def test_a_zone_that_is_none_is_told() -> None:
    """Before anything is served."""
    outcome = invoke("sandbox", "serve", "--timezone", "Mars/Olympus")
    assert outcome.code == 2
    assert "write one like America/New_York" in outcome.err
