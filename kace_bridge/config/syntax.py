"""A YAML parser's complaint in plain words, at the line where the cure is needed."""

import re

import yaml

from kace_bridge.config.nodes import DEEPEST

_QUOTE_IT = "Put the text in quotes."
_LINE_BREAK = re.compile(r"\r\n?|\n")
_KEY = re.compile(r"\s*(?:- +)*[^\s:#'\"\[{][^:]*:\s")


def explain(error: yaml.YAMLError, text: str) -> tuple[int, int, str, str]:
    """Line and column (from 1), what is wrong, and the cure ("" if none is known)."""
    problem = str(getattr(error, "problem", "") or "this is not YAML")
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    opened = getattr(error, "context_mark", None)
    context = str(getattr(error, "context", "") or "")
    line, column = _inside(text, at.line, at.column) if at else (0, 0)
    if opened and "unexpected end of stream" in problem:
        return opened.line + 1, opened.column + 1, "this quote is never closed", ""
    if "nesting depth" in problem:
        # libyaml has a limit of its own (PyYAML 6.0.4 and newer), and stops before ours is met.
        return line + 1, column + 1, f"nested more than {DEEPEST} deep", ""
    if opened and "flow" in context:
        end = _inside(text, len(text), 0)
        if _inside(text, opened.line, opened.column) == end:
            return line + 1, column + 1, "a value and a closing bracket are missing at the end", ""
        if (line, column) == end:
            return opened.line + 1, opened.column + 1, "this bracket is never closed", ""
        context = f" (opened on line {opened.line + 1})"
        message, fix = _say(problem, "", text, line, column)
        return line + 1, column + 1, message + context, fix
    return line + 1, column + 1, *_say(problem, context, text, line, column)


def _say(problem: str, context: str, text: str, line: int, column: int) -> tuple[str, str]:
    source = _line(text, line)
    rest = source[column:]
    if rest.startswith("\t") or "tab character" in problem:
        return "a tab is used as indentation", "Use spaces."
    if "cannot start any token" in problem:
        return f"text cannot start with '{rest[:1]}'", _QUOTE_IT
    if "alias" in context or "anchor" in context:
        return "text cannot start with '*' or '&' (they mark aliases)", _QUOTE_IT
    if "mapping values are not allowed" in problem:
        if _KEY.match(source[:column] + " "):
            return "a second ':' on one line", _QUOTE_IT
        return "this key does not fit the line above", (
            "Give both the same indentation, or end the line above with ':'."
        )
    for words, said in _SAID.items():
        if words in problem:
            return said
    return f"{context}: {problem}" if context else problem, ""


def _inside(text: str, line: int, column: int) -> tuple[int, int]:
    """The position, or the end of the text if the parser ran past it: it adds a last line."""
    lines = _LINE_BREAK.split(text.rstrip())
    return (line, column) if line < len(lines) else (len(lines) - 1, len(lines[-1]))


def _line(text: str, number: int) -> str:
    lines = _LINE_BREAK.split(text, number + 1)
    return lines[number] if number < len(lines) else ""


_INDENTATION = (
    "this does not fit the lines above",
    "Check the indentation, and what follows a closing quote or bracket.",
)
_SAID = {
    "did not find expected key": _INDENTATION,
    "expected <block end>": _INDENTATION,
    "did not find expected '-' indicator": _INDENTATION,
    "entries are not allowed": ("a list item cannot start here", "Start it on a line of its own."),
    "could not find expected ':'": ("the line above has no ':' after its key", ""),
    "',' or ']'": ("a ',' or ']' is missing in a list in brackets", ""),
    "',' or '}'": ("a ',' or '}' is missing in a map in braces", ""),
    "found unexpected ':'": ("a ':' needs a space after it here", ""),
    "unknown escape": (
        "unknown escape after '\\' in double quotes",
        "Use single quotes, or write '\\\\'.",
    ),
    "expected node content": ("a value is missing here", ""),
    "the node content": ("a value is missing here", ""),
    "undefined tag handle": ("text cannot start with '!' (it marks a tag)", _QUOTE_IT),
    "incompatible YAML": ("only YAML 1.1 and 1.2 can be read", "Remove the %YAML line."),
}
