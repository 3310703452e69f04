"""Killed at any moment, the store is whole: each page is there entirely or not at all."""

import os
import signal
import subprocess
import sys
import time

import pytest

from kace_bridge.model.ids import TicketId
from kace_bridge.state import Store, open_store
from tests.state.children import PAGE
from tests.state.samples import MINUTE, NINE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


def kill_while_committing(url: str, after: int, pause_s: float) -> int:
    """Let a child commit, kill it *pause_s* after page *after*; the last page it spoke of."""
    command = [sys.executable, "-m", "tests.state.children", "commit", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(after)]
        time.sleep(pause_s)
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().split()]
    return said[-1]


def check_pages(store: Store, said: int) -> None:
    cursor = store.cursor("1")
    assert cursor is not None
    assert cursor.last_id in {said, said + 1}
    tickets = [TicketId(n + 1) for n in range((cursor.last_id + 1) * PAGE)]
    assert list(store.snapshots(tickets)) == tickets
    assert all(store.timelines(tickets).values())
    assert len(store.due(NINE, 10**6)) == len(tickets)
    assert [row.ticket for row in store.decisions()] == tickets
    assert len(store.effects()) == 2 * len(tickets)


def check_outcomes(store: Store) -> None:
    """A message is queued exactly where its write is applied; nothing is lost between."""
    by_ticket = {ticket: list(pair) for ticket, pair in _pairs(store).items()}
    queued = {row.message.ticket for row in store.outbox(limit=10**6)}
    for ticket, found in by_ticket.items():
        if ticket in queued:
            assert found == ["applied", "applied"]
        else:
            assert found in (["planned", "planned"], ["intent", "planned"])
    open_ = {effect.ticket for effect in store.unsettled(NINE + MINUTE)}
    assert open_ == {ticket for ticket, found in by_ticket.items() if found[0] == "intent"}


def _pairs(store: Store) -> dict[TicketId, list[str]]:
    found: dict[TicketId, list[str]] = {}
    for effect in store.effects():
        found.setdefault(effect.ticket, []).append(effect.state)
    return found


def test_a_store_survives_kills_at_any_moment(url: str) -> None:
    """Kill after kill, nothing acknowledged is lost and nothing is half there."""
    for turn in range(6):
        said = kill_while_committing(url, after=turn + 1, pause_s=turn * 0.0007)
        with open_store(url) as store:
            assert store.verify() == []
            check_pages(store, said)
            check_outcomes(store)
