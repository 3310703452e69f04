"""Message templates: the words of a message, with ticket data put in as data, never as code.

A template is text: ``Subject: ...`` on the first line, a blank line, the body. ``NAME.html``
beside it, if there, is the HTML part; otherwise that part is made from the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.text import clean_line, clean_text
from kace_bridge.rules.template_check import refusals
from kace_bridge.rules.template_data import plain_data
from kace_bridge.rules.template_filters import filters_for
from kace_bridge.rules.template_variables import (
    OF_NO_TICKET,
    SAMPLE,
    SAMPLE_ID,
    VARIABLES,
    sample_for,
)  # fmt: skip

__all__ = ["SAMPLE", "VARIABLES", "Rendered", "TemplateFailed", "Templates"]

LONGEST_OUTPUT = 64 * 1024
"""Characters of one part of a message; what is longer is cut."""
LONGEST_SOURCE = 64 * 1024
_CUT = "\n[...]"
_HTML = ".html"
_FILE = "<template>"
_RUNTIME = (jinja2.TemplateError, TypeError, ValueError, LookupError, RecursionError)
_COMPILE = (*_RUNTIME, SyntaxError, MemoryError, OverflowError)


class TemplateFailed(KaceBridgeError):
    """A template cannot be used: *name*, *line* (0 where no line is to blame), *message*."""

    exit_code = 78

    def __init__(self, name: str, line: int, message: str) -> None:
        place = f"template '{name}'" + (f" line {line}" if line else "")
        super().__init__(f"{place}: {message}")
        self.name = name
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's words. ``html`` is empty where the template has no HTML file of its own."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One compiled piece of a file, and the line of the file it starts on."""

    compiled: jinja2.Template
    first_line: int


class Templates:
    """The templates of an installation, each compiled once.

    *sources* maps a name to its source; ``NAME.html`` is the HTML part of ``NAME``, ``de/NAME`` its
    German form; *language* is the site's. A broken template does not stop the others: it is
    listed in `problems` and fails when rendered.
    """

    def __init__(self, sources: Mapping[str, str], language: str = "") -> None:
        self.language = language
        self._parts: dict[str, dict[str, _Part]] = {}
        self._broken: dict[str, list[tuple[int, str]]] = {}
        for name, source in sources.items():
            self._add(name, source.replace("\r\n", "\n"))
        for name in sources:
            plain = name.removesuffix(_HTML)
            if plain not in sources:
                self._blame(name, 0, f"there is no text template '{plain}'")
            elif _base(plain) not in sources:
                self._blame(name, 0, f"there is no '{_base(plain)}' for readers of other languages")

    def problems(self) -> list[tuple[str, int, str]]:
        """Everything wrong, as (name, line, message), every template tried on a sample."""
        found = [(name, *fault) for name, faults in self._broken.items() for fault in faults]
        for name in self._known():
            if name in self._broken or name + _HTML in self._broken:
                continue
            try:
                rendered = self._sample(name)
            except TemplateFailed as failure:
                found.append((failure.name, failure.line, failure.message))
                continue
            numbered = rendered.subject.startswith(f"[TICK:{SAMPLE_ID}] ")
            if _base(name) not in OF_NO_TICKET and not numbered:
                found.append((name, 1, "the subject must begin with '[TICK:{{ ticket.id }}] '"))
        return sorted(found)

    def names(self) -> tuple[str, ...]:
        """The templates there are, in order of name, in whatever language."""
        return tuple(sorted({_base(name) for name in self._known()}))

    def render(self, name: str, variables: Mapping[str, object]) -> Rendered:
        """The words of template *name* for *variables* (see `VARIABLES`).

        In the language that ``recipient.language`` names, where there is such a translation.
        Values are taken as plain data and cleaned. Raises TemplateFailed.
        """
        return self._render(self._translated(name, variables), variables)

    def samples(self) -> dict[str, Rendered]:
        """Every sound template rendered on a sample: in the site's language by its name, in
        others as ``de/NAME``."""
        broken = {name.removesuffix(_HTML) for name, _, _ in self.problems()}
        sound = [name for name in self._known() if name not in broken]
        own = {name: self._chosen(name, self.language) for name in self.names()}
        shown = {name: chosen for name, chosen in own.items() if chosen in sound}
        others = [name for name in sound if "/" in name and name not in shown.values()]
        shown |= {name: name for name in others}
        return {name: self._sample(chosen) for name, chosen in shown.items()}

    def _known(self) -> list[str]:
        known = {*self._parts, *self._broken}
        return sorted(name for name in known if not name.endswith(_HTML))

    def _translated(self, name: str, variables: Mapping[str, object]) -> str:
        recipient = variables.get("recipient")
        wanted = recipient.get("language") if isinstance(recipient, Mapping) else ""
        return self._chosen(name, wanted if isinstance(wanted, str) else "")

    def _chosen(self, name: str, language: str) -> str:
        """*name* in *language* (``de-AT``), in its main one (``de``), or as it is."""
        for folder in dict.fromkeys((language, language.partition("-")[0])):
            if folder and f"{folder}/{name}" in self._parts:
                return f"{folder}/{name}"
        return name

    def _sample(self, name: str) -> Rendered:
        return self._render(name, sample_for(_base(name), name.rpartition("/")[0]))

    def _render(self, name: str, variables: Mapping[str, object]) -> Rendered:
        for broken in (name, name + _HTML):
            for line, message in self._broken.get(broken, ()):
                raise TemplateFailed(broken, line, message)
        parts = self._parts.get(name)
        if parts is None:
            known = ", ".join(self.names())
            raise TemplateFailed(name, 0, f"there is no such template. Known: {known}.")
        try:
            plain = plain_data(variables)
        except TypeError as error:
            raise TemplateFailed(name, 0, str(error)) from None
        own = self._parts.get(name + _HTML, {})
        return Rendered(
            subject=clean_line(_run(name, parts["subject"], plain)),
            text=_tidy(_run(name, parts["body"], plain)),
            html=_run(name + _HTML, own["body"], plain) if own else "",
        )

    def _add(self, name: str, source: str) -> None:
        if len(source) > LONGEST_SOURCE:
            self._blame(name, 0, f"longer than {LONGEST_SOURCE} characters")
            return
        if name.endswith(_HTML):
            pieces = {"body": (source, 1)}
        else:
            first, _, rest = source.partition("\n")
            if not first.startswith("Subject:") or not first.removeprefix("Subject:").strip():
                self._blame(name, 1, "the first line must be 'Subject: ...'")
                return
            if rest.partition("\n")[0].strip():
                self._blame(name, 2, "leave one blank line between the subject and the text")
                return
            subject = first.removeprefix("Subject:").strip()
            pieces = {"subject": (subject, 1), "body": (rest, 2)}
        parts = {part: self._compile(name, text, line) for part, (text, line) in pieces.items()}
        self._parts[name] = {part: done for part, done in parts.items() if done}

    def _compile(self, name: str, source: str, first_line: int) -> _Part | None:
        try:
            refused, compiled = _compiled(name.rpartition("/")[0], name.endswith(_HTML), source)
            for line, message in refused:
                self._blame(name, line + first_line - 1, message)
            if compiled is not None and name not in self._broken:
                return _Part(compiled, first_line)
        except jinja2.TemplateSyntaxError as error:
            self._blame(name, error.lineno + first_line - 1, _words(error))
        except _COMPILE as error:
            self._blame(name, 0, f"cannot be read ({type(error).__name__})")
        return None

    def _blame(self, name: str, line: int, message: str) -> None:
        self._broken.setdefault(name, []).append((line, message))


def _base(name: str) -> str:
    """*name* without its language: ``closed`` of ``de/closed``."""
    return name.rpartition("/")[2]


class _DataOnly(ImmutableSandboxedEnvironment):
    """Looks names up in mappings and nowhere else: objects have no attributes here."""

    def getattr(self, obj: object, attribute: str) -> object:
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        if isinstance(obj, dict) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if obj is None:
            return self.undefined(f"nothing is known here to take '{argument}' from")
        return self.undefined(obj=obj, name=str(argument))


@lru_cache(maxsize=512)
def _compiled(
    language: str, escape: bool, source: str
) -> tuple[tuple[tuple[int, str], ...], jinja2.Template | None]:
    """What *source* may not do, and its program: a watch reads the same templates every minute."""
    environment = _environment(language, escape)
    tree = environment.parse(source)
    refused = tuple(refusals(tree))
    return refused, None if refused else environment.from_string(tree)


@lru_cache(maxsize=32)
def _environment(language: str, escape: bool) -> _DataOnly:
    made = _DataOnly(
        undefined=jinja2.StrictUndefined,
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
        cache_size=0,
    )
    made.globals = {}
    made.filters = dict(filters_for(language))
    made.tests = {name: made.tests[name] for name in ("defined", "none", "undefined")}
    return made


def _printable(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise TypeError("this is a group of values; name one of them, such as ticket.title")
    return value


def _run(name: str, part: _Part, variables: dict[str, object]) -> str:
    """The output of one part, cut while it streams, so that nothing large is ever built."""
    pieces: list[str] = []
    room = LONGEST_OUTPUT
    try:
        for piece in part.compiled.generate(variables):
            pieces.append(piece[:room])
            room -= len(piece)
            if room < 0:
                pieces.append(_CUT)
                break
    except _RUNTIME as error:
        line = _line_of(error.__traceback__)
        raise TemplateFailed(name, line + part.first_line - 1, _words(error)) from None
    return clean_text("".join(pieces))


def _tidy(text: str) -> str:
    """*text* without blank ends and without more than one empty line in a row."""
    return "\n".join(_single_blanks(text.strip("\n").split("\n"))) + "\n"


def _single_blanks(lines: list[str]) -> Iterator[str]:
    blank = False
    for line in lines:
        line = line.rstrip()
        if line or not blank:
            yield line
        blank = not line


def _words(error: BaseException) -> str:
    said = error.message if isinstance(error, jinja2.TemplateError) else str(error)
    return clean_line(said or type(error).__name__)


def _line_of(trace: TracebackType | None) -> int:
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
