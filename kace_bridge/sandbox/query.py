"""The query language of list routes, parsed. Source: contract section 3."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import parse_qs

from kace_bridge.sandbox.columns import LEVELS, STANDARD
from kace_bridge.sandbox.exchange import ApiError

OPERATORS = {  # every spelling of the guides, to one
    "eq": "eq",
    "neq": "ne",
    "ne": "ne",
    "lt": "lt",
    "le": "le",
    "gt": "gt",
    "ge": "ge",
    "co": "co",
    "nco": "nc",
    "nc": "nc",
    "st": "st",
    "nst": "ns",
    "ns": "ns",
    "end": "en",
    "en": "en",
    "nend": "nen",
    "nen": "nen",
    "in": "in",
    "nin": "nin",
    "ex": "ex",
    "nex": "nex",
}
WITHOUT_VALUE = {"ex", "nex"}
_CLAUSE = re.compile(r"^(?P<field>[\w.*]+)\s+(?P<op>[a-z]+)(?:\s(?P<value>.*))?$", re.S)
_DATE = re.compile(
    r"^\d{4}-\d\d-\d\d(?:[ T](?P<time>(?:[01]\d|2[0-3]):[0-5]\d)(?P<seconds>:[0-5]\d)?)?$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; *entity* is empty for the base entity, *field* is ``*`` for the wildcard."""

    entity: str
    field: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Sort:
    entity: str
    field: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """*limit* None is everything; *shaping* maps lower-case entity names to levels."""

    clauses: tuple[Clause, ...]
    sorts: tuple[Sort, ...]
    limit: int | None
    offset: int
    shaping: dict[str, int]
    count: bool
    count_only: bool


def parse_query(raw: str, base: str) -> Query:
    """The query of a list route whose base entity is *base*. ApiError 400 for a broken filter."""
    values = parse_qs(raw, keep_blank_values=True)

    def last(name: str) -> str | None:
        found = values.get(name)
        return found[-1] if found else None

    limit, offset = parse_paging(last("paging") or "")
    sorts = parse_sorting(last("sorting") or "", base)
    shaping = parse_shaping(last("shaping") or "", base)
    for sort in sorts:
        if sort.entity:
            shaping.setdefault(sort.entity, STANDARD)
    only = last("use_count_only")
    return Query(
        parse_filtering(last("filtering") or "", base),
        sorts,
        limit,
        offset,
        shaping,
        count=(last("use_count") or "true").lower() != "false",
        count_only=only is not None and only.lower() != "false",
    )


def parse_filtering(text: str, base: str) -> tuple[Clause, ...]:
    return tuple(_clause(part, base) for part in text.split(",")) if text.strip() else ()


def _clause(text: str, base: str) -> Clause:
    match = _CLAUSE.match(text.strip())
    op = OPERATORS.get(match["op"]) if match else None
    if match is None or op is None:
        raise ApiError(400, f"Invalid filter: '{text.strip()}'")
    value = match["value"]
    if (value is None) != (op in WITHOUT_VALUE):
        raise ApiError(400, f"Invalid filter value: '{text.strip()}'")
    if op in WITHOUT_VALUE:
        return Clause(_entity(match["field"], base), "", op, "")
    entity, field = _split(match["field"], base)
    return Clause(entity, field, op, (value or "").strip())


def _split(name: str, base: str) -> tuple[str, str]:
    entity, _, field = name.lower().rpartition(".")
    return ("" if entity in ("", base) else _entity(entity, base)), field


def _entity(name: str, base: str) -> str:
    """Both ``hd_status`` and ``status`` are seen in working requests."""
    name = name.lower()
    return name if name == base else name.removeprefix("hd_")


def parse_sorting(text: str, base: str) -> tuple[Sort, ...]:
    sorts = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, direction = part.partition(" ")
        entity, field = _split(name, base)
        sorts.append(Sort(entity, field, direction.strip().lower() == "desc"))
    return tuple(sorts)


def parse_paging(text: str) -> tuple[int | None, int]:
    """Limit and offset, in either order; what is missing or unreadable takes 50 and 0."""
    found = dict(re.findall(r"(limit|offset)\s+(\w+)", text.lower()))
    limit: int | None = 50
    if found.get("limit") in ("0", "all"):
        limit = None
    elif found.get("limit", "").isdecimal():
        limit = int(found["limit"])
    offset = found.get("offset", "")
    return limit, int(offset) if offset.isdecimal() else 0


def parse_shaping(text: str, base: str) -> dict[str, int]:
    """Levels by entity; unknown names stay harmless, an unknown level is standard."""
    levels = {base: STANDARD}
    for part in filter(None, (piece.strip().lower() for piece in text.split(","))):
        name, _, level = part.partition(" ")
        levels[_entity(name, base)] = LEVELS.get(level.strip(), STANDARD)
    return levels


def read_date(text: str) -> str:
    """A date in the stored form; ValueError for anything else."""
    text = text.strip()
    match = _DATE.match(text)
    if match is None:
        raise ValueError(text)
    _check_day(text[:10])
    return f"{text[:10]} {match['time'] or '00:00'}{match['seconds'] or ':00'}"


@lru_cache(maxsize=1024)
def _check_day(text: str) -> None:
    date.fromisoformat(text)


def compare_values(op: str, kind: str, value: str) -> Callable[[object], bool]:
    """A test of one column value of that *kind*; a value that is not there never passes."""
    if kind == "text":
        return _compare_text(op, value)
    if op not in ("eq", "ne", "lt", "le", "gt", "ge", "in", "nin"):
        raise ApiError(400, f"Operator '{op}' does not fit a field of type {kind}")
    wanted = [_typed(kind, part) for part in (value.split(";") if "in" in op else [value])]
    if op == "in":
        inside = frozenset(wanted)
        return lambda v: v in inside
    if op == "nin":
        outside = frozenset(wanted)
        return lambda v: v not in outside and v not in (None, "")
    return _ordered(op, wanted[0])


def _ordered(op: str, w: int | str) -> Callable[[object], bool]:
    # Empty text is a date that is not set; SQL compares it to nothing.
    tests: dict[str, Callable[..., bool]] = {
        "eq": lambda v: v == w,
        "ne": lambda v: v not in ("", None, w),
        "lt": lambda v: v not in ("", None) and v < w,
        "le": lambda v: v not in ("", None) and v <= w,
        "gt": lambda v: v not in ("", None) and v > w,
        "ge": lambda v: v not in ("", None) and v >= w,
    }
    return tests[op]


def _typed(kind: str, text: str) -> int | str:
    try:
        return int(text) if kind == "int" else read_date(text)
    except ValueError:
        raise ApiError(400, f"'{text}' does not fit a field of type {kind}") from None


def _compare_text(op: str, value: str) -> Callable[[object], bool]:
    w = value.casefold()
    several = frozenset(part.strip() for part in w.split(";"))
    tests: dict[str, Callable[[str], bool]] = {
        "eq": lambda v: v == w,
        "ne": lambda v: v != w,
        "lt": lambda v: v < w,
        "le": lambda v: v <= w,
        "gt": lambda v: v > w,
        "ge": lambda v: v >= w,
        "co": lambda v: w in v,
        "nc": lambda v: w not in v,
        "st": lambda v: v.startswith(w),
        "ns": lambda v: not v.startswith(w),
        "en": lambda v: v.endswith(w),
        "nen": lambda v: not v.endswith(w),
        "in": lambda v: v in several,
        "nin": lambda v: v not in several,
    }
    test = tests[op]
    return lambda v: isinstance(v, str) and test(v.casefold())
