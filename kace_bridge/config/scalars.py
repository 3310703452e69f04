"""Plain words of a YAML file as YAML 1.2 core reads them: `on`, `no` and `17:00` stay text.

Source: YAML 1.2.2, section 10.3.2, tag resolution of the core schema.
"""

import re

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_FIRST = frozenset("~nNtTfF.+-0123456789")

# Python itself refuses to convert longer ones; nothing an admin means is near it.
LONGEST_NUMBER = 400


def resolve(text: str) -> str | int | float | bool | None:
    """The value of an unquoted word. A number above LONGEST_NUMBER characters stays text."""
    if text and text[0] not in _FIRST:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def resolve_as(tag: str, text: str) -> str | int | float | bool | None:
    """The value of *text* under an explicit `!!tag` (str, int, float, bool or null).

    Raises LookupError when the text cannot be read as that.
    """
    if tag == "str":
        return text
    value = resolve(text)
    if tag == "float" and type(value) is int:
        return float(value)
    fits: dict[str, type] = {"int": int, "float": float, "bool": bool, "null": type(None)}
    if type(value) is not fits[tag]:
        raise LookupError(f"this cannot be read as !!{tag}")
    return value


def _whole(text: str) -> int:
    if text.startswith("0o"):
        return int(text[2:], 8)
    if text.startswith("0x"):
        return int(text[2:], 16)
    return int(text)
