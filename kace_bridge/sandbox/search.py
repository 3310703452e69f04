"""Which rows a query means, and in what order; tickets by index, the rest by looking."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kace_bridge.sandbox.columns import Column, Entity, custom_column, wildcard
from kace_bridge.sandbox.data import Ticket, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.entities import Sub, base_entity
from kace_bridge.sandbox.exchange import ApiError
from kace_bridge.sandbox.query import Clause, Query, Sort, compare_values, read_date
from kace_bridge.sandbox.roles import sees, sees_all

Test = Callable[[Any], bool]
REMEMBERED = 16


@dataclass(slots=True)
class Memory:
    """Answers to recent ticket filters, so the pages of one sweep do not filter again."""

    found: OrderedDict[object, list[int]] = field(default_factory=OrderedDict)

    def get(self, key: object, find: Callable[[], list[int]]) -> list[int]:
        if key in self.found:
            self.found.move_to_end(key)
            return self.found[key]
        self.found[key] = ids = find()
        while len(self.found) > REMEMBERED:
            self.found.popitem(last=False)
        return ids


def find_column(entity: Entity, name: str) -> Column:
    """The column of that name; ApiError 400 for an unknown field."""
    column = entity.columns.get(name)
    if column is None and entity.base == "hd_ticket":
        column = custom_column(name)
    if column is None:
        raise ApiError(400, f"Unknown field '{name}'")
    return column


def find_sub(base: str, name: str) -> Sub:
    sub = base_entity(base).subs.get(name)
    if sub is None:
        raise ApiError(400, f"Unknown entity '{name}'")
    return sub


def clause_test(desk: Desk, base: str, clause: Clause) -> Test:
    """A test of one row of the *base* entity."""
    if clause.op in ("ex", "nex"):
        sub, wanted = find_sub(base, clause.entity), clause.op == "ex"
        return lambda row: bool(sub.read(desk, row)) is wanted
    if clause.field == "*":
        compare = compare_values(clause.op, "text", clause.value)
        if base == "hd_ticket":
            return lambda row: compare(wildcard(row, desk.users))
        texts = [c for c in base_entity(base).entity.columns.values() if c.kind == "text"]
        return lambda row: any(compare(c.read(row)) for c in texts)
    if not clause.entity:
        column = find_column(base_entity(base).entity, clause.field)
        read, test = column.read, compare_values(clause.op, column.kind, clause.value)
        return lambda row: test(read(row))
    return _sub_test(desk, find_sub(base, clause.entity), clause)


def _sub_test(desk: Desk, sub: Sub, clause: Clause) -> Test:
    column = find_column(sub.entity, clause.field)
    read, test = column.read, compare_values(clause.op, column.kind, clause.value)
    if sub.many:
        return lambda row: any(test(read(other)) for other in sub.read(desk, row))
    # Small tables are judged once, not once per ticket.
    passing = {key for key, other in getattr(desk, sub.table).items() if test(read(other))}
    reference = sub.reference
    return lambda row: getattr(row, reference) in passing


def sort_rows(desk: Desk, base: str, rows: Sequence[Any], sorts: Iterable[Sort]) -> list[Any]:
    """Rows in the asked order, ties as they came."""
    ordered = list(rows)
    for sort in reversed(list(sorts)):
        ordered.sort(key=_sort_key(desk, base, sort), reverse=sort.descending)
    return ordered


def _sort_key(desk: Desk, base: str, sort: Sort) -> Callable[[Any], tuple[bool, Any]]:
    if not sort.entity:
        column = find_column(base_entity(base).entity, sort.field)
        return lambda row: _sortable(column.read(row))
    sub = find_sub(base, sort.entity)
    column = find_column(sub.entity, sort.field)

    def key(row: Any) -> tuple[bool, Any]:
        other = sub.read(desk, row)
        if sub.many:
            other = next(iter(other), None)
        return _sortable(column.read(other) if other is not None else None)

    return key


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value.casefold() if isinstance(value, str) else value or 0


def select_rows(desk: Desk, base: str, rows: Iterable[Any], query: Query) -> list[Any]:
    """All matching rows of a small table, sorted."""
    tests = [clause_test(desk, base, clause) for clause in query.clauses]
    return sort_rows(
        desk, base, [row for row in rows if all(test(row) for test in tests)], query.sorts
    )


def select_tickets(desk: Desk, viewer: User, query: Query, memory: Memory) -> Sequence[int]:
    """Ids of all tickets meant, in order; the id bounds of keyset paging cost a bisection."""
    bounds = [c for c in query.clauses if _is_id_bound(c)]
    others = tuple(c for c in query.clauses if c not in bounds and not _is_every_queue(desk, c))
    by_id = not query.sorts or query.sorts == (Sort("", "id", False),)
    free = sees_all(desk, viewer)
    if not others and free and by_id:
        return _cut(desk.ids, bounds)
    key = (id(desk), desk.revision, others, query.sorts, 0 if free else viewer.id)
    if bounds and by_id and key not in memory.found:
        few = _cut(desk.ids, bounds)
        if len(few) < 1000:
            return _filter_tickets(desk, viewer, others, few)
    ids = memory.get(key, lambda: _find_tickets(desk, viewer, others, query.sorts))
    if by_id:
        return _cut(ids, bounds)
    tests = [clause_test(desk, "hd_ticket", bound) for bound in bounds]
    return [i for i in ids if all(test(desk.tickets[i]) for test in tests)] if tests else ids


def _find_tickets(
    desk: Desk, viewer: User, clauses: tuple[Clause, ...], sorts: tuple[Sort, ...]
) -> list[int]:
    recent = _modified_range(desk, clauses)
    candidates = desk.ids if recent is None else sorted(recent)
    ids = _filter_tickets(desk, viewer, clauses, candidates)
    if sorts and sorts != (Sort("", "id", False),):
        rows = sort_rows(desk, "hd_ticket", [desk.tickets[i] for i in ids], sorts)
        return [ticket.id for ticket in rows]
    return ids


def _filter_tickets(
    desk: Desk, viewer: User, clauses: tuple[Clause, ...], ids: Sequence[int]
) -> list[int]:
    tests = [clause_test(desk, "hd_ticket", clause) for clause in clauses]
    if not sees_all(desk, viewer):
        tests.append(lambda ticket: sees(desk, viewer, ticket))
    rows: list[Ticket] = [desk.tickets[i] for i in ids]
    for test in tests:
        rows = [row for row in rows if test(row)]
    return [row.id for row in rows]


def _modified_range(desk: Desk, clauses: tuple[Clause, ...]) -> list[int] | None:
    """Ids inside the ``modified`` bounds; None when there are none or the bound is no date."""
    low, high = 0, len(desk.by_modified)
    bounded = False
    for clause in clauses:
        if clause.entity or clause.field != "modified" or clause.op not in ("gt", "ge", "lt", "le"):
            continue
        try:
            stamp = read_date(clause.value)
        except ValueError:
            return None
        bounded = True
        # (stamp,) sorts before every (stamp, id); (stamp, inf) after them all.
        edge = bisect_left(desk.by_modified, (stamp, -1))
        after = bisect_left(desk.by_modified, (stamp + "\x00", -1))
        if clause.op in ("gt", "ge"):
            low = max(low, after if clause.op == "gt" else edge)
        else:
            high = min(high, edge if clause.op == "lt" else after)
    return [key for _, key in desk.by_modified[low:high]] if bounded else None


def _is_id_bound(clause: Clause) -> bool:
    plain = not clause.entity and clause.field == "id"
    return plain and clause.op in ("gt", "ge", "lt", "le", "eq") and clause.value.isdecimal()


def _is_every_queue(desk: Desk, clause: Clause) -> bool:
    if clause.entity or clause.field != "hd_queue_id" or clause.op not in ("eq", "in"):
        return False
    asked = clause.value.split(";")
    return all(v.strip().isdecimal() for v in asked) and set(map(int, asked)) >= set(desk.queues)


def _cut(ids: list[int], bounds: list[Clause]) -> list[int]:
    low, high = 0, len(ids)
    for bound in bounds:
        value = int(bound.value)
        if bound.op in ("gt", "ge", "eq"):
            cut = bisect_right(ids, value) if bound.op == "gt" else bisect_left(ids, value)
            low = max(low, cut)
        if bound.op in ("lt", "le", "eq"):
            cut = bisect_left(ids, value) if bound.op == "lt" else bisect_right(ids, value)
            high = min(high, cut)
    return ids if (low, high) == (0, len(ids)) else ids[low:high]
