"""Plain data through a pydantic model, its complaints turned into problems with file and line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kace_bridge.config.problems import Place, Problem
from kace_bridge.config.shapes import Shape, is_secret, known_keys, shape_of, shapes_at
from kace_bridge.config.wording import Words, is_mismatch, mismatch, own_words, unknown_key
from kace_bridge.config.yaml_source import Document, Path

T = TypeVar("T")

SECRET_KEYS = frozenset({"password", "token", "secret", "totp", "sign"})

_KEY_LABEL = "[key]"


def validate(
    model: type[T] | TypeAdapter[T], document: Document, data: object | None = None, at: Path = ()
) -> tuple[T | None, list[Problem]]:
    """The model's value, or every problem with the line it stands on.

    *at* is where *data* stands in the document; without *data*, what stands there is checked.
    Strict whatever the model says, with JSON's rules: a list may fill a tuple and text a date,
    but "3" is no number and a number is no text.
    """
    adapter: TypeAdapter[T] = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
    if data is None:
        data = _inside(document.data, at)
    try:
        return adapter.validate_json(json.dumps(data), strict=True), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    faults = _one_branch([_fault(detail, data) for detail in details])
    teller = _Teller(document, data, at, shape_of(adapter))
    return None, sorted(set(teller.problems(faults)))


@dataclass(frozen=True, slots=True)
class _Fault:
    """One complaint: the path that exists in the data, and which parts of pydantic's are labels."""

    error: ErrorDetails
    path: Path
    labels: tuple[int, ...]

    def prefix(self, label: int) -> Path:
        return self.error["loc"][:label]


def _fault(error: ErrorDetails, data: object) -> _Fault:
    loc = error["loc"]
    # The key that is missing is no step into the data, nor is it a label.
    inside = loc[:-1] if error["type"] == "missing" or loc[-1:] == (_KEY_LABEL,) else loc
    taken = _steps(inside, data)
    path = tuple(part for part, real in zip(inside, taken, strict=True) if real)
    return _Fault(error, path, tuple(i for i, real in enumerate(taken) if not real))


def _steps(loc: Path, data: object) -> tuple[bool, ...]:
    """Which parts of pydantic's *loc* lead into the data; the others name a branch of a union.

    A branch may be named like a key, so the reading that uses the most parts is taken.
    """
    if not loc:
        return ()
    taken: tuple[bool, ...] = ()
    if _enters(data, loc[0]):
        taken = (True, *_steps(loc[1:], _inside(data, loc[:1])))
        if all(taken):
            return taken
    skipped = (False, *_steps(loc[1:], data))
    return taken if taken and sum(taken) >= sum(skipped) else skipped


def _enters(data: object, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data)


def _inside(data: Any, path: Path) -> object:
    for step in path:
        if not _enters(data, step):
            return None
        data = data[step]
    return data


def _one_branch(faults: list[_Fault], level: int = 0) -> list[_Fault]:
    """Of a union only the branch the author seems to have meant: the fewest complaints among
    those of the right kind. If no branch is of the right kind, all of them."""
    chosen: list[_Fault] = []
    unions: dict[Path, dict[str | int, list[_Fault]]] = {}
    for fault in faults:
        if level >= len(fault.labels):
            chosen.append(fault)
            continue
        label = fault.labels[level]
        branches = unions.setdefault(fault.prefix(label), {})
        branches.setdefault(fault.error["loc"][label], []).append(fault)
    for branches in unions.values():
        fitting = [branch for branch in branches.values() if not _wrong_kind(branch, level)]
        kept = [min(fitting, key=len)] if fitting else list(branches.values())
        for branch in kept:
            chosen += _one_branch(branch, level + 1)
    return chosen


def _wrong_kind(branch: list[_Fault], level: int) -> bool:
    return any(
        is_mismatch(fault.error) and len(fault.path) == fault.labels[level] - level
        for fault in branch
    )


class _Teller:
    """Faults to problems, for one document and model."""

    __slots__ = ("_at", "_data", "_document", "_shape")

    def __init__(self, document: Document, data: object, at: Path, shape: Shape) -> None:
        self._document, self._data, self._at, self._shape = document, data, at, shape

    def problems(self, faults: list[_Fault]) -> Iterator[Problem]:
        mismatches: dict[Path, list[ErrorDetails]] = {}
        for fault in faults:
            key = fault.error["loc"][-1:] == (_KEY_LABEL,)
            if is_mismatch(fault.error) and not key:
                mismatches.setdefault(fault.path, []).append(fault.error)
            else:
                yield self._problem(fault)
        for path, errors in mismatches.items():
            words = mismatch(self._name(path), errors, secret=self._is_secret(path))
            yield Problem(self._place(path), *self._safe(words, path))

    def _problem(self, fault: _Fault) -> Problem:
        loc, path = fault.error["loc"], fault.path
        match fault.error["type"]:
            case "missing":
                return Problem(self._place(path), f"'{loc[-1]}' is missing")
            case "extra_forbidden":
                outer, key = path[:-1], str(loc[-1])
                known = known_keys(shapes_at(self._shape, outer, self._data))
                return Problem(
                    self._key_place(path), *unknown_key(key, self._map(self._at + outer), known)
                )
            case _ if loc[-1:] == (_KEY_LABEL,):
                name = f"key {self._name(path)}"
                if is_mismatch(fault.error):
                    words = mismatch(name, [fault.error], secret=False)
                else:
                    words = own_words(name, fault.error)
                return Problem(self._key_place(path), *self._safe(words, path))
        words = own_words(self._name(path), fault.error)
        return Problem(self._place(path), *self._safe(words, path))

    def _name(self, path: Path) -> str:
        path = self._at + path
        if not path:
            return "the file"
        written = _inside(self._document.data, self._at)
        if path == (*self._at, "values") and not _enters(written, "values"):
            path = self._at  # 'set' holds its values directly: the key is the engine's
        last = path[-1]
        return f"item {last + 1} of '{self._map(path)}'" if isinstance(last, int) else f"'{last}'"

    def _map(self, path: Path) -> str:
        """The nearest key: what holds an item, or an unknown key."""
        return next((step for step in reversed(path) if isinstance(step, str)), "")

    def _place(self, path: Path) -> Place:
        return self._document.place(self._at + path)

    def _key_place(self, path: Path) -> Place:
        return self._document.key_place(self._at + path)

    def _is_secret(self, path: Path) -> bool:
        if not SECRET_KEYS.isdisjoint(self._at + path):
            return True
        # A secret may be written under several shapes; every step on the way may be one.
        return any(
            is_secret(shapes_at(self._shape, path[:length], self._data))
            for length in range(len(path) + 1)
        )

    def _safe(self, words: Words, path: Path) -> Words:
        """*words*, unless they would repeat a secret that stands at *path* or below it."""
        if self._tells_secret(" ".join(words), path):
            return f"{self._name(path)} is not valid (its value is secret and not shown)", ""
        return words

    def _tells_secret(self, said: str, path: Path) -> bool:
        todo: list[tuple[Path, object]] = [(path, _inside(self._data, path))]
        while todo:
            path, value = todo.pop()
            if isinstance(value, dict):
                todo += [((*path, key), inner) for key, inner in value.items()]
            elif isinstance(value, list):
                todo += [((*path, index), inner) for index, inner in enumerate(value)]
            elif value is None or value == "" or isinstance(value, bool):
                continue
            elif str(value) in said and self._is_secret(path):
                return True
        return False
