"""The design with one of its parts taken out, to show that the checks would notice.

A checker that cannot fail proves nothing. The switches live here, in what stands in the place of
the store and of the transport; the program has none.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, Protocol

from kace_bridge.clock import Clock
from kace_bridge.sandbox import Reply, Request
from kace_bridge.state import Store
from kace_bridge.state.database import Database
from kace_bridge.state.rows import OutboxRow, PageCommit
from tests.crash.direct import Direct
from tests.crash.world import LIES
from tests.support.desk import TICKETS

STAMP = "%Y-%m-%d %H:%M:%S"
OVERLAP_S = 600
_LOW = re.compile(r"(modified%20)ge(%20)([0-9%A-F:.-]+)")


class Answers(Protocol):
    """The appliance's side of a world."""

    def handle(self, request: Request, who: str = "") -> Reply: ...


class NoIntent(Store):
    """The intention to write is not recorded."""

    def mark_intent(self, parts: Any, **_: Any) -> bool:
        return True


class NoLease(Store):
    """Everybody syncs whenever they like."""

    @contextmanager
    def lease(self, name: str, ttl: timedelta) -> Iterator[Any]:  # type: ignore[override]
        yield FreeLease()


class FreeLease:
    """Nobody's."""

    epoch = None

    def renew(self) -> None:
        """It never ends."""

    keep = renew


class CursorFirst(Store):
    """How far was read is committed before what was decided."""

    def commit_page(self, page: PageCommit) -> frozenset[str]:
        super().commit_page(replace(page, decisions=()))
        return super().commit_page(PageCommit(page.run, decisions=page.decisions))


class DecisionsFirst(Store):
    """The other way round. What is decided again mostly meets its own name, but not always: a turn
    is put down to the newest row of a save, and meanwhile there may be a newer one."""

    def commit_page(self, page: PageCommit) -> frozenset[str]:
        made = super().commit_page(PageCommit(page.run, decisions=page.decisions))
        super().commit_page(replace(page, decisions=()))
        return made


class NoName(DecisionsFirst):
    """And now it is not: each time it is another decision."""

    times = count()

    def commit_page(self, page: PageCommit) -> frozenset[str]:
        decisions = tuple(
            d
            if d.cause.startswith("decision:")
            else replace(d, cause=f"{d.cause}#{next(self.times)}")
            for d in page.decisions
        )
        return super().commit_page(replace(page, decisions=decisions))


class FreshNames(Store):
    """Each try of a message has an identity of its own."""

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[OutboxRow]:
        return [
            replace(row, message=replace(row.message, key=f"{row.message.key}-{row.attempts}"))
            for row in super().claim(now, limit, lease)
        ]


Meddle = Callable[[Callable[[Request], Reply], Request], Reply]


def repeat_writes(answer: Callable[[Request], Reply], request: Request) -> Reply:
    """What urllib3 does unless it is told not to: a PUT without an answer is sent again."""
    reply = answer(request)
    for _ in range(2):
        if request.method == "PUT" and (reply.drop or reply.truncate is not None):
            reply = answer(request)
    return reply


def read_from(
    move: Callable[[datetime], datetime], answer: Callable[[Request], Reply], request: Request
) -> Reply:
    """Read from another moment on than the client asked for."""

    def moved(match: re.Match[str]) -> str:
        low = datetime.strptime(match[3].replace("%20", " "), STAMP)  # noqa: DTZ007 -- local
        return f"{match[1]}gt{match[2]}{move(low):{STAMP}}".replace(" ", "%20")

    return answer(replace(request, query=_LOW.sub(moved, request.query)))


def later(seconds: int) -> Meddle:
    """The overlap is shorter by so much."""
    return partial(read_from, lambda low: low + timedelta(seconds=seconds))


@dataclass(slots=True)
class FromNewest:
    """The watermark is the newest stamp seen, whatever may have happened behind the reader."""

    overlap_s: int
    newest: str = ""

    def __call__(self, answer: Callable[[Request], Reply], request: Request) -> Reply:
        reply = read_from(self._low, answer, request)
        if request.path == TICKETS and "modified" in request.query and reply.status == 200:
            rows = _rows(reply)
            self.newest = max([self.newest, *(row["modified"] for row in rows)])
        return reply

    def _low(self, low: datetime) -> datetime:
        if not self.newest:
            return low
        return datetime.strptime(self.newest, STAMP) - timedelta(seconds=self.overlap_s)  # noqa: DTZ007


def newest_row_only(answer: Callable[[Request], Reply], request: Request) -> Reply:
    """Of a ticket's history only the last row is seen."""
    reply = answer(request)
    if reply.status != 200 or reply.drop or not request.path.startswith(TICKETS):
        return reply
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    for row in body.get("Tickets", []):
        if isinstance(row.get("changes"), list):
            row["changes"] = sorted(row["changes"], key=lambda change: change["id"])[-1:]
    return replace(reply, body=json.dumps(body).encode())


def _rows(reply: Reply) -> Sequence[Mapping[str, Any]]:
    try:
        return json.loads(reply.body).get("Tickets", [])
    except ValueError:
        return []


@dataclass(frozen=True, slots=True)
class Design:
    """What a process is made with: the real parts, or one of them weakened."""

    store_of: type[Store] = Store
    meddle: Callable[[], Meddle] | None = None
    heeds_deadline: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)

    def store(self, database: Database, clock: Clock) -> Store:
        return self.store_of(database, clock)

    def transport(self, world: Answers, who: str, clock: Clock) -> Direct:
        answer: Callable[[Request], Reply] = partial(world.handle, who=who)
        if self.meddle is not None:
            answer = partial(self.meddle(), answer)
        return Direct(answer, clock, heeds_deadline=self.heeds_deadline)


FULL = Design()


@dataclass(frozen=True, slots=True)
class Topology:
    """Who is at work, and what befalls them per point they reach.

    ``stalls`` are pauses just before a write is sent, where they are most dangerous; ``deadly``
    is a point at which many die.
    """

    workers: int = 1
    crashes: float = 0.01
    deadly: str = ""
    pauses: float = 0.0
    stalls: float = 0.0
    faults: float = 0.3
    lies: Sequence[str] = LIES
    steps: int = 180


TOPOLOGIES = {
    "one worker, crashes": Topology(),
    "two workers, crashes and pauses": Topology(workers=2, pauses=0.02, stalls=0.2),
    "one worker, crashes and more faults": Topology(crashes=0.03, faults=0.6),
}
LATE = Topology(faults=0.6, lies=("late",))
"""Answers get lost, and what was asked for happens later."""
DYING = Topology(deadly="intake._commit: commit_page, committed")
STALLING = Topology(workers=2, crashes=0.0, pauses=0.02, stalls=0.5, lies=("lost",), steps=400)
ONE = TOPOLOGIES["one worker, crashes"]
SHORT = {"settle": "5s", "request_timeout": "15s"}
NEVER_LATE = {"settle": "20s", "request_timeout": "15s"}

ABLATIONS: Mapping[str, tuple[Design, Topology]] = {
    "no intent recorded: write, then note": (Design(NoIntent), LATE),
    "transport repeats a PUT": (Design(meddle=lambda: repeat_writes), ONE),
    "looked at once, no settle window": (
        Design(settings={"settle": "0s", "request_timeout": "1s"}), LATE,
    ),
    "settle window shorter than the appliance is late": (Design(settings=SHORT), LATE),
    "no send deadline": (Design(heeds_deadline=False, settings=NEVER_LATE), STALLING),
    "no lease": (Design(NoLease, settings=NEVER_LATE), STALLING),
    "cursor committed before decisions": (Design(CursorFirst), DYING),
    "decisions committed before the cursor": (Design(DecisionsFirst), DYING),
    "decisions first, each time under another name": (Design(NoName), DYING),
    "watermark newer than, no overlap": (Design(meddle=lambda: later(OVERLAP_S)), ONE),
    "overlap shorter than rows are late": (Design(meddle=lambda: later(OVERLAP_S - 10)), ONE),
    "watermark is the newest seen": (Design(meddle=lambda: FromNewest(25)), ONE),
    "only the newest history row read": (Design(meddle=lambda: newest_row_only), ONE),
    "a fresh Message-ID per try": (Design(FreshNames), ONE),
}  # fmt: skip
"""By what is missing, with the surroundings in which it is missed most."""
HARMLESS: Mapping[str, tuple[Design, Topology]] = {
    "a short settle window where nothing comes late": (Design(settings=NEVER_LATE), STALLING),
}
"""What may be missing, because something else makes up for it."""
