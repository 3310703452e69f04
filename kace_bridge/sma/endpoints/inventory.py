"""Machines and assets, for linking a ticket to one.  Source: contract section 5.4."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from kace_bridge.errors import NotFound
from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.pages import Listing, read_pages
from kace_bridge.sma.query import Filter
from kace_bridge.sma.replies import Row, lower_keys, read_rows
from kace_bridge.sma.session import Session


@dataclass(frozen=True, slots=True)
class Item:
    """A machine or an asset. ``machine_id`` of a device asset is its machine's id.

    ``record`` has lower-case keys: the inventory routes mix casings and give ids as text.
    """

    id: int
    name: str
    machine_id: int | None = None
    record: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


class Inventory:
    """``sma.machines`` and ``sma.assets``: one list route and its rows."""

    def __init__(self, session: Session, zone: tzinfo, path: str, plural: str) -> None:
        self._session = session
        self._zone = zone
        self._path = path
        self._plural = plural

    def list(self, where: Filter | None = None) -> Iterator[Item]:
        """Matching rows, lazily, by rising id."""
        listing = Listing(self._path, self._plural, self._zone, where)
        for page in read_pages(self._session, listing):
            yield from map(_read_item, page.rows)

    def get(self, number: int) -> Item:
        """Raises NotFound."""
        path = f"{self._path}/{int(number)}"
        rows, _ = read_rows(Request("GET", path), self._session.get(path).fields, self._plural)
        if not rows:
            raise NotFound(f"{path}: no such thing, or hidden from this account", status=404)
        return _read_item(rows[0])


def _read_item(row: Row) -> Item:
    fields = lower_keys(row)
    return Item(
        id=to_int(fields.get("id")) or 0,
        name=str(fields.get("name") or ""),
        machine_id=to_int(fields.get("mapped_id")),
        record=fields,
    )


MACHINES = ("/api/inventory/machines", "Machines")
ASSETS = ("/api/asset/assets", "Assets")
