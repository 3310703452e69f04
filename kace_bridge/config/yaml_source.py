"""YAML text to plain data, every value with the line and column it came from.

Plain words follow YAML 1.2 core (see scalars). What makes configuration surprising or dangerous
is refused: duplicate keys, merge keys, tags, several documents, and anything above the limits.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from kace_bridge.config.nodes import Marks, Reading, Stop, own, unpack
from kace_bridge.config.problems import Place, Problem

Path = tuple[str | int, ...]

LARGEST_FILE = 1 << 20  # bytes

# NEL, LS and PS break lines for the parsers and for no editor: places would point elsewhere.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LINE_BREAK = re.compile(r"\r\n?|\n")


class Places(Mapping[Path, Place]):
    """Where each value stands, by its path from the root; looked up on demand."""

    __slots__ = ("_data", "_file", "_marks")

    def __init__(self, file: str, data: object, marks: "int | Marks") -> None:
        self._file, self._data, self._marks = file, data, marks

    def __getitem__(self, path: Path) -> Place:
        value, _, steps = self.walk(path)
        if steps < len(path):
            raise KeyError(path)
        return value

    def __iter__(self) -> Iterator[Path]:
        todo: list[tuple[Path, object]] = [((), self._data)]
        while todo:
            path, data = todo.pop()
            yield path
            if isinstance(data, dict):
                todo += [((*path, key), data[key]) for key in reversed(data)]
            elif isinstance(data, list):
                todo += [((*path, index), data[index]) for index in reversed(range(len(data)))]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def walk(self, path: Path) -> tuple[Place, Place, int]:
        """Follow *path* as far as it exists: place of the value there, of its key (or of the
        value again, inside a list and at the root), and how many steps were taken."""
        data = self._data
        marks: Any = self._marks
        key, steps = own(marks), 0
        for step in path:
            if isinstance(data, dict) and step in data:
                index = 1 + 2 * list(data).index(step)
                key, marks, data = marks[index], marks[index + 1], data[step]
            elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
                marks, data = marks[step + 1], data[step]
                key = own(marks)
            else:
                break
            steps += 1
        return unpack(own(marks), self._file), unpack(key, self._file), steps


@dataclass(frozen=True, slots=True)
class Document:
    """One file: dict, list, str, int, float, bool and None; keys are text as it was written.

    An aliased map or list is the same object at each of its uses: treat *data* as read-only.
    *data* stays out of the repr, since it may hold a secret.
    """

    file: str
    data: object = field(repr=False)
    places: Places = field(repr=False)

    def place(self, path: Path) -> Place:
        """Where the value at *path* stands, or its nearest ancestor that exists."""
        return self.places.walk(path)[0]

    def key_place(self, path: Path) -> Place:
        """Where the key at the end of *path* stands; for a list item, the item."""
        return self.places.walk(path)[1]


def read_file(path: FilePath, shown: str | None = None) -> tuple[Document | None, list[Problem]]:
    """Read a UTF-8 file as `read_text` does. *shown* is the name to use in places."""
    file = str(path) if shown is None else shown
    start = Place(file, 1, 1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None, [Problem(start, "no such file", "Check the path.")]
    except IsADirectoryError:
        return None, [Problem(start, "this is a directory, not a file")]
    except OSError as error:
        return None, [Problem(start, f"cannot be read: {error.strerror or error}")]
    except ValueError:
        return None, [Problem(start, "not a file name")]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [Problem(start, "this is UTF-16, not UTF-8", "Save the file as UTF-8.")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(raw) > LARGEST_FILE:
            return None, [_too_large(file)]
        place = _place_at(raw[: error.start].decode("utf-8"), error.start, file)
        said = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return None, [Problem(place, said, "Save the file as UTF-8.")]
    return read_text(text, file)


def read_text(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """Plain data with places, and every problem found; nothing is raised.

    A document returned beside errors holds what could be read: good for finding more problems,
    not for running. It is None where the rest cannot be trusted: a syntax error, an unknown or
    endless alias, a limit.
    """
    return _read(text, file, _PARSER)


class _PureParser(Reader, Scanner, Parser):
    """PyYAML without its C library: the same events, some ten times slower."""

    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)


def _fastest_parser() -> Callable[[str], Any]:
    if not yaml.__with_libyaml__:
        return _PureParser
    from yaml._yaml import CParser  # where yaml.cyaml gets it from

    return CParser


_PARSER = _fastest_parser()


def _read(
    text: str, file: str, parser: Callable[[str], Any]
) -> tuple[Document | None, list[Problem]]:
    if len(text) > LARGEST_FILE or len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        return None, [_too_large(file)]
    text = text.removeprefix("\ufeff")
    if hidden := _INVISIBLE.search(text):
        place = _place_at(text, hidden.start(), file)
        said = f"invisible character U+{ord(hidden[0]):04X}"
        return None, [Problem(place, said, "Delete it, or write it as an escape in double quotes.")]
    problems: list[Problem] = []
    try:
        data, marks = Reading(parser(text).get_event, file, problems).document()
    except Stop as stop:
        problems.append(stop.problem)
    except yaml.YAMLError as error:
        from kace_bridge.config.syntax import explain  # only where there is something to explain

        line, column, message, fix = explain(error, text)
        problems.append(Problem(Place(file, line, column), message, fix))
    except (ValueError, OverflowError):  # the pure parser, on escapes beyond Unicode
        problems.append(Problem(Place(file, 1, 1), "an escape in double quotes is no character"))
    else:
        return Document(file, data, Places(file, data, marks)), sorted(problems)
    return None, sorted(problems)


def _too_large(file: str) -> Problem:
    return Problem(Place(file, 1, 1), "larger than 1 MiB", "Split the file.")


def _place_at(text: str, index: int, file: str) -> Place:
    """Where *index* is in *text*, with lines as editors count them."""
    lines = _LINE_BREAK.split(text[:index])
    return Place(file, len(lines), len(lines[-1]) + 1)
