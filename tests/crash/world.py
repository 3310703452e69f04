"""A desk with people at it and an appliance that fails, all of it by seed, on a clock of its own.

What people do is counted, so that afterwards it is known which messages had to come of it: each
exactly once, however often the bridge was killed in between.
"""

import heapq
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from kace_bridge.sandbox import Reply, Request
from kace_bridge.sandbox.exchange import answer_html, answer_json
from kace_bridge.sandbox.faults import read_faults
from tests.crash.asked import Asked
from tests.support.desk import STAFF, TICKETS, URL, Desk

LATE_S = 150
"""The appliance may carry a request out this many seconds after its answer was lost."""
LATE_VISIBLE_S = 240
"""A row may become visible this many seconds after the stamp it carries."""
LIES = ("lost", "lost", "late", "late", "500", "500 applied", "html", "429", "cut", "expired")
"""What may become of a write, beside being carried out and answered."""
TITLES = ("Mouse broken", "No vpn", "Printer on fire", "wifi down", "Beamer dark")
FACED = "ask-for-the-log"
"""A rule whose only effect is a public comment."""
SETTLE = {"request_timeout": "15s", "settle": f"{LATE_S + 20}s"}


def configure(desk: Desk, **settings: str) -> None:
    """Rules of every kind of effect; what they send to whom does not depend on who is picked."""
    desk.config["appliance"] |= SETTLE | settings
    desk.config["limits"] = {
        "changes_per_run": 500, "messages_per_run": 500, "changes_per_ticket_per_day": 500,
    }  # fmt: skip
    desk.config["classify"].append({
        "id": FACED, "event": "created", "if": {"text": {"any_word": ["vpn"]}},
        "then": {"comment": {"text": "Please attach the log of the client.", "public": True}},
    })  # fmt: skip
    desk.config["notify"] = [
        {"id": template, "event": event,
         "then": {"notify": {"to": ["submitter"], "template": template}}}
        for template, event in (
            ("receipt", "created"),
            ("closed", {"changed": {"status": {"to": {"state": "closed"}}}}),
            ("reopened", "reopened"),
            ("updated", {"commented": {"by": "staff", "public": True}}),
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """A write of the bridge as it arrived: what it sets, and how those fields read just then.

    ``unseen`` are fields a person set after the writer's last look: nobody can respect those.
    """

    ticket: int
    comment: str
    found: Mapping[str, str | None]
    unseen: frozenset[str]


@dataclass
class World:
    """``known`` tells the newest history row of a ticket that the bridge has committed."""

    folder: Path
    seed: int
    known: Callable[[int], int] = lambda _: 0
    url: str = URL
    settings: Mapping[str, str] = field(default_factory=dict)
    faults: float = 0.3
    lies: Sequence[str] = LIES

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.desk = Desk(self.folder, self.url)
        configure(self.desk, **self.settings)
        self.app = self.desk.app
        self.expected: Counter[tuple[int, str]] = Counter()
        self.reopened: Counter[int] = Counter()
        self.taken: set[int] = set()
        self.asked = Asked()
        self.accepted: list[Accepted] = []
        self.failed: Counter[int] = Counter()
        self._late: list[tuple[float, int, Callable[[], object]]] = []
        self._seconds = 0.0
        self._order = 0
        self._set_at: dict[tuple[int, str], int] = {}
        self._read_at: Counter[tuple[str, int]] = Counter()
        self._answer = self.app.handle

    # -- time -------------------------------------------------------------------------------

    def tick(self, seconds: float) -> None:
        """Time passes for everybody; what the appliance put off happens when it is due."""
        until = self._seconds + seconds
        while self._late and self._late[0][0] <= until:
            due, _, apply = heapq.heappop(self._late)
            self._move_to(max(due, self._seconds))
            apply()
        self._move_to(until)

    def _move_to(self, moment: float) -> None:
        self.desk.later(seconds=moment - self._seconds)
        self._seconds = moment

    @property
    def has_late(self) -> bool:
        """Whether the appliance still owes the effect of a request."""
        return bool(self._late)

    # -- people -----------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody does something; now and then it shows only seconds after its stamp."""
        late = self.rng.choice([0, 0, 0, self.rng.randint(1, LATE_VISIBLE_S)])
        open_to = [self._submit, self._submit]
        ticket = self._any_ticket(late)
        if ticket is not None:
            open_to += [lambda: self._write(ticket), lambda: self._take(ticket)]
            open_to += [lambda: self._turn(ticket)] * 2
            open_to += [lambda: self._rank(ticket)]
        self._order += 1
        now = self.app.clock.now()
        self.app.clock.set(now - timedelta(seconds=late), frozen=True)
        try:
            self.rng.choice(open_to)()
        finally:
            self.app.clock.set(now, frozen=True)

    def _any_ticket(self, late: int) -> int | None:
        """One whose stamp an edit so much in the past would not turn back."""
        latest = self.app.clock.stamp(self.app.clock.now() - timedelta(seconds=late))
        found = [n for n, t in sorted(self.app.desk.tickets.items()) if t.modified <= latest]
        return self.rng.choice(found) if found else None

    def _submit(self) -> None:
        user = self.rng.choice(["jdoe", "jdoe", "provost"])
        ticket = self.desk.submit(user, title=self.rng.choice(TITLES))
        self.expected[ticket, "receipt"] += 1

    def _write(self, ticket: int) -> None:
        if self.rng.random() < 0.5:
            submitter = self.app.desk.users[self.app.desk.tickets[ticket].submitter_id].user_name
            self.desk.edit(submitter, ticket, f"any news? {self._order}")
            return
        self.desk.edit(self.rng.choice(STAFF), ticket, f"looking at it {self._order}")
        self.expected[ticket, "updated"] += 1

    def _take(self, ticket: int) -> None:
        person = self.rng.choice(STAFF)
        self.desk.edit(person, ticket, owner=person)
        self.taken.add(ticket)
        self._set_at[ticket, "owner"] = self._order

    def _rank(self, ticket: int) -> None:
        self.desk.edit("gcho", ticket, priority=self.rng.choice([1, 3]))
        self._set_at[ticket, "priority"] = self._order

    def _turn(self, ticket: int) -> None:
        """Close or re-open, unless the bridge has yet to see what happened before.

        Two turns between two looks show nothing (docs/delivery.md, "Not promised").
        """
        row = self.app.desk.tickets[ticket]
        if self.known(ticket) != row.changes[-1].id:
            return
        closed = self.app.desk.state_of(row) == "closed"
        self.desk.edit(self.rng.choice(STAFF), ticket, status=1 if closed else 2)
        self._set_at[ticket, "status"] = self._order
        self.expected[ticket, "reopened" if closed else "closed"] += 1
        self.reopened[ticket] += closed

    # -- the appliance ----------------------------------------------------------------------

    def handle(self, request: Request, who: str = "") -> Reply:
        """Answer *who*, truly or not."""
        self._order += 1
        if request.path.startswith(f"{TICKETS}/") and request.method == "PUT":
            ticket = int(request.path.rsplit("/", 1)[1])
            self._note(ticket, request, who)
            # Three tries without effect are given up, rightly: that is not what is looked at here.
            if self.failed[ticket] < 2 and self.rng.random() < self.faults:
                self.failed[ticket] += 1
                return self._botch(request)
        elif request.path.startswith("/api/"):
            if self.rng.random() < self.faults / 10:
                return self._fail(request)
            reply = self._answer(request)
            self._note_read(reply, request, who)
            return reply
        return self._answer(request)

    def _note_read(self, reply: Reply, request: Request, who: str) -> None:
        """*who* knows from now on how the tickets in *reply* read.

        Looking numbers up for names reads tickets too, but without their history.
        """
        if "changes" in request.query and request.path == TICKETS and reply.status == 200:
            for row in json.loads(reply.body).get("Tickets", []):
                self._read_at[who, row["id"]] = self._order

    def _note(self, ticket: int, request: Request, who: str) -> None:
        try:
            body = json.loads(request.body)["Tickets"][0]
        except ValueError:
            return  # cut short on its way: refused like any other nonsense
        row, desk = self.app.desk.tickets.get(ticket), self.app.desk
        found: dict[str, str | None] = {}
        if row is not None:
            user = desk.users.get(row.owner_id)
            found = {
                "owner": user.user_name if user else None,
                "priority": desk.priorities[row.priority_id].name,
            }
        read_at = self._read_at[who, ticket]
        unseen = {name for name in found if self._set_at.get((ticket, name), 0) > read_at}
        comment = str(body.get("change", {}).get("comment", ""))
        set_ = {name: value for name, value in found.items() if name in body}
        self.accepted.append(Accepted(ticket, comment, set_, frozenset(unseen)))

    def _botch(self, request: Request) -> Reply:
        """A write whose outcome its sender cannot know, or that is surely refused for now."""
        lie = self.rng.choice(self.lies)
        match lie:
            case "lost":
                return self._with(request, drop_before=True)
            case "late":
                return self._put_off(request)
            case "500":
                return self._with(request, status=500)
            case "429":
                return self._with(request, status=429)
            case "cut":
                return self._with(request, truncate=3)
            case "expired":
                return self._with(request, expire_session=True)
        reply = self._answer(request)
        page = answer_html("502 Bad Gateway", 200)
        untrue = page if lie == "html" else answer_json({"errorCode": -1}, 500)
        return replace(untrue, headers=[*untrue.headers, *reply.headers[-1:]])

    def _put_off(self, request: Request) -> Reply:
        """Accept it, lose the answer, and carry it out later on."""
        reply = self._with(request, apply_late_s=1e9)
        for late in self.app._late:
            due = self._seconds + self.rng.randint(1, LATE_S)
            heapq.heappush(self._late, (due, self._order, late.apply))
        self.app._late = []
        return reply

    def _fail(self, request: Request) -> Reply:
        """A read that does not work this time."""
        return self.rng.choice([
            lambda: self._with(request, drop_before=True),
            lambda: self._with(request, status=503),
            lambda: self._with(request, html=True),
            lambda: self._with(request, truncate=9),
            lambda: self._with(request, expire_session=True),
        ])()  # fmt: skip

    def _with(self, request: Request, **fault: Any) -> Reply:
        self.app.faults.extend(read_faults([{"do": fault}]))
        return self._answer(request)
