"""How values are stored: instants as microseconds since 1970 UTC, structures as sorted JSON."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

from kace_bridge.model.plain_json import text_maker
from kace_bridge.model.quick_json import json_bytes, read_json
from kace_bridge.state.database import Connection, Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_T = TypeVar("_T")
CHUNK = 500
"""Values in one ``IN (...)`` list: far below every database's limit on parameters."""


def to_us(at: datetime) -> int:
    """Microseconds since 1970 UTC; exact, unlike a float."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def to_us_or_none(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def from_us_or_none(value: int | None) -> datetime | None:
    return None if value is None else from_us(value)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


_text = text_maker(_plain)


def dump(value: object) -> str:
    """*value* as JSON, the same text for the same content; ASCII, so any string survives.

    The audit counts on this text staying what it is.
    """
    return _text(value)


def dump_quickly(value: object) -> str:
    """*value* as JSON where nobody makes the text anew to compare it: tickets, events, traces."""
    return json_bytes(value).decode()


def digest(text: str) -> str:
    """32 hex digits for a stored *text*."""
    return sha256(text.encode()).hexdigest()[:32]


def load(text: str) -> Any:
    return read_json(text)


def storable(text: str) -> str:
    """*text* for a text column: half characters and NULs, which no database takes, become '?'."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


def chunked(values: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def fetch_in(c: Connection, sql: str, values: Iterable[Value]) -> Iterator[Any]:
    """The rows of *sql* with its ``(...)`` standing for *values*, however many there are."""
    for chunk in chunked(values):
        yield from c.execute(sql.replace("(...)", f"({','.join('?' * len(chunk))})"), chunk)
