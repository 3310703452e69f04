"""People: the list, one, and the account this client logs in with.

Source: contract sections 2.6 (roles) and 5.1 (users).
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Literal, cast

from kace_bridge.errors import NotFound, Refused
from kace_bridge.model.ids import UserId, UserName
from kace_bridge.model.people import Person, to_int
from kace_bridge.sma.auth import ME
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.pages import PAGE_SIZE, Listing, read_pages
from kace_bridge.sma.query import Filter, build_query, clause, id_filter
from kace_bridge.sma.replies import Row, lower_keys, read_rows, untrusted
from kace_bridge.sma.session import Session

PATH = "/api/users/users"
SHAPING = "user all,location limited"
"""Location and the archive mark need more than the default; unknown names are ignored."""
AUTHORS_S = 3600.0
_CHUNK = 100

Right = Literal["READ", "WRITE", "HIDE"]


@dataclass(frozen=True, slots=True)
class Me:
    """The account in use and its right in the service desk; ``record`` is the whole answer."""

    user_id: UserId
    user_name: UserName
    helpdesk: Right | None
    record: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


class Users:
    """``sma.users``."""

    def __init__(self, session: Session, zone: tzinfo) -> None:
        self._session = session
        self._zone = zone
        self._authors: dict[int, Person] = {}
        self._authors_until = 0.0
        self._lock = threading.Lock()

    def list(self, where: Filter | None = None) -> Iterator[Person]:
        """Every user, lazily; archived ones are marked ``archived``."""
        listing = Listing(PATH, "Users", self._zone, where, SHAPING)
        for page in read_pages(self._session, listing, size=PAGE_SIZE):
            for row in page.rows:
                person = Person.from_api(row)
                if person is not None:
                    yield person

    def get(self, user_id: int) -> Person:
        """Raises NotFound."""
        path = f"{PATH}/{int(user_id)}"
        answer = self._session.get(path, (("shaping", SHAPING),))
        rows, _ = read_rows(Request("GET", path), answer.fields, "Users")
        person = Person.from_api(rows[0]) if rows else None
        if person is None:
            raise NotFound(f"no user {user_id}, or hidden from this account", status=404)
        return person

    def find(self, user_name: str) -> Person:
        """The user with that login name, whatever its case. Raises NotFound, ValueError."""
        wanted = user_name.casefold()
        where = clause("user_name", "eq", user_name)
        found = [p for p in self.list(where) if p.user_name.casefold() == wanted]
        if not found:
            raise NotFound(f"no user named {user_name!r}", status=404)
        return next((person for person in found if not person.archived), found[0])

    def me(self) -> Me:
        """Who this client is, and whether it may write in the service desk."""
        request = Request("GET", ME)
        fields = self._session.get(ME).fields
        rows = fields.get("users")
        record = lower_keys(rows[0]) if isinstance(rows, list) and rows else fields
        number = to_int(record.get("userid", record.get("id")))
        if not number:
            raise untrusted(request, "answered without a user id")
        name = record.get("username", record.get("user_name", ""))
        return Me(UserId(number), UserName(str(name)), read_right(record), record)

    def permissions(self, user_id: int) -> Mapping[str, Any]:
        """The permission map of another user (source: contract section 5.1)."""
        return self._session.get(f"/api/users/{int(user_id)}/permissions").fields

    def authors(self, ids: Iterable[int]) -> Mapping[int, Person]:
        """The people behind user ids, remembered for an hour; ``user-15`` where hidden.

        One request per hundred people not seen before.
        """
        with self._lock:
            now = self._session.clock.monotonic()
            if now >= self._authors_until:
                self._authors.clear()
                self._authors_until = now + AUTHORS_S
            missing = sorted({number for number in ids if number} - self._authors.keys())
            for start in range(0, len(missing), _CHUNK):
                chunk = missing[start : start + _CHUNK]
                self._authors |= self._look_up(chunk)
            return dict(self._authors)

    def forget(self) -> None:
        """Drop the remembered authors."""
        with self._lock:
            self._authors.clear()

    def _look_up(self, ids: Sequence[int]) -> dict[int, Person]:
        known = {number: Person(UserName(f"user-{number}"), id=UserId(number)) for number in ids}
        query = build_query(
            self._zone, where=id_filter(ids), sort="id asc", limit=len(ids), shaping=SHAPING
        )
        try:
            answer = self._session.get(PATH, query)
        except Refused:
            # A role that may not read users still sees tickets: names are a nicety there.
            return known
        rows, _ = read_rows(Request("GET", PATH), answer.fields, "Users")
        for row in rows:
            person = Person.from_api(row)
            if person is not None and person.id in known:
                known[person.id] = person
        return known


def read_right(record: Row) -> Right | None:
    """``permissions.helpdesk`` of a users/me answer; None where it is not said."""
    permissions = record.get("permissions")
    if not isinstance(permissions, Mapping):
        return None
    right = str(lower_keys(permissions).get("helpdesk", "")).upper()
    return cast("Right", right) if right in ("READ", "WRITE", "HIDE") else None
