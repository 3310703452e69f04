"""One authenticated API call, and how its answers are enveloped."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kace_bridge.sandbox.data import User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.exchange import ApiError, Reply, Request, answer_json
from kace_bridge.sandbox.query import Query, parse_query
from kace_bridge.sandbox.roles import helpdesk_permission
from kace_bridge.sandbox.search import Memory
from kace_bridge.sandbox.settings import Settings
from kace_bridge.sandbox.shape import Shaper
from kace_bridge.sandbox.writes import Save


@dataclass(frozen=True, slots=True)
class Call:
    """What a route needs: whose call it is, on which data, with which path numbers.

    *playing* is a call on the control surface's /sandbox/as routes.
    """

    request: Request
    settings: Settings
    desk: Desk
    user: User
    stamp: str
    memory: Memory
    organization: str
    path: dict[str, str] = field(default_factory=dict)
    playing: bool = False
    ignored: frozenset[str] = frozenset()

    def number(self, name: str) -> int:
        return int(self.path[name])

    def query(self, base: str) -> Query:
        return parse_query(self.request.query, base)

    def shaper(self, query: Query, *, listing: bool = False) -> Shaper:
        hide = listing and not self.settings.custom_fields_in_lists
        return Shaper(
            self.desk, self.user, query.shaping, self.settings.times_shown, hide_custom=hide
        )

    def save(self) -> Save:
        return Save(self.desk, self.settings, self.user, self.stamp, self.playing, self.ignored)

    def require_write(self) -> None:
        """ApiError 403 for a role that may only read (chosen, contract point 13)."""
        if helpdesk_permission(self.desk, self.user) != "WRITE":
            raise ApiError(403, "You do not have permission to modify tickets.")

    def body(self) -> Any:
        """The JSON body; ApiError 400 when it is none."""
        try:
            return json.loads(self.request.body or b"null")
        except ValueError:
            raise ApiError(400, "The request body is not valid JSON.") from None

    def rows_of(self, name: str) -> list[dict[str, Any]] | None:
        """The objects under *name* in the body; None when it is laid out otherwise."""
        body = self.body()
        rows = body.get(name) if isinstance(body, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return None
        return rows


def answer_page(
    call: Call, plural: str, query: Query, found: Sequence[Any], show: Callable[[Any], Any]
) -> Reply:
    """One page of *found* in the list envelope; only the page's rows are built."""
    if query.count_only:
        return answer_json({"Count": len(found)})
    offset = 0 if plural in call.settings.offset_ignored_on else query.offset
    limit = len(found) if query.limit is None else query.limit
    if call.settings.page_limit:
        limit = min(limit, call.settings.page_limit)
    envelope: dict[str, Any] = {"Count": len(found)} if query.count else {}
    envelope["Warnings"] = []
    envelope[plural] = [show(row) for row in found[offset : offset + limit]]
    return answer_json(envelope)


def answer_one(plural: str, query: Query, row: object) -> Reply:
    """A single object, in the same envelope as a list."""
    envelope: dict[str, Any] = {"Count": 1} if query.count else {}
    return answer_json(envelope | {"Warnings": [], plural: [row]})
