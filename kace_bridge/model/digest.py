"""Short names for content: the same on every machine and after every restart."""

import hashlib
from collections.abc import Mapping

from kace_bridge.model.plain_json import text_maker

_VOLATILE = frozenset({"sla_dates", "changes"})
"""Computed by the appliance from its clock, or kept apart: their movement is told elsewhere."""
_text = text_maker(str)


def digest_record(record: Mapping[str, object]) -> str:
    """16 hex digits that change when anything in *record* changes, whatever the key order."""
    from kace_bridge.model.quick_json import json_bytes  # commands without a sync do without it

    if not _VOLATILE.isdisjoint(record):
        record = {key: value for key, value in record.items() if key not in _VOLATILE}
    return hashlib.sha256(json_bytes(record)).hexdigest()[:16]


def digest_parts(*parts: object) -> str:
    """32 hex digits made of *parts*, which are told apart whatever they contain."""
    text = _text([str(part) for part in parts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
