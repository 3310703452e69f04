"""The query language of list routes, built so that an invalid clause cannot be made.

Pure. Source: contract section 3 (values are bare: nothing can be quoted or escaped).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from kace_bridge.model.appliance_time import format_stamp

Operator = Literal[
    "eq", "neq", "lt", "le", "gt", "ge", "co", "nco", "st", "nst", "end", "nend",
    "in", "nin", "ex", "nex",
]  # fmt: skip
Value = str | int | datetime
Query = tuple[tuple[str, str], ...]

_OPERATORS = frozenset(
    "eq neq lt le gt ge co nco st nst end nend in nin ex nex".split()  # noqa: SIM905 -- a table
)
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a filter; make it with ``clause``."""

    field: str
    operator: str
    values: tuple[Value, ...]

    def render(self, zone: tzinfo) -> str:
        """The clause as the appliance reads it; instants become local to *zone*."""
        texts = [_render_value(value, self.operator, zone) for value in self.values]
        return " ".join([self.field, self.operator, *([";".join(texts)] if texts else [])])


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that must all hold. Combine with ``&``; the language has no "or"."""

    clauses: tuple[Clause, ...] = ()

    def __and__(self, other: "Filter") -> "Filter":
        return Filter(self.clauses + other.clauses)

    def __bool__(self) -> bool:
        return bool(self.clauses)

    def render(self, zone: tzinfo) -> str:
        return ",".join(clause.render(zone) for clause in self.clauses)


def clause(field: str, operator: Operator, value: Value | Iterable[Value] | None = None) -> Filter:
    """A filter of one condition, such as ``clause("status.state", "neq", "closed")``.

    ``in`` and ``nin`` take several values; ``ex`` and ``nex`` take none. *field* is a field of
    the route's entity, ``entity.field``, or ``*`` for any field. Raises ValueError for what the
    language cannot say: a comma or a control character in a value, a semicolon in a set, an
    empty value, a naive datetime. Filter on something else then, and check the rest yourself.
    """
    if field != "*" and not _FIELD.fullmatch(field):
        raise ValueError(f"{field!r} is not a field: write name or entity.name")
    if operator not in _OPERATORS:
        raise ValueError(f"{operator!r} is not an operator: use one of {sorted(_OPERATORS)}")
    if operator in ("ex", "nex") and not field.isidentifier():
        raise ValueError(f"{operator} asks for a record: name an entity such as owner, not {field}")
    values = _list_values(operator, value)
    for item in values:
        _check_value(item, in_set=operator in ("in", "nin"))
    return Filter((Clause(field, operator, values),))


def build_query(
    zone: tzinfo,
    *,
    where: Filter | None = None,
    sort: str = "",
    limit: int = 0,
    offset: int = 0,
    shaping: str = "",
) -> Query:
    """The query parameters of a list route. ``limit`` 0 means every row.

    Paging is always named, because the appliance answers 50 rows otherwise (contract 8, Q15).
    """
    if limit < 0 or offset < 0:
        raise ValueError("limit and offset cannot be negative")
    pairs = []
    if where:
        pairs.append(("filtering", where.render(zone)))
    if sort:
        pairs.append(("sorting", _check_sort(sort)))
    pairs.append(("paging", f"limit {limit} offset {offset}"))
    if shaping:
        pairs.append(("shaping", shaping))
    return tuple(pairs)


def lower_bound(instant: datetime, zone: tzinfo) -> str:
    """The smallest local text any moment from *instant* on can carry.

    In the hour before clocks go back, later moments carry smaller texts: there the bound is
    earlier by the shift, so that ``modified ge`` reads some rows twice and loses none.
    """
    local = instant.astimezone(zone)
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is not None and second is not None and first > second and local.fold == 0:
        local = (local.replace(tzinfo=None) - (first - second)).replace(tzinfo=zone)
        return local.strftime("%Y-%m-%d %H:%M:%S")
    return format_stamp(instant, zone)


def check_stamp(text: str) -> str:
    """*text* where it is an appliance date (``2026-03-02 09:01:13``); raises ValueError."""
    if not _STAMP.fullmatch(text):
        raise ValueError(f"{text!r} is not an appliance date: write YYYY-MM-DD HH:MM:SS")
    return text


def _list_values(operator: str, value: Value | Iterable[Value] | None) -> tuple[Value, ...]:
    if operator in ("ex", "nex"):
        if value is not None:
            raise ValueError(f"{operator} takes no value")
        return ()
    if operator in ("in", "nin"):
        if isinstance(value, str | int | datetime) or value is None:
            raise ValueError(f"{operator} takes several values: give it a list")
        values = tuple(value)
        if not values:
            raise ValueError(f"{operator} with an empty set would match nothing: do not ask")
        return values
    if not isinstance(value, str | int | datetime):
        raise ValueError(f"{operator} takes one text, number or date")
    return (value,)


def _check_value(value: Value, *, in_set: bool) -> None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a date without a zone: give an aware datetime")
        return
    if isinstance(value, int):
        return
    if not isinstance(value, str):
        raise ValueError(f"a {type(value).__name__} cannot be filtered by")
    if not value.strip() or value != value.strip():
        raise ValueError(f"{value!r}: a value cannot be empty or begin or end with a blank")
    if "," in value or (in_set and ";" in value) or _FORBIDDEN.search(value):
        raise ValueError(
            f"{value!r} holds a comma, a semicolon in a set or a control character, "
            "which the appliance's filters cannot express: filter by id instead"
        )


def _render_value(value: Value, operator: str, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return lower_bound(value, zone) if operator in ("ge", "gt") else format_stamp(value, zone)
    return str(int(value)) if isinstance(value, int) else value


def _check_sort(sort: str) -> str:
    for part in sort.split(","):
        name, _, direction = part.partition(" ")
        if not _FIELD.fullmatch(name) or direction not in ("", "asc", "desc"):
            raise ValueError(f"{part!r} is not a sort key: write field, field asc or field desc")
    return sort


def id_filter(ids: Sequence[int], field: str = "id") -> Filter:
    """Rows whose *field* is one of *ids*."""
    return clause(field, "in", list(ids)) if len(ids) != 1 else clause(field, "eq", ids[0])
