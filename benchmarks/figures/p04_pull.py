"""P4: reading the whole desk over HTTP to typed tickets, beside decoding the same bytes."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests

from benchmarks.figures._figure import Line, Setting
from benchmarks.rounds import Case, time_rounds
from benchmarks.workload.appliance import ZERO, pages_of
from benchmarks.workload.served import served
from kace_bridge.sma import Sma

FIGURES = ("P4",)
LATENCY_MS = 20
PAGE = 500
ROUTE = "/api/service_desk/tickets"


def measure(setting: Setting) -> list[Line]:
    """Sequential and with 4 requests in flight; bare requests does both beside us."""
    tickets = setting.pick(100_000, 1_000)
    bodies = pages_of(tickets, PAGE)
    with served(tickets, LATENCY_MS) as url:
        cases = {
            "json": partial(decode, bodies),
            "ours": partial(pull, url, 1),
            "ours 4": partial(pull, url, 4),
            "requests": partial(bare, url, tickets),
            "requests 4": partial(bare_threads, url, tickets),
        }
        for work in cases.values():
            assert work() == tickets
        found = time_rounds({name: Case(work, tickets) for name, work in cases.items()},
                            setting.rounds)  # fmt: skip
    us = {name: found.median(name) / 1_000 for name in cases}
    return [
        Line("P4", "full pull, 4 in flight", us["ours 4"], "us", 4.5, found.ratio("ours 4", "json"),
             us["json"], "json", us["requests 4"], "requests, 4 threads",
             found.ratio("requests 4", "ours 4")),
        Line("P4", "full pull, sequential", us["ours"], "us", 1.15,
             found.ratio("ours", "requests"), us["requests"], "requests"),
    ]  # fmt: skip


def decode(bodies: list[bytes]) -> int:
    """The floor: the bytes are in memory, nothing is done with what they say."""
    return sum(len(json.loads(body)["Tickets"]) for body in bodies)


def pull(url: str, parallel: int) -> int:
    """Our client: login, every page, every row a ticket."""
    with Sma(url, username="svc", password="measured", name_authors=False,
             parallel=parallel) as sma:  # fmt: skip
        pages = sma.tickets.pages(page_size=PAGE, with_changes=False)
        return sum(len(page.tickets) for page in pages)


def bare(url: str, tickets: int) -> int:
    """The same keyset requests with requests and nothing else; it knows when to stop."""
    seen, after = 0, 0
    with requests.Session() as session:
        while seen < tickets:
            rows = _page(session, url, f"id gt {after}")
            seen, after = seen + len(rows), rows[-1]["id"]
    return seen


def bare_threads(url: str, tickets: int) -> int:
    """Four threads with a session each; the ranges of ids are given to them."""
    sessions = [requests.Session() for _ in range(4)]
    starts = range(ZERO - 1, ZERO - 1 + tickets, PAGE)

    def share(number: int) -> int:
        return sum(
            len(_page(sessions[number], url, f"id gt {start},id le {start + PAGE}"))
            for start in starts[number::4]
        )

    with ThreadPoolExecutor(4) as pool:
        seen = sum(pool.map(share, range(4)))
    for session in sessions:
        session.close()
    return seen


def _page(session: requests.Session, url: str, where: str) -> list[dict[str, int]]:
    asked = {"filtering": where, "sorting": "id asc", "paging": f"limit {PAGE} offset 0"}
    rows: list[dict[str, int]] = session.get(url + ROUTE, params=asked).json()["Tickets"]
    return rows
