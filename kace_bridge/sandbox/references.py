"""What a ticket may point at, and how a request says so. Source: contract section 4.3."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.exchange import ApiError


@dataclass(frozen=True, slots=True)
class Reference:
    """A ticket key, the attribute that holds its id, and the desk table it points into."""

    key: str
    attribute: str
    table: str
    per_queue: bool = False
    names: tuple[str, ...] = ("name",)
    shown: str = "name"


_PERSON = ("user_name", "full_name", "email")
REFERENCES = {
    ref.key: ref
    for ref in (
        Reference("submitter", "submitter_id", "users", names=_PERSON, shown="full_name"),
        Reference("owner", "owner_id", "users", names=_PERSON, shown="full_name"),
        Reference("approver", "approver_id", "users", names=_PERSON, shown="full_name"),
        Reference("status", "status_id", "statuses", per_queue=True),
        Reference("priority", "priority_id", "priorities", per_queue=True),
        Reference("category", "category_id", "categories", per_queue=True),
        Reference("impact", "impact_id", "impacts", per_queue=True),
        Reference("machine", "machine_id", "machines"),
        Reference("asset", "asset_id", "assets"),
    )
}
PER_QUEUE = tuple(ref for ref in REFERENCES.values() if ref.per_queue)


def read_reference(
    desk: Desk, ref: Reference, value: Any, queue_id: int, names_allowed: bool
) -> int:
    """The id meant by ``7``, ``"7"``, ``{"id": 7}`` or, where allowed, a name; 0 is none.

    Raises ApiError 400 for what is not there or belongs to another queue.
    """
    if isinstance(value, dict):
        value = value.get("id", value.get("user_name", value.get("name")))
    if value in (None, "", 0, "0"):
        return 0
    table: dict[int, Any] = getattr(desk, ref.table)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ApiError(400, f"Invalid value for {ref.key}")
    if isinstance(value, int) or value.isdecimal():
        found = table.get(int(value))
    else:
        found = _named(table, ref, value, queue_id) if names_allowed else None
    if found is None or (ref.per_queue and found.hd_queue_id != queue_id):
        where = f" in queue {queue_id}" if ref.per_queue else ""
        raise ApiError(400, f"Invalid {ref.key}: {value!r} does not exist{where}")
    return int(found.id)


def _named(table: dict[int, Any], ref: Reference, name: str, queue_id: int) -> Any:
    wanted = name.casefold()
    for attribute in ref.names:
        read = attrgetter(attribute)
        for row in table.values():
            if ref.per_queue and row.hd_queue_id != queue_id:
                continue
            if read(row).casefold() == wanted:
                return row
    return None


def show_reference(desk: Desk, ref: Reference, key: int) -> str:
    """How history sentences name it."""
    row = getattr(desk, ref.table).get(key)
    if row is None:
        return ""
    return str(getattr(row, ref.shown) or getattr(row, "user_name", ""))
