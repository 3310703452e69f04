"""Page every ticket while another process edits, deletes and creates: nothing missing or double.

Run as ``python -m benchmarks.paging [--tickets N] [--page-size N] [--parallel N]``. The sandbox
runs in a process of its own, the people who meddle in another. A ticket that existed from the first
request to the last must be seen exactly once, and no ticket twice. Exit 1 otherwise.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import requests

from benchmarks.rig import Sandbox, sandbox
from kace_bridge.sma import Sma

ZONE = "America/New_York"
PEOPLE = ("adiaz", "bkim", "cwong")
CHUNK = 10_000
EDITS, DELETIONS = 0.8, 0.1


@dataclass(frozen=True, slots=True)
class Figures:
    """What one reading came to; ``missing`` and ``doubled`` must be 0."""

    tickets: int
    seconds: float
    tickets_per_s: int
    requests: int
    edits: int
    deletions: int
    creations: int
    missing: int
    doubled: int

    @property
    def good(self) -> bool:
        """Nothing lost, nothing double, and the others were really at work meanwhile."""
        busy = self.edits and self.deletions and self.creations
        return bool(busy) and not self.missing and not self.doubled


def measure(tickets: int, page_size: int, parallel: int, *, zone: str = ZONE) -> Figures:
    """Read all of *tickets* and what comes on top, against people at work."""
    with sandbox("--timezone", zone) as box:
        fill(box, tickets)
        account = {
            "username": box.environ["KACE_USERNAME"], "password": box.environ["KACE_PASSWORD"],
        }  # fmt: skip
        with (
            Sma(box.url, timezone=zone, parallel=parallel, **account) as sma,
            meddling(box, tickets) as done,
        ):
            began = time.perf_counter()
            seen = Counter(
                ticket.id
                for page in sma.tickets.pages(page_size=page_size)
                for ticket in page.tickets
            )
            seconds = time.perf_counter() - began
            asked = sma.requests_made
    stayed = set(range(1, tickets + 1)) - set(done["deleted"])
    return Figures(
        tickets=tickets,
        seconds=round(seconds, 2),
        tickets_per_s=round(len(seen) / seconds),
        requests=asked,
        edits=done["edits"],
        deletions=len(done["deleted"]),
        creations=done["creations"],
        missing=len(stayed - seen.keys()),
        doubled=sum(count > 1 for count in seen.values()),
    )


def fill(box: Sandbox, tickets: int) -> None:
    """Tickets 1 to *tickets*, as plain as they come."""
    box.load({
        "users": [{"id": 20 + n, "user_name": name} for n, name in enumerate(PEOPLE)],
        "queues": [{"id": 1, "owners": list(PEOPLE)}],
    })  # fmt: skip
    for first in range(1, tickets + 1, CHUNK):
        rows = range(first, min(first + CHUNK, tickets + 1))
        box.load({"tickets": [
            {"id": number, "title": f"Ticket {number}", "submitter": "cwong", "owner": "adiaz",
             "created": "2026-03-02 09:00:00", "summary": "It does not work. " * 10}
            for number in rows
        ]})  # fmt: skip


@contextmanager
def meddling(box: Sandbox, tickets: int) -> Iterator[dict[str, Any]]:
    """People at work in another process; what they did is known when the block is left."""
    done: dict[str, Any] = {}
    command = [sys.executable, "-m", "benchmarks.paging", "--meddle", box.control, str(tickets)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # they are at work
        yield done
        done |= json.loads(process.communicate("stop\n", timeout=120)[0])
    finally:
        process.kill()
        process.wait(20)


def meddle(control: str, tickets: int) -> None:
    """Edit, delete and create until a line arrives on standard input, then say what was done."""
    import threading

    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    dice = random.Random(1)
    desk = f"{control}/as/admin/api/service_desk/tickets"
    living, deleted, edits, creations = list(range(1, tickets + 1)), [], 0, 0
    with requests.Session() as session:
        while not stop.is_set():
            lot, place = dice.random(), dice.randrange(len(living))
            number = living[place]
            if lot < EDITS:
                change: dict[str, Any] = {"title": f"Ticket {number}, {edits}"}
                if lot < EDITS / 2:
                    change |= {"status": dice.choice([1, 2, 4]), "change": {"comment": "Looking"}}
                _send(session, "PUT", f"{desk}/{number}", change)
                edits += 1
            elif lot < EDITS + DELETIONS:
                _send(session, "DELETE", f"{desk}/{number}", None)
                living[place] = living[-1]
                living.pop()
                deleted.append(number)
            else:
                answer = _send(session, "POST", desk, {"hd_queue_id": 1, "title": "Another"})
                living.append(answer["IDs"][0])
                creations += 1
            if edits + creations + len(deleted) == 1:
                print("at work", flush=True)
    print(json.dumps({"edits": edits, "deleted": deleted, "creations": creations}), flush=True)


def _send(session: requests.Session, method: str, url: str, ticket: Any) -> dict[str, Any]:
    body = {"Tickets": [ticket]} if ticket else None
    answer = session.request(method, url, json=body, timeout=60)
    answer.raise_for_status()
    return answer.json()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--page-size", type=int, default=500)
    parser.add_argument("--parallel", type=int, default=1, help="requests in flight")
    parser.add_argument("--meddle", nargs=2, metavar=("CONTROL", "TICKETS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.meddle:
        meddle(given.meddle[0], int(given.meddle[1]))
        return 0
    figures = measure(given.tickets, given.page_size, given.parallel)
    for name, value in asdict(figures).items():
        print(f"{name:<14} {value}")
    return 0 if figures.good else 1


if __name__ == "__main__":
    sys.exit(main())
