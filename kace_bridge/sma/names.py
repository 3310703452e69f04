"""Names to ids: statuses, priorities, categories, impacts per queue, and people.

No route lists the legal values, so they are learnt, in this order: the operator's map, the
tickets of the queue, the queue's ticket template; last, for the first queue, what a fresh
appliance has, if nothing seen contradicts it. Source: contract sections 4.11 and 6.
"""

import difflib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import cast

from kace_bridge.errors import KaceBridgeError, NotFound, Refused
from kace_bridge.model.people import to_int
from kace_bridge.model.ticket import State
from kace_bridge.sma.endpoints.queues import Queues
from kace_bridge.sma.endpoints.ticket_writes import PATH
from kace_bridge.sma.endpoints.tickets import Tickets
from kace_bridge.sma.endpoints.users import Users
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.fresh_names import FIRST_QUEUE, FRESH_STATES, fresh_ids
from kace_bridge.sma.query import build_query, clause
from kace_bridge.sma.replies import read_rows
from kace_bridge.sma.session import Session

log = logging.getLogger(__name__)

FIELDS = ("status", "priority", "category", "impact")
PEOPLE = ("owner", "submitter", "approver")
SHAPING = "status all,priority all,impact all,category limited,owner limited"
AGE_S = 3600.0
RETRY_S = 60.0
"""A name not found in a table older than this is worth one fresh look."""
PAGE = 200
PAGES = 10
QUIET_PAGES = 2

OperatorMap = Mapping[int | str, Mapping[str, Mapping[str, object]]]
"""queue (id or name) -> field -> name -> id, or {"id": 4, "state": "stalled"} for a status."""


class UnknownName(KaceBridgeError):
    """A name the appliance does not know, or knows twice; ``nearest`` are those like it."""

    exit_code = 78

    def __init__(self, message: str, nearest: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.nearest = tuple(nearest)


@dataclass(slots=True)
class _Table:
    """What is known of one queue: field -> name -> ids, and the state of each status id."""

    made: float
    ids: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    states: dict[int, State] = field(default_factory=dict)
    template_read: bool = False

    def learn(self, name_of: str, record: object) -> bool:
        """Take in one reference; True where it is new."""
        if not isinstance(record, Mapping):
            return False
        number, name = to_int(record.get("id")), record.get("name")
        if not number or not isinstance(name, str) or not name:
            return False
        state = record.get("state")
        if name_of == "status" and state in ("opened", "closed", "stalled"):
            self.states[number] = cast("State", state)
        known = self.ids.setdefault(name_of, {}).setdefault(name, set())
        fresh = number not in known
        known.add(number)
        return fresh


class Names:
    """``sma.names``. Tables are kept for an hour."""

    def __init__(
        self,
        session: Session,
        tickets: Tickets,
        queues: Queues,
        users: Users,
        zone: tzinfo,
        given: OperatorMap | None = None,
    ) -> None:
        self._session = session
        self._tickets = tickets
        self._queues = queues
        self._users = users
        self._zone = zone
        self._given = given or {}
        self._given_tables: dict[int, _Table] = {}
        self._tables: dict[int, _Table] = {}
        self._people: dict[str, tuple[float, int]] = {}
        self._lock = threading.RLock()

    def resolve(self, queue_id: int, field: str, name: str) -> int:
        """The id of *name* in that queue; of a login name for owner, submitter and approver.

        Exact spelling wins over another case. Raises UnknownName naming the nearest, also
        where one name stands for several ids; ValueError for a field that has no names.
        """
        if field in PEOPLE:
            return self._resolve_person(name)
        if field not in FIELDS:
            raise ValueError(f"{field!r} is not resolved by name: use one of {FIELDS + PEOPLE}")
        with self._lock:
            ids = self._find(queue_id, field, name)
            if len(ids) == 1:
                return next(iter(ids))
            if ids:
                raise UnknownName(
                    f"{field} {name!r} stands for several ids in queue {queue_id} "
                    f"({', '.join(map(str, sorted(ids)))}): name it in the operator's map",
                    (name,),
                )
            raise _unknown(field, name, list(self.known(queue_id, field)), f" in queue {queue_id}")

    def known(self, queue_id: int, field: str) -> Mapping[str, int]:
        """Every name of *field* known to stand for one id. Unused values may be missing."""
        with self._lock:
            found = dict(self._table(queue_id).ids.get(field, {}))
            found |= self._given_table(queue_id).ids.get(field, {})
            return {name: min(ids) for name, ids in sorted(found.items()) if len(ids) == 1}

    def status_state(self, queue_id: int, name: str) -> State | None:
        """Whether a status counts as opened, closed or stalled; None where nothing tells."""
        with self._lock:
            ids = self._find(queue_id, "status", name)
            states = self._given_table(queue_id).states
            if not ids <= states.keys():
                states = self._table(queue_id).states | states
            if queue_id == FIRST_QUEUE and not ids & states.keys():
                states = dict(FRESH_STATES)
            found = {states.get(number) for number in ids}
            return found.pop() if len(found) == 1 else None

    def forget(self) -> None:
        """Drop what was learnt; the next question reads anew."""
        with self._lock:
            self._tables.clear()
            self._given_tables.clear()
            self._people.clear()

    def _find(self, queue_id: int, field: str, name: str) -> set[int]:
        if found := _match(self._given_table(queue_id).ids.get(field, {}), name):
            return found
        table = self._table(queue_id)
        if found := _match(table.ids.get(field, {}), name):
            return found
        if not table.template_read:
            self._learn_template(queue_id, table)
            if found := _match(table.ids.get(field, {}), name):
                return found
        if self._now() - table.made >= RETRY_S:
            del self._tables[queue_id]
            return self._find(queue_id, field, name)
        return fresh_ids(queue_id, field, name, table.ids.get(field, {}))

    def _table(self, queue_id: int) -> _Table:
        table = self._tables.get(queue_id)
        if table is None or self._now() - table.made >= AGE_S:
            table = self._tables[queue_id] = _Table(self._now())
            self._learn_tickets(queue_id, table)
        return table

    def _given_table(self, queue_id: int) -> _Table:
        """The operator's map for one queue, named in it by id or by name."""
        table = self._given_tables.get(queue_id)
        if table is not None:
            return table
        table = self._given_tables[queue_id] = _Table(0.0)
        names: set[object] = {queue_id, str(queue_id)}
        if any(isinstance(key, str) and not key.isdigit() for key in self._given):
            names |= {queue.name for queue in self._queues.list() if queue.id == queue_id}
        for key, fields in self._given.items():
            for kind, values in fields.items() if key in names else ():
                for name, value in values.items():
                    table.learn(kind, _given_record(name, value))
        return table

    def _learn_tickets(self, queue_id: int, table: _Table) -> None:
        """Read the queue's tickets, newest first, until pages bring nothing new."""
        below, quiet = 0, 0
        for _ in range(PAGES):
            where = clause("hd_queue_id", "eq", int(queue_id))
            if below:
                where &= clause("id", "lt", below)
            query = build_query(
                self._zone, where=where, sort="id desc", limit=PAGE, shaping=SHAPING
            )
            answer = self._session.get(PATH, query)
            rows, _ = read_rows(Request("GET", PATH), answer.fields, "Tickets")
            rows = [row for row in rows if to_int(row.get("hd_queue_id")) in (None, queue_id)]
            numbers = [number for row in rows if (number := to_int(row.get("id")))]
            fresh = sum(table.learn(name, row.get(name)) for row in rows for name in FIELDS)
            quiet = 0 if fresh else quiet + 1
            if not numbers or quiet >= QUIET_PAGES or (below and min(numbers) >= below):
                return
            below = min(numbers)

    def _learn_template(self, queue_id: int, table: _Table) -> None:
        table.template_read = True
        try:
            template = self._tickets.template(queue_id)
        except Refused as error:
            log.debug("no ticket template", extra={"queue": queue_id, "reason": str(error)})
            return
        for name in FIELDS:
            table.learn(name, template.get(name))

    def _resolve_person(self, name: str) -> int:
        key = name.casefold()
        with self._lock:
            made, number = self._people.get(key, (0.0, 0))
            if number and self._now() - made < AGE_S:
                return number
            try:
                person = self._users.find(name)
            except (NotFound, ValueError):
                person = None
            if person is None or not person.id:
                raise _unknown("user", name, [p.user_name for p in self._users.list()])
            if person.archived:
                raise UnknownName(f"user {name!r} is archived: name somebody who works here")
            self._people[key] = (self._now(), person.id)
            return person.id

    def _now(self) -> float:
        return self._session.clock.monotonic()


def _given_record(name: str, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return {"name": name, "id": value.get("id"), "state": value.get("state")}
    return {"name": name, "id": value}


def _match(known: Mapping[str, set[int]], name: str) -> set[int]:
    """The ids of exactly that spelling, else of every spelling that differs in case alone."""
    if name in known:
        return known[name]
    wanted = name.casefold()
    return {number for key, ids in known.items() if key.casefold() == wanted for number in ids}


def _unknown(field: str, name: str, known: Sequence[str], where: str = "") -> UnknownName:
    by_key = {item.casefold(): item for item in known}
    close = difflib.get_close_matches(name.casefold(), list(by_key), n=3, cutoff=0.5)
    nearest = [by_key[item] for item in close]
    hint = f"; nearest: {', '.join(map(repr, nearest))}" if nearest else ""
    cure = "" if field == "user" else "; a value no ticket uses cannot be seen: map its id"
    return UnknownName(f"no {field} named {name!r}{where}{hint}{cure}", nearest)
