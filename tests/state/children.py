"""Programs the tests start and kill: ``python -m tests.state.children NAME URL``."""

import os
import signal
import sys
from datetime import timedelta
from itertools import count

from kace_bridge.errors import RetryLater
from kace_bridge.model.ids import TicketId
from kace_bridge.state import Cursor, DueRow, PageCommit, open_store
from tests.state.samples import (
    MINUTE,
    NINE,
    TTL,
    make_decision,
    make_event,
    make_message,
    make_send,
    make_snapshot,
    make_update,
)

PAGE = 20


def say(text: str) -> None:
    print(text, flush=True)


def hold(url: str) -> None:
    """Take the lease, say so, and keep it until killed."""
    with open_store(url) as store, store.lease("sync", timedelta(days=1)) as lease:
        say(str(lease.epoch))
        signal.pause()


def write(url: str) -> None:
    """Take the lease, say so; told to go on, try to write in several ways and say what happens."""
    with open_store(url) as store:
        try:
            with store.lease("sync", TTL) as lease:
                say(str(lease.epoch))
                sys.stdin.readline()
                for attempt in (
                    lease.renew,
                    lambda: store.set_meta("colour", "blue"),
                    lambda: store.commit_page(PageCommit("r1", decisions=[make_decision(41)])),
                    lambda: store.claim(NINE, 9, MINUTE),
                ):
                    try:
                        attempt()
                        say("written")
                    except RetryLater as error:
                        say(str(error).partition(":")[0])
        except RetryLater as error:
            say(str(error))


def send(url: str) -> None:
    """Help to deliver until nothing waits, saying each message as it would leave."""
    with open_store(url) as store, store.lease(f"deliver-{os.getpid()}", TTL):
        while store.outbox(("pending", "sending"), limit=1):
            for row in store.claim(NINE, 3, MINUTE):
                say(row.key)
                store.sent(row.key, NINE)


def take(url: str) -> None:
    """Take the lease once for a moment; say the epoch, or that it is taken."""
    with open_store(url) as store:
        try:
            with store.lease("sync", TTL) as lease:
                say(str(lease.epoch))
        except RetryLater as error:
            say(str(error))


def commit(url: str) -> None:
    """Commit page after page and carry each out, saying each number; until killed."""
    with open_store(url) as store:
        start = store.cursor("1")
        for number in count(start.last_id + 1 if start else 0):
            tickets = [TicketId(number * PAGE + place + 1) for place in range(PAGE)]
            made = [make_decision(t, make_update(t), make_send(t)) for t in tickets]
            store.commit_page(
                PageCommit(
                    "r1",
                    Cursor("1", "w", last_id=number),
                    [make_snapshot(t) for t in tickets],
                    [make_event(t) for t in tickets],
                    made,
                    [DueRow(t, "x", 1, NINE) for t in tickets],
                )
            )
            parts = [(decision.id, 0) for decision in made]
            store.mark_intent(parts, epoch=None, send_by=NINE, settle_until=NINE)
            messages = [make_message(f"k{t}", t) for t in tickets]
            store.finish(parts, "applied", messages=messages)
            for row in store.claim(NINE, PAGE, MINUTE):
                store.sent(row.key, NINE)
            say(str(number))


if __name__ == "__main__":
    {"hold": hold, "take": take, "commit": commit, "write": write, "send": send}[sys.argv[1]](
        sys.argv[2]
    )
