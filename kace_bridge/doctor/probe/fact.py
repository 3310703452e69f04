"""One measured fact, and what of an answer may be told: names of keys, kinds, statuses, counts."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kace_bridge.errors import KaceBridgeError
from kace_bridge.sma.exchange import Reply
from kace_bridge.sma.replies import Row, lower_keys

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,39}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Fact:
    """``id`` is a row of the contract's register (U7), a quirk (Q26) or a section (3.3).

    ``answer`` is data fit for JSON, None where it could not be told; ``note`` says why.
    """

    id: str
    question: str
    answer: Any
    note: str = ""


def guarded(name: str, question: str, look: Callable[[], Any]) -> Iterator[Fact]:
    """The fact *look* answers; what goes wrong on the way is its kind, never its text."""
    try:
        yield Fact(name, question, look())
    except KaceBridgeError as error:
        yield Fact(name, question, None, f"{type(error).__name__} while measuring")


def key_names(names: Iterable[object]) -> list[str]:
    """Names fit to be told: short identifiers, numbers in them as N, each once, sorted.

    Anything longer or stranger may be data that stands where a key should, and is left out.
    """
    texts = {_DIGITS.sub("N", str(name)) for name in names if _KEY.fullmatch(str(name))}
    return sorted(texts)


def kinds(record: Mapping[str, Any]) -> dict[str, str]:
    """The keys of *record* with the kind of each value."""
    told = {}
    for key, value in record.items():
        for name in key_names([key]):
            told[name] = _kind(value)
    return dict(sorted(told.items()))


def shape_of(reply: Reply) -> dict[str, Any]:
    """Status and form of an answer, without a word of it."""
    shape: dict[str, Any] = {"status": reply.status}
    try:
        data = json.loads(reply.body) if reply.body else None
    except (ValueError, RecursionError):
        page = reply.body.lstrip()[:1] == b"<"
        return shape | {"body": "a page" if page else "not JSON"}
    if isinstance(data, Mapping):
        return shape | {"body": kinds(data)}
    return shape | {"body": _kind(data)}


def rows_of(reply: Reply, plural: str) -> list[Row] | None:
    """The rows of a good list answer, top keys of any casing; None for anything else."""
    found = fields_of(reply).get(plural.lower())
    if reply.status != 200 or not isinstance(found, list):
        return None
    return [lower_keys(row) for row in found if isinstance(row, Mapping)]


def fields_of(reply: Reply) -> Row:
    """The JSON object of an answer with lower-case keys; empty where it is none."""
    return lower_keys(raw_of(reply))


def raw_of(reply: Reply) -> Row:
    """The JSON object of an answer as it stands; empty where it is none."""
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, Mapping) else {}


def _kind(value: Any) -> str:
    for name, kind in _KINDS:
        if isinstance(value, kind):
            return name
    return "null"


_KINDS: tuple[tuple[str, type], ...] = (
    ("truth", bool), ("number", int), ("number", float), ("text", str), ("list", list),
    ("object", dict),
)  # fmt: skip
