"""A stream of YAML events to plain data and, in the same shape, the position of everything.

One pass, bounded before anything is built: an alias is counted as if it were written out.
"""

import re
from collections.abc import Callable
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kace_bridge.config.problems import Place, Problem, did_you_mean
from kace_bridge.config.scalars import resolve, resolve_as

DEEPEST = 32  # maps and lists inside each other
MOST_NODES = 50_000  # keys, values, lists and maps, every use of an alias counted in full

# An int for a scalar, [own, item, ...] for a list, [own, key, value, key, value, ...] for a map.
# Packed ints cost half of a dict from path to place, in time and memory.
Marks = list[Any]

# Line and column from 0. The column needs 21 bits: one line can fill a file of 1 MiB.
_COLUMN_BITS = 21
_SCALAR_TAGS = frozenset({"str", "int", "float", "bool", "null"})
_TAG_PREFIX = "tag:yaml.org,2002:"
_SURROGATE = re.compile("[\ud800-\udfff]")


class Stop(Exception):
    """Reading ends here: what follows cannot be trusted; caught where the file is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def pack(mark: Any) -> int:
    line: int = mark.line
    column: int = mark.column
    return line << _COLUMN_BITS | column


def unpack(mark: int, file: str) -> Place:
    return Place(file, (mark >> _COLUMN_BITS) + 1, (mark & ((1 << _COLUMN_BITS) - 1)) + 1)


def own(marks: "int | Marks") -> int:
    """The position of a value itself, whatever it holds."""
    if isinstance(marks, int):
        return marks
    first: int = marks[0]
    return first


class _Anchor:
    """An anchored value; *data* is known once it is complete."""

    __slots__ = ("complete", "data", "mark", "marks", "size")

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.complete = False
        self.data: object = None
        self.marks: int | Marks = mark
        self.size: tuple[int, int] | None = None


class Reading:
    """Reads one document from *next_event*; adds to *problems* and raises Stop."""

    __slots__ = ("_anchors", "_file", "_next", "_nodes", "_problems")

    def __init__(self, next_event: Callable[[], Any], file: str, problems: list[Problem]) -> None:
        self._next = next_event
        self._file = file
        self._problems = problems
        self._anchors: dict[str, _Anchor] = {}
        self._nodes = 1

    def document(self) -> tuple[object, "int | Marks"]:
        """The data and marks of the first document; {} when the file says nothing."""
        self._next()
        if isinstance(self._next(), StreamEndEvent):
            return {}, [0]
        event = self._next()
        marks: Marks = []
        data = self._value(event, marks, 0)
        if isinstance(event, ScalarEvent) and event.value == "" and event.implicit[0]:
            data, marks = {}, [[0]]
        self._next()
        if isinstance(second := self._next(), DocumentStartEvent):
            self._report(
                pack(second.start_mark),
                "a second document starts here",
                "Put it into a file of its own.",
            )
        return data, marks[0]

    def _value(self, event: Any, marks: Marks, depth: int) -> object:
        """The data of the node that *event* opens, its position appended to *marks*."""
        kind = event.__class__
        mark = pack(event.start_mark)
        if kind is AliasEvent:
            return self._alias(event, mark, marks, depth)
        anchor = None if event.anchor is None else self._anchored(event.anchor, mark)
        data: object
        if kind is ScalarEvent:
            marks.append(mark)
            data = self._scalar(event, mark)
        else:
            if depth >= DEEPEST:
                raise self._stop(mark, f"nested more than {DEEPEST} deep")
            inner: Marks = [mark]
            marks.append(inner)
            if kind is SequenceStartEvent:
                self._tag_fits(event, "seq", mark)
                data = self._list(inner, depth + 1)
            else:
                self._tag_fits(event, "map", mark)
                data = self._map(inner, depth + 1)
        if anchor is not None:
            anchor.data, anchor.marks, anchor.complete = data, marks[-1], True
        return data

    def _list(self, marks: Marks, depth: int) -> list[object]:
        data: list[object] = []
        following, value = self._next, self._value
        while (event := following()).__class__ is not SequenceEndEvent:
            data.append(value(event, marks, depth))
        self._count(len(data), marks[0])
        return data

    def _map(self, marks: Marks, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        following, value = self._next, self._value
        while (event := following()).__class__ is not MappingEndEvent:
            key = self._key(event, data, marks, depth)
            if key is None:
                value(following(), [], depth)
            else:
                marks.append(pack(event.start_mark))
                data[key] = value(following(), marks, depth)
        self._count(2 * len(data), marks[0])
        return data

    def _key(self, event: Any, data: dict[str, object], marks: Marks, depth: int) -> str | None:
        """The key as written, or None for one that is refused; its value is then dropped."""
        mark = pack(event.start_mark)
        if event.__class__ is not ScalarEvent:
            braces = event.__class__ is not AliasEvent and event.flow_style
            cure = "Text with braces or brackets needs quotes." if braces else ""
            self._report(mark, "a key must be plain text", cure)
            self._value(event, [], depth)
            return None
        key: str = event.value
        if event.tag is not None or event.anchor is not None:
            if event.anchor is not None:
                self._anchored(event.anchor, mark).complete = True
                self._anchors[event.anchor].data = key
            self._scalar(event, mark)
        if key == "<<" and event.implicit[0]:
            cure = "Write the keys out, or give a whole value with '*name'."
            self._report(mark, "merge keys ('<<') are not read", cure)
            return None
        if key in data:
            first = unpack(marks[1 + 2 * list(data).index(key)], self._file).line
            self._report(mark, f"key '{key}' is already on line {first}", "Remove one of them.")
            return None
        return key

    def _scalar(self, event: Any, mark: int) -> object:
        text: str = event.value
        if event.tag is None:
            if event.implicit[0]:
                return resolve(text)
            # Only the pure parser lets half a character through, and only as an escape.
            if not text.isascii() and _SURROGATE.search(text):
                self._report(mark, "an escape in double quotes is no character")
            return text
        tag = event.tag.removeprefix(_TAG_PREFIX)
        if tag == event.tag or tag not in _SCALAR_TAGS:
            self._refuse_tag(event.tag, mark)
            return text
        try:
            return resolve_as(tag, text)
        except LookupError as error:
            self._report(mark, str(error.args[0]), "Remove the tag, or correct the value.")
            return text

    def _tag_fits(self, event: Any, tag: str, mark: int) -> None:
        if event.tag is not None and event.tag != _TAG_PREFIX + tag:
            self._refuse_tag(event.tag, mark)

    def _refuse_tag(self, tag: str, mark: int) -> None:
        shown = tag.replace(_TAG_PREFIX, "!!")
        self._report(mark, f"tag '{shown}' is not read", "Remove it, or put the text in quotes.")

    def _anchored(self, name: str, mark: int) -> _Anchor:
        if earlier := self._anchors.get(name):
            line = unpack(earlier.mark, self._file).line
            self._report(mark, f"anchor '&{name}' is already on line {line}", "Rename one of them.")
        self._anchors[name] = anchor = _Anchor(mark)
        return anchor

    def _alias(self, event: Any, mark: int, marks: Marks, depth: int) -> object:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            hint = did_you_mean(event.anchor, self._anchors)
            cure = hint or "Put text that starts with '*' in quotes."
            raise self._stop(mark, f"no '&{event.anchor}' above for this alias", cure)
        if not anchor.complete:
            raise self._stop(mark, f"'*{event.anchor}' is inside the value it repeats")
        if anchor.size is None:
            anchor.size = _measure(anchor.data)
        count, height = anchor.size
        self._count(count - 1, mark)  # the alias itself counts where it stands
        if depth + height > DEEPEST:
            raise self._stop(mark, f"'*{event.anchor}' nests more than {DEEPEST} deep")
        inner = anchor.marks
        marks.append(mark if isinstance(inner, int) else [mark, *inner[1:]])
        return anchor.data

    def _count(self, more: int, mark: int) -> None:
        self._nodes += more
        if self._nodes > MOST_NODES:
            raise self._stop(
                mark,
                f"more than {MOST_NODES:,} values in one file, counting every use of an alias",
                "Split the file.",
            )

    def _report(self, mark: int, message: str, fix: str = "") -> None:
        self._problems.append(Problem(unpack(mark, self._file), message, fix))

    def _stop(self, mark: int, message: str, fix: str = "") -> Stop:
        return Stop(Problem(unpack(mark, self._file), message, fix))


def _measure(data: object) -> tuple[int, int]:
    """Keys and values once written out, and how deep; never walks above the limit."""
    count, height = 1, 0
    todo: list[tuple[object, int]] = [(data, 1)]
    while todo and count <= MOST_NODES:
        value, depth = todo.pop()
        if isinstance(value, dict):
            count += 2 * len(value)
            todo += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list):
            count += len(value)
            todo += [(item, depth + 1) for item in value]
        else:
            continue
        height = max(height, depth)
    return count, height
