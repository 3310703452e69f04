"""A sync killed without warning: the ones after it end with exactly one effect per ticket."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kace_bridge.clock import SystemClock
from kace_bridge.sandbox import Reply, Request, serve
from kace_bridge.sync.cycle import sync
from tests.support.desk import TICKETS, Desk

ROOT = Path(__file__).parents[2]
COUNT = 60


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Desk]:
    """A site over HTTP on loopback, known and idle; writes settle after a second."""
    desk = Desk(tmp_path)
    with serve(desk.app) as server:
        desk.environ["KACE_URL"] = server.url
        desk.config["appliance"] |= {"settle": "1s", "request_timeout": "1s"}
        desk.config["channels"]["mail"]["path"] = str(tmp_path / "mail")
        assert desk.sync().baseline
        yield desk


def start(desk: Desk) -> subprocess.Popen[str]:
    """A sync of its own process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.one_sync", str(desk.path), desk.state],
        cwd=ROOT, env=os.environ | desk.environ, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def at_request(desk: Desk, wanted: Callable[[Request], bool], nth: int, do: Callable) -> None:
    """Do something once the *nth* wanted request has been carried out, before it is answered."""
    answer, lock, seen = desk.app.handle, threading.Lock(), 0

    def meddle(asked: Request) -> Reply:
        nonlocal seen
        reply = answer(asked)
        if wanted(asked):
            with lock:
                seen += 1
                if seen == nth:
                    do()
        return reply

    desk.app.handle = meddle  # type: ignore[method-assign]


def is_write(asked: Request) -> bool:
    return asked.method == "PUT"


def is_list(asked: Request) -> bool:
    return asked.method == "GET" and asked.path == TICKETS


def until_idle(desk: Desk) -> None:
    """Syncs, moving this machine's clock over the settle window, until nothing is left to do."""
    for _ in range(8):
        # The killed process counted its windows on the real clock.
        desk.clock.at = max(desk.clock.at, SystemClock().now())
        with desk.bridge() as bridge:
            report = sync(bridge)
        if not (report.applied or report.waiting or report.unknown or report.sent):
            return
        desk.clock.sleep(5)
    raise AssertionError("the desk does not come to rest")


@pytest.mark.catalogue("B01")
@pytest.mark.parametrize(
    ("wanted", "nth"),
    [
        pytest.param(is_list, 2, id="decided, nothing written"),
        pytest.param(is_write, 1, id="the first write on the wire"),
        pytest.param(is_write, 17, id="in the middle of the first portion"),
        pytest.param(is_write, 50, id="a portion written, none of it read back"),
        pytest.param(is_write, 60, id="the last write on the wire"),
    ],
)
def test_a_killed_sync_leaves_exactly_one_effect_per_ticket(served: Desk, wanted, nth: int):
    """60 tickets, kill -9: afterwards one owner change, one mark and one receipt each."""
    tickets = [served.submit(title=f"Mouse {number}") for number in range(COUNT)]
    running: list[subprocess.Popen[str]] = []
    at_request(served, wanted, nth, lambda: os.kill(running[0].pid, signal.SIGKILL))
    running.append(start(served))
    process = running[0]
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    until_idle(served)
    assert [served.owner_changes(ticket) for ticket in tickets] == [1] * COUNT
    assert [len(served.marks(ticket)) for ticket in tickets] == [1] * COUNT
    assert sorted(subject for _, subject in served.mails) == sorted(
        f"[TICK:{ticket}] We have your request: Mouse {number}"
        for number, ticket in enumerate(tickets)
    )
    with served.bridge() as bridge:
        assert bridge.store.verify() == []
        states = {effect.state for effect in bridge.store.effects()}
    assert states == {"applied"}


@pytest.mark.catalogue("B24")
@pytest.mark.catalogue("B11")
def test_two_syncs_at_once_do_the_work_of_one(served: Desk):
    """The second one stops at once with 75, naming the process that works."""
    ticket = served.submit()
    second: list[subprocess.Popen[str]] = []

    def compete() -> None:
        rival = start(served)
        second.append(rival)
        rival.wait(timeout=60)

    at_request(served, is_list, 1, compete)
    first = start(served)
    output, _ = first.communicate(timeout=60)
    refused, _ = second[0].communicate(timeout=60)
    assert (first.returncode, json.loads(output)["applied"]) == (0, 1)
    assert second[0].returncode == 75
    assert f"pid {first.pid}" in json.loads(refused)["error"]
    assert (served.owner_changes(ticket), len(served.marks(ticket)), len(served.mails)) == (1, 1, 1)
