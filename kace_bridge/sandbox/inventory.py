"""Machines and assets, with their odd casing. Source: contract section 5.4."""

from kace_bridge.sandbox.call import Call, answer_one, answer_page
from kace_bridge.sandbox.columns import STANDARD
from kace_bridge.sandbox.entities import base_entity
from kace_bridge.sandbox.exchange import ApiError, Reply
from kace_bridge.sandbox.search import select_rows
from kace_bridge.sandbox.shape import Row, shape_row

_PLACES = {"machine": ("machines", "Machines"), "asset": ("assets", "Assets")}


def list_machines(call: Call) -> Reply:
    return _list(call, "machine")


def get_machine(call: Call) -> Reply:
    return _get(call, "machine")


def list_assets(call: Call) -> Reply:
    return _list(call, "asset")


def get_asset(call: Call) -> Reply:
    return _get(call, "asset")


def _list(call: Call, base: str) -> Reply:
    query = call.query(base)
    table, plural = _PLACES[base]
    rows = [row for _, row in sorted(getattr(call.desk, table).items())]
    found = select_rows(call.desk, base, rows, query)
    level = query.shaping.get(base, STANDARD)
    return answer_page(call, plural, query, found, lambda row: _row(call, base, row, level))


def _get(call: Call, base: str) -> Reply:
    query = call.query(base)
    table, plural = _PLACES[base]
    thing = getattr(call.desk, table).get(call.number("id"))
    if thing is None:
        raise ApiError(404, f"{base.title()} {call.path['id']} not found.")
    return answer_one(plural, query, _row(call, base, thing, query.shaping.get(base, STANDARD)))


def _row(call: Call, base: str, thing: object, level: int) -> Row:
    row = shape_row(base_entity(base).entity, thing, level)
    query = call.query(base)
    for name, sub in base_entity(base).subs.items():
        other = sub.read(call.desk, thing) if name in query.shaping else None
        if other is not None:
            row[name] = shape_row(sub.entity, other, query.shaping[name])
    return row
