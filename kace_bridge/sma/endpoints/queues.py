"""Queues and their fields.  Source: contract section 4.10."""

from collections.abc import Sequence
from datetime import tzinfo

from kace_bridge.errors import NotFound
from kace_bridge.model.ids import QueueId
from kace_bridge.model.people import to_int
from kace_bridge.model.queue import Queue, QueueField
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.pages import Listing, read_pages
from kace_bridge.sma.replies import Row, lower_keys, read_rows
from kace_bridge.sma.session import Session

PATH = "/api/service_desk/queues"


class Queues:
    """``sma.queues``."""

    def __init__(self, session: Session, zone: tzinfo) -> None:
        self._session = session
        self._zone = zone

    def list(self, with_fields: bool = False) -> tuple[Queue, ...]:
        """Every queue this account sees, by id; ``fields`` only where asked for."""
        shaping = "fields all" if with_fields else ""
        listing = Listing(PATH, "Queues", self._zone, shaping=shaping)
        pages = read_pages(self._session, listing)
        return tuple(_read_queue(row) for page in pages for row in page.rows)

    def get(self, queue_id: int) -> Queue:
        """Raises NotFound."""
        path = f"{PATH}/{int(queue_id)}"
        rows, _ = read_rows(Request("GET", path), self._session.get(path).fields, "Queues")
        if not rows:
            raise NotFound(f"no queue {queue_id}, or hidden from this account", status=404)
        return _read_queue(rows[0])

    def find(self, name: str) -> Queue:
        """The queue of that name, whatever its case. Raises NotFound, naming those there are."""
        queues = self.list()
        exact = [queue for queue in queues if queue.name == name]
        found = exact or [queue for queue in queues if queue.name.casefold() == name.casefold()]
        if len(found) != 1:
            what = "several queues are" if found else "no queue is"
            names = ", ".join(repr(queue.name) for queue in queues) or "none visible"
            raise NotFound(f"{what} named {name!r}; queues: {names}", status=404)
        return found[0]

    def fields(self, queue_id: int) -> tuple[QueueField, ...]:
        """The fields of a queue, in the appliance's order, with the JSON key of each."""
        path = f"{PATH}/{int(queue_id)}/fields"
        rows, _ = read_rows(Request("GET", path), self._session.get(path).fields, "Fields")
        return read_fields(rows)

    def field(self, queue_id: int, name: str) -> QueueField:
        """The field of that label or JSON key, whatever the case: custom fields by their label.

        Raises NotFound where there is none, or several of one label, naming those there are.
        """
        fields = self.fields(queue_id)
        wanted = name.casefold()
        found = [one for one in fields if one.key == wanted] or [
            one for one in fields if one.label.casefold() == wanted
        ]
        if len(found) != 1:
            what = "several fields are" if found else "no field is"
            labels = ", ".join(repr(one.label) for one in fields)
            raise NotFound(
                f"{what} labelled {name!r} in queue {queue_id}; fields: {labels}", status=404
            )
        return found[0]


def _read_queue(row: Row) -> Queue:
    fields = lower_keys(row)
    inner = fields.get("fields")
    return Queue(
        id=QueueId(to_int(fields.get("id")) or 0),
        name=str(fields.get("name") or ""),
        fields=read_fields(inner) if isinstance(inner, list) else (),
        record=row,
    )


def read_fields(rows: Sequence[Row]) -> tuple[QueueField, ...]:
    """Field rows of either route; fields without a JSON key (CREATED, MODIFIED) keep their name.

    Source: contract section 4.10 (the two routes use different keys for the same things).
    """
    return tuple(_read_field(lower_keys(row)) for row in rows)


def _read_field(row: Row) -> QueueField:
    key = row.get("jsonkey") or row.get("hd_ticket_field_name") or row.get("name") or ""
    return QueueField(
        key=str(key).lower(),
        label=str(row.get("label") or row.get("field_label") or key),
        kind=str(row.get("type") or ""),
        required=str(row.get("required") or row.get("required_state") or "none"),
        visible=str(row.get("visible") or ""),
    )
