"""A failed check of one value, in words an admin can act on."""

import re
from collections.abc import Iterable
from typing import Any, get_args

from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from kace_bridge.config.problems import did_you_mean, nearest

Words = tuple[str, str]  # message, fix

_LIST, _MAP = "a list", "a map of keys"
_DATE = "a date such as 2026-03-02"
_INSTANT = "a date and time such as 2026-03-02T09:00"
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "bool_type": "true or false",
    "none_required": "empty",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "dataclass_type"), _MAP),
    **dict.fromkeys(("model_attributes_type",), _MAP),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
    **dict.fromkeys(("datetime_type", "datetime_parsing"), _INSTANT),
    **dict.fromkeys(("datetime_from_date_parsing",), _INSTANT),
    **dict.fromkeys(("time_type", "time_parsing"), "a time such as 09:00"),
    **dict.fromkeys(("time_delta_type", "time_delta_parsing"), "a duration"),
}
_CHOICES = frozenset({"literal_error", "enum"})
_PYDANTICS_OWN = frozenset(get_args(ErrorType)) - {"value_error", "assertion_error"}

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'(?=, | or |$)")
_SUBJECT = re.compile(r"^(?:Input|String|List|Tuple|Set|Dictionary|Value|Number|URL|Data) should ")
_MOST_CHOICES = 20
_OTHER_WORDS = {
    "when": "if", "condition": "if", "conditions": "if", "on": "event", "trigger": "event",
    "do": "then", "action": "then", "actions": "then", "name": "id",
}  # fmt: skip
"""Keys of other programs' rules, and ours that mean the same."""
_NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
_LONGEST_TEXT = 40


def is_mismatch(error: ErrorDetails) -> bool:
    """Whether the value is of the wrong kind altogether, so another kind may be named beside."""
    return error["type"] in _EXPECTED or error["type"] in _CHOICES


def unknown_key(key: str, inside: str, known: Iterable[str]) -> Words:
    where = f" in '{inside}'" if inside else ""
    names = list(known)
    meant = _OTHER_WORDS.get(key.lower())
    cure = f"Did you mean '{meant}'?" if meant in names else did_you_mean(key, names)
    return f"unknown key '{key}'{where}", cure


def mismatch(name: str, errors: list[ErrorDetails], *, secret: bool) -> Words:
    """One sentence for a value that is none of the kinds its place allows."""
    value: Any = errors[0]["input"]
    kinds: list[str] = []
    choices: list[str] = []
    for error in errors:
        if error["type"] in _CHOICES:
            choices += _choices(error)
        else:
            kinds.append(_EXPECTED[error["type"]])
    several = len(choices) > 1
    expected = [f"one of {_listed(choices)}" if several else choices[0]] if choices else []
    message = f"{name} must be {' or '.join([*expected, *dict.fromkeys(kinds)])}"
    if value is None:
        return f"{message} but is empty", ""
    if secret and set(kinds) == {_MAP} and isinstance(value, str):
        return message, "Write {env: NAME} or {file: PATH}: no secret is written here."
    if secret:
        return f"{message}, not {_kind(value)}" if kinds else message, _quotes(value, kinds)
    if choices and isinstance(value, str):
        close = nearest(value, choices)
        if close == [value]:
            return f"{message}, not text '{value}'", "Remove the quotes."
        return f"{message}, not '{_short(value)}'", f"Did you mean '{close[0]}'?" if close else ""
    return f"{message}, not {_shown(value)}", "" if choices else _quotes(value, kinds)


def own_words(name: str, error: ErrorDetails) -> Words:
    """What a model of ours said, as it stands; pydantic's words with the key's name in them."""
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error" | "assertion_error" if "error" in context:
            return str(context["error"]), str(getattr(context["error"], "fix", ""))
        case "too_short" | "string_too_short" if context.get("min_length") == 1:
            return f"{name} must not be empty", ""
        case "string_pattern_mismatch" if context.get("pattern") == _NAME_PATTERN:
            said = "starts with a letter or digit, and holds letters, digits, '.', '_' and '-'"
            return f"{name} {said}", ""
        case "union_tag_not_found":
            return f"{context['discriminator']} is missing", ""
        case "union_tag_invalid":
            known = _quoted(str(context["expected_tags"]))
            said = f"{context['discriminator']} must be one of {_listed(known)}"
            close = nearest(str(context["tag"]), known)
            fix = f"Did you mean '{close[0]}'?" if close else ""
            return f"{said}, not '{_short(str(context['tag']))}'", fix
    if error["type"] not in _PYDANTICS_OWN:
        return error["msg"], ""
    said, replaced = _SUBJECT.subn(f"{name} should ", error["msg"])
    if replaced:
        return said, ""
    return f"{name}: {said[:1].lower()}{said[1:]}", ""


def _choices(error: ErrorDetails) -> list[str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    found = _quoted(expected) or re.split(r", | or ", expected)
    return [{"True": "true", "False": "false"}.get(word, word) for word in found]


def _quoted(text: str) -> list[str]:
    return [found.replace("\\'", "'") for found in _QUOTED.findall(text)]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_CHOICES])
    return (
        shown if len(names) <= _MOST_CHOICES else f"{shown} and {len(names) - _MOST_CHOICES} more"
    )


def _quotes(value: object, kinds: list[str]) -> str:
    if "text" in kinds and isinstance(value, bool | int | float):
        return "Put it in quotes."
    if isinstance(value, str) and "true or false" in kinds:
        return "Write true or false."
    number = any("number" in kind for kind in kinds)
    if number and isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return "Remove the quotes."
    return ""


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return _LIST if isinstance(value, list) else _MAP


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"text '{_short(value)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {_short(str(value))}"
    return _kind(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 3]}..."
