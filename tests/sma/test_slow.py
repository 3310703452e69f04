"""An appliance with too much to do is pressed less, and a long list fills no memory."""

import re
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.sma import Sma
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.transport import BODY_CAP, CookieJar, TimedOut, encode_body
from tests.unit.sma.stub import row

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Slow:
    """A transport to an appliance of *tickets* tickets that takes ``fixed_s`` for an answer and
    ``row_s`` for each row of it; each request waits up to ``linger_s`` for another beside it.
    """

    clock: ManualClock
    tickets: int = 1000
    words: str = "x"
    server_time: datetime | None = None
    requests_made: int = 0
    fixed_s: float = 0.0
    row_s: float = 0.0
    limits: list[int] = field(default_factory=list)
    most_at_once: int = 0
    _under_way: int = 0
    linger_s: float = 0.0
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def send(
        self, request: Request, jar: CookieJar, *, send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:  # fmt: skip
        """A login or a page of tickets, when the time has passed."""
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            self.requests_made += 1
            self._lock.notify_all()
            # Whoever would come beside this one has the time to.
            self._lock.wait_for(lambda: self._under_way > 1, self.linger_s)
        try:
            return self._answer(request, jar)
        finally:
            with self._lock:
                self._under_way -= 1

    def _answer(self, request: Request, jar: CookieJar) -> Reply:
        if request.path.startswith("/ams/"):
            jar.set("kboxid", "c")
            return Reply(200, {}, b'{"ok": 1}', {"kboxid": "c"})
        if request.path == "/api/users/me":
            return Reply(200, {}, b'{"userId": 10, "permissions": {"helpdesk": "WRITE"}}', {})
        sent = dict(request.query)
        (limit, *_) = map(int, re.findall(r"\d+", sent["paging"]))
        low = int(re.search(r"id gt (\d+)", sent["filtering"])[1])  # type: ignore[index]
        high = re.search(r"id le (\d+)", sent["filtering"])
        top = min(self.tickets, int(high[1]) if high else self.tickets)
        seconds = self.fixed_s + self.row_s * min(limit, top - low)
        with self._lock:
            self.limits.append(limit)
            self.clock.sleep(min(seconds, 30.0))
        if seconds > 30:
            raise TimedOut("no answer within 30 s")
        rows = [row(n, summary=self.words) for n in range(low + 1, min(top, low + limit) + 1)]
        body = encode_body({"Count": max(top - low, 0), "Tickets": rows}) or b""
        return Reply(200, {}, body, {})

    def close(self) -> None:
        """Nothing is open."""


def client(transport: Slow, parallel: int = 4) -> Sma:
    return Sma("https://kace.example.org", username="u", password="p",
               clock=transport.clock, transport=transport, parallel=parallel)  # fmt: skip


def read(sma: Sma, size: int = 100) -> Iterator[Any]:
    """Every ticket, page by page."""
    return sma.tickets.pages(queues=[1], page_size=size, with_changes=False)


@pytest.fixture
def slow() -> Slow:
    return Slow(ManualClock(MORNING))


@pytest.mark.catalogue("A32")
def test_the_slower_the_answers_the_fewer_the_requests(slow: Slow):
    """Requests a minute fall faster than the latency alone would make them."""
    rates = []
    with client(slow) as sma:
        for latency in (0.5, 6.0, 8.0, 12.0, 20.0):
            slow.fixed_s, began, before = latency, slow.clock.monotonic(), slow.requests_made
            assert sum(len(page.tickets) for page in read(sma)) == 1000
            minutes = (slow.clock.monotonic() - began) / 60
            rates.append((slow.requests_made - before) / minutes)
            if latency > 5:
                assert rates[-1] < 0.75 * 60 / latency
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 100 > 4 > rates[-1]


@pytest.mark.catalogue("A32")
def test_one_slow_answer_leaves_one_request_at_a_time(slow: Slow):
    """What was under way comes in; from there on nothing is asked beside another."""
    with client(slow) as sma:
        pages = read(sma, 20)
        next(pages)
        slow.fixed_s = 8.0
        assert len([next(pages) for _ in range(8)]) == 8
        slow.most_at_once, slow.linger_s = 0, 0.05
        assert len([next(pages) for _ in range(8)]) == 8
        assert slow.most_at_once == 1


@pytest.mark.catalogue("A32")
def test_an_appliance_that_is_slow_by_the_row_is_asked_for_fewer(slow: Slow):
    """Down until an answer comes in reasonable time; every ticket is read once all the same."""
    slow.row_s = 0.1
    with client(slow, parallel=1) as sma:
        found = [ticket.id for page in read(sma, 200) for ticket in page.tickets]
    assert found == list(range(1, 1001))
    assert slow.limits[:5] == [200, 100, 50, 25, 25]


@pytest.mark.catalogue("A32")
def test_a_night_of_timeouts_ends_in_pages_that_come(slow: Slow):
    """Half an answer in time is worth more than a whole one that is not."""
    slow.row_s = 0.5
    with client(slow) as sma:
        found = [ticket.id for page in read(sma, 400) for ticket in page.tickets]
    assert found == list(range(1, 1001))
    assert slow.limits[:5] == [400, 200, 100, 50, 25]


def peak_of(tickets: int) -> int:
    """The most memory in bytes that reading so many tickets of 2 kB took at once."""
    slow = Slow(ManualClock(MORNING), tickets, "word " * 400)
    with client(slow, parallel=2) as sma:
        tracemalloc.start()
        try:
            assert sum(len(page.tickets) for page in read(sma)) == tickets
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.catalogue("B17")
def test_a_full_read_holds_a_page_or_two_in_memory():
    """Six times the tickets take about the same: a fraction of the twelve megabytes they weigh."""
    peak_of(500)  # what is made once, like names and threads
    small, large = peak_of(1000), peak_of(6000)
    assert large < 2 * small
    assert large < 6000 * 2000 / 3
