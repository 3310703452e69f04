"""A made-up appliance with many tickets that answers at once: what is measured is the reader.

It speaks as much of the API as a sync asks for (login, users, queues, tickets by filter, writes)
and keeps every ticket encoded, so that a page costs it next to nothing.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.workload.tickets import NOW, QUEUES, World, make_tickets

ZERO = 10_000_000
"""The tickets' ids begin here."""
KINDS = 20_000
"""So many different tickets are made; beyond, they repeat with other ids."""
FILLED = (
    b'{"id":%d,"title":"Known for long","hd_queue_id":1,"created":"2025-05-01 09:00:00",'
    b'"modified":"2025-06-01 09:00:00","status":{"name":"Opened","state":"opened"},"changes":[]}'
)
_PAGING = re.compile(r"limit (\d+) offset (\d+)")
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Appliance:
    """*size* tickets with ids from ZERO on, each with one history row where *history* is set.

    ``now`` moves a second with every write. ``asked`` counts requests by method and first word.
    """

    size: int
    history: bool = False
    now: datetime = NOW.replace(tzinfo=UTC) + timedelta(hours=1)
    asked: list[str] = field(default_factory=list)
    bodies: dict[tuple[int, int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World()
        self.base = make_tickets(min(self.size, KINDS), world=self.world)
        self.encoded = [encode(self.record(place)) for place in range(self.size)]
        self.stamps = sorted(
            (self.base[place % len(self.base)]["modified"], place) for place in range(self.size)
        )
        self.rows = self.size
        self.touched: dict[int, dict[str, Any]] = {}

    def record(self, place: int) -> dict[str, Any]:
        """The ticket at *place*, as the list route shows it."""
        made = self.base[place % len(self.base)]
        record = {key: value for key, value in made.items() if key != "x"}
        record["id"] = ZERO + place
        if self.history:
            record["changes"] = [row_of(record["id"], place + 1, record["created"], "", 1000)]
        return record

    def touch(self, places: Iterable[int], **values: object) -> None:
        """Somebody changes the tickets at *places*."""
        for place in places:
            self._change(place, dict(values), "Set by hand.")

    def answer(self, method: str, path: str, query: dict[str, str], body: bytes = b"") -> Answer:
        """Status, headers and body of the reply."""
        self.asked.append(f"{method} {path}")
        headers = {"content-type": "application/json"}
        if path.endswith("/security/login"):
            return 200, {**headers, "x-kace-csrf-token": "measured-token"}, b"{}"
        if path == "/api/service_desk/tickets":
            return 200, headers, self._list(query)
        if path.startswith("/api/service_desk/tickets/") and method == "PUT":
            told = json.loads(body)["Tickets"][0]
            note = told.pop("change", {}).get("comment", "")
            self._change(int(path.rsplit("/", 1)[1]) - ZERO, told, "Written.", note)
            return 200, headers, b'{"Result":"Success"}'
        if path == "/api/service_desk/queues":
            queues = [{"id": n, "name": f"Queue {n}"} for n in range(1, QUEUES + 1)]
            return 200, headers, json.dumps({"Count": len(queues), "Queues": queues}).encode()
        if path == "/api/users/users":
            return 200, headers, self._users(query)
        return 200, headers, b'{"id": 1, "user_name": "svc"}'

    def _users(self, query: dict[str, str]) -> bytes:
        after, _ = _bounds(query.get("filtering", ""))
        limit, _ = _paging(query)
        found = [user for user in self.world.users if user["id"] > after]
        return json.dumps({"Count": len(found), "Users": found[:limit]}).encode()

    def _list(self, query: dict[str, str]) -> bytes:
        filtering = query.get("filtering", "")
        limit, offset = _paging(query)
        after, upto = _bounds(filtering)
        first = max(after + 1 - ZERO, 0) + offset
        last = min(self.size, upto - ZERO + 1)
        since = re.search(r"modified ge ([^,]+)", filtering)
        named = re.search(r"(?<![a-z_])id (?:in|eq) ([\d;]+)", filtering)
        if named:
            return self._named(sorted(map(int, named[1].split(";"))), after, limit)
        if since:
            places = [place for place in self._since(since[1]) if first <= place < last]
        elif not self.touched:
            return self._plain(first, last, limit)
        else:
            places = list(range(first, last))
        return _page(len(places), (self.encoded[place] for place in places[:limit]))

    def _named(self, numbers: list[int], after: int, limit: int) -> bytes:
        """Tickets by number; those below ZERO are the ones put straight into a store."""
        wanted = [number for number in numbers if after < number < ZERO + self.size]
        found = [
            self.encoded[number - ZERO] if number >= ZERO else FILLED % number
            for number in wanted[:limit]
        ]
        return _page(len(wanted), found)

    def _since(self, stamp: str) -> list[int]:
        """The places of tickets modified at *stamp* or later."""
        old = self.stamps[bisect_left(self.stamps, (stamp, 0)) :]
        found = {place for _, place in old if place not in self.touched}
        found |= {place for place, record in self.touched.items() if record["modified"] >= stamp}
        return sorted(found)

    def _plain(self, first: int, last: int, limit: int) -> bytes:
        """A page nobody has touched, kept for the next time it is asked for."""
        stop = min(first + limit, last)
        key = first, stop, last
        if key not in self.bodies:
            self.bodies[key] = _page(max(last - first, 0), self.encoded[first:stop])
        return self.bodies[key]

    def _change(self, place: int, values: dict[str, Any], said: str, comment: str = "") -> None:
        self.now += timedelta(seconds=1)
        record = self.touched.get(place) or self.record(place)
        record |= values | {"modified": f"{self.now:%Y-%m-%d %H:%M:%S}"}
        if self.history:
            rows = record["changes"]
            self.rows += 1
            rows.append(row_of(record["id"], self.rows, record["modified"], comment, 1001, said))
        self.touched[place] = record
        self.encoded[place] = encode(record)


def row_of(
    ticket: int, number: int, at: str, comment: str, user: int, said: str = "Ticket Created"
) -> dict[str, Any]:
    """A history row."""
    return {
        "id": number, "hd_ticket_id": ticket, "timestamp": at, "user_id": user,
        "comment": comment, "description": said, "owners_only": 1 if comment else 0,
        "via_email": 0,
    }  # fmt: skip


def encode(record: dict[str, Any]) -> bytes:
    """One ticket as it stands in a page."""
    return json.dumps(record, separators=(",", ":")).encode()


def pages_of(size: int, page: int, *, history: bool = False) -> list[bytes]:
    """All pages a full reading of *size* tickets receives, in memory."""
    desk = Appliance(size, history)
    return [desk._plain(first, size, page) for first in range(0, size, page)]  # noqa: SLF001


def _page(count: int, tickets: Iterable[bytes]) -> bytes:
    return b'{"Count":%d,"Tickets":[%s]}' % (count, b",".join(tickets))


def _paging(query: dict[str, str]) -> tuple[int, int]:
    found = _PAGING.match(query.get("paging", "limit 50 offset 0"))
    limit, offset = map(int, found.groups()) if found else (50, 0)
    return limit or 10**9, offset


def _bounds(filtering: str) -> tuple[int, int]:
    """Ids above the first and up to the second."""
    after, upto = 0, 10**12
    for clause in filtering.split(","):
        match clause.split(" ", 2):
            case ["id", "gt", value]:
                after = max(after, int(value))
            case ["id", "le", value]:
                upto = min(upto, int(value))
    return after, upto


def every(count: int, size: int) -> Iterator[int]:
    """*count* places spread over *size* tickets."""
    return iter(range(0, size, max(1, size // count)) if count else ())
