"""What goes into a template: plain data, whatever it was given."""

from collections.abc import Mapping
from datetime import datetime

from kace_bridge.model.text import clean_text

LONGEST = 64 * 1024
"""Characters of one value; what is longer is cut."""
_DEEPEST = 4


def plain_data(variables: Mapping[str, object]) -> dict[str, object]:
    """*variables* as bare str, int, list and dict, texts cleaned. TypeError for anything else."""
    return {str(name): _plain_value(value, name, 0) for name, value in variables.items()}


def _plain_value(value: object, name: str, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean_text(str.__str__(value)[:LONGEST])
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(key): _plain_value(part, name, depth + 1) for key, part in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_plain_value(part, name, depth + 1) for part in value]
    raise TypeError(f"template variable '{name}' is a {type(value).__name__}, not plain data")
