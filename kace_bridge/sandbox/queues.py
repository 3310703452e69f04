"""The queue routes. Source: contract sections 4.10 and 4.12."""

from typing import Any

from kace_bridge.sandbox.call import Call, answer_one, answer_page
from kace_bridge.sandbox.data import Queue
from kace_bridge.sandbox.entities import shown_fields
from kace_bridge.sandbox.exchange import ApiError, Reply, answer_json
from kace_bridge.sandbox.references import PER_QUEUE
from kace_bridge.sandbox.search import select_rows


def list_queues(call: Call) -> Reply:
    query = call.query("hd_queue")
    rows = [queue for _, queue in sorted(call.desk.queues.items())]
    found = select_rows(call.desk, "hd_queue", rows, query)
    return answer_page(call, "Queues", query, found, call.shaper(query).queue)


def get_queue(call: Call) -> Reply:
    query = call.query("hd_queue")
    return answer_one("Queues", query, call.shaper(query).queue(_queue(call)))


def list_fields(call: Call) -> Reply:
    """Field metadata in the shape of the newer route: no counts, other key names."""
    rows = []
    for field in shown_fields(call.desk, _queue(call)):
        row = {"jsonKey": field.key or field.name.lower(), "label": field.label}
        if field.column:
            row["column"] = field.column
        rows.append(
            row | {"type": field.kind, "visible": field.visible, "required": field.required}
        )
    return answer_json({"Fields": rows})


def get_template(call: Call) -> Reply:
    """A blank ticket with the queue's defaults, usable as a create body."""
    queue = _queue(call)
    ticket: dict[str, Any] = {"hd_queue_id": queue.id, "title": "", "summary": "", "cc_list": ""}
    for ref in PER_QUEUE:
        key = getattr(queue, f"default_{ref.key}_id")
        row = getattr(call.desk, ref.table).get(key)
        if row is not None:
            ticket[ref.key] = {"id": row.id, "name": row.name}
    return answer_json({"Tickets": [ticket]})


def _queue(call: Call) -> Queue:
    queue = call.desk.queues.get(call.number("id"))
    if queue is None:
        raise ApiError(404, f"Queue {call.path['id']} not found.")
    return queue
