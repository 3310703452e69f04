"""The JSON Schema of conditions and events, written from the registries that read them."""

import re
from collections.abc import Callable
from inspect import cleandoc
from typing import Any

from kace_bridge.model.event import EventKind
from kace_bridge.rules.fields._registry import (
    FAMILIES,
    FIELDS,
    Family,
    Field,
    Kind,
    find_field,
    load_fields,
)
from kace_bridge.rules.issue import Known, Unfit
from kace_bridge.rules.operators import _values as values
from kace_bridge.rules.operators import calendar, change, pattern, people
from kace_bridge.rules.operators._registry import OPERATORS, Operator, Reading, load_operators
from kace_bridge.rules.parent import SHARED

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
DURATION: Schema = {
    "type": "string", "pattern": r"^\s*[0-9]{1,12}(bd|bh|bm|w|d|h|m|s)\s*$",
    "examples": ["4h", "2d"],
}  # fmt: skip
_DAY: Schema = {"type": "string", "examples": ["2026-03-02", "2026-03-02T17:00"]}
_FAMILY_PATTERNS = {"custom_": "custom_[1-9][0-9]{0,2}", "before.": "before\\.custom(_|\\.).+"}
_BEFORE = "before."


def condition_defs() -> dict[str, Schema]:
    """Definitions named ``condition``, ``event``, and one ``ask-...`` per sort of field."""
    load_fields()
    load_operators()
    defs: dict[str, Schema] = {}
    several: Schema = {"type": "array", "minItems": 1, "items": _ref("condition")}
    properties: dict[str, Schema] = {
        "all": {**several, "description": "Every one must hold."},
        "any": {**several, "description": "One of them must hold."},
        "not": {**_ref("condition"), "description": "This must fail."},
    }
    for field in _named_fields():
        properties[field.name] = {**_asked(field, defs), "description": _first(field.doc)}
    patterns = {}
    for prefix, family in FAMILIES.items():
        shown = _FAMILY_PATTERNS.get(prefix, f"{re.escape(prefix)}.+")
        patterns[f"^{shown}$"] = _family(family, defs)
    defs["condition"] = {
        "description": "Field to operator and value; several keys in one map mean all of them.",
        "type": "object", "minProperties": 1, "properties": properties,
        "patternProperties": patterns, "additionalProperties": False,
    }  # fmt: skip
    defs["event"] = _event(defs)
    return defs


def _named_fields() -> list[Field]:
    found = sorted(FIELDS.values(), key=lambda each: each.name)
    earlier = [find_field(_BEFORE + each.name, Known()) for each in found if each.ticket_only]
    return [*found, *earlier]


def _family(family: Family, defs: dict[str, Schema]) -> Schema:
    """What is asked of the fields of *family*, learnt from one of them."""
    for sample in ("1", "custom_1"):
        try:
            return {**_asked(family.find(sample, Known()), defs), "description": _first(family.doc)}
        except Unfit:
            continue
    return {"type": "object", "minProperties": 1}


def _asked(field: Field, defs: dict[str, Schema]) -> Schema:
    """A reference to the operators that fit *field*, defined on first use."""
    words = ["status"] if field.name == "status" else field.kind.value.split()
    name = "-".join(["ask", *words, *(["changes"] if field.tracked else []), *field.choices])
    if name not in defs:
        defs[name] = {}  # 'changed' asks about the same sort of field again
        fitting = [each for each in OPERATORS.values() if each.fits(field)]
        defs[name] = {
            "type": "object", "minProperties": 1, "additionalProperties": False,
            "properties": {
                each.name: {**_value(each, field, defs), "description": _first(each.doc)}
                for each in sorted(fitting, key=lambda each: each.name)
            },
        }  # fmt: skip
    return _ref(name)


def _value(operator: Operator, field: Field, defs: dict[str, Schema]) -> Schema:
    """What may stand beside *operator*; anything where its reading is not known here."""
    if operator.name == "changed":
        return _transition(field, defs)
    if operator.read is change.read_counts:
        return _asked(Field("times_changed", Kind.NUMBER, lambda _: None), defs)
    if operator.read is change.read_authors:
        person = _asked(Field("last_changed_by", Kind.PERSON, lambda _: None), defs)
        return {"anyOf": [_some(TEXT), person]}
    written = _READINGS.get(operator.read)
    return written(field) if written else {}


def _one(field: Field) -> Schema:
    """One value of the field's own kind."""
    if field.kind is Kind.NUMBER:
        return NUMBER
    if field.kind is Kind.DATE:
        return _DAY
    if not field.choices:
        return TEXT
    # The choices are offered as they are written, and taken whatever the case.
    lenient = "|".join(
        "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else re.escape(char)
                for char in choice)
        for choice in field.choices
    )  # fmt: skip
    return {"anyOf": [{"enum": list(field.choices)},
                      {"type": "string", "pattern": f"^\\s*({lenient})\\s*$"}]}  # fmt: skip


def _bound(field: Field) -> Schema:
    if field.kind is Kind.DURATION:
        return DURATION
    if field.kind is Kind.CUSTOM:
        return {"anyOf": [NUMBER, _DAY]}
    return _one(field)


def _some(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "minItems": 1, "items": schema}]}


_READINGS: dict[Reading, Callable[[Field], Schema]] = {
    values.read_text: lambda _: TEXT,
    values.read_texts: lambda _: _some(TEXT),
    values.read_keywords: lambda _: _some(TEXT),
    values.read_value: _one,
    values.read_values: lambda field: {"type": "array", "minItems": 1, "items": _one(field)},
    values.read_bound: _bound,
    values.read_bounds: lambda field: {
        "type": "array", "minItems": 2, "maxItems": 2, "items": _bound(field)
    },
    values.read_span: lambda _: DURATION,
    values.read_flag: lambda _: {"type": "boolean"},
    values.read_teams: lambda _: _some(TEXT),
    values.read_groups: lambda _: _some(TEXT),
    calendar.read_calendars: lambda _: _some(TEXT),
    people.read_circles: lambda _: _some(TEXT),
    pattern.read_pattern: lambda _: TEXT,
}  # fmt: skip


def _transition(field: Field, defs: dict[str, Schema]) -> Schema:
    words = ["status"] if field.name == "status" else field.kind.value.split()
    name = "-".join(["change-of", *words, *field.choices])
    if name not in defs:
        defs[name] = {}
        ends: list[Schema] = [{"type": "null"}, _some(_one(field)), _asked(field, defs)]
        if field.name == "status":
            state = _some(_one(FIELDS["state"]))
            ends.append({"type": "object", "required": ["state"], "properties": {"state": state}})
        defs[name] = {
            "anyOf": [
                {"const": True},
                {
                    "type": "object", "minProperties": 1, "additionalProperties": False,
                    "properties": {end: {"anyOf": ends} for end in ("from", "to", "other_than")},
                },
            ]
        }  # fmt: skip
    return _ref(name)


def _event(defs: dict[str, Schema]) -> Schema:
    tracked = [field for field in _named_fields() if field.tracked]
    named = {field.name: _transition(field, defs) for field in tracked}
    custom = find_field("custom_1", Known())
    name: Schema = {
        "anyOf": [{"enum": sorted(named)},
                  {"type": "string", "pattern": "^custom(_[1-9][0-9]{0,2}|\\..+)$"}]
    }  # fmt: skip
    changes: Schema = {
        "type": "object", "minProperties": 1, "properties": named, "additionalProperties": False,
        "patternProperties": {"^custom(_[1-9][0-9]{0,2}|\\..+)$": _transition(custom, defs)},
    }  # fmt: skip
    comments: Schema = {
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": {
            "by": {**_some(TEXT), "examples": ["submitter", "owner", "staff", "anyone"]},
            "public": {"type": ["boolean", "null"]},
        },
    }  # fmt: skip
    more: dict[str, Schema] = {
        EventKind.CHANGED: {"anyOf": [{"const": True}, _some(name), changes]},
        EventKind.COMMENTED: {"anyOf": [{"const": True}, comments]},
    }
    kinds = [kind.value for kind in EventKind]
    shared = [kind for kind in kinds if EventKind(kind) in SHARED]
    single = _one_of(kinds, more, {"parent": _one_of(shared, more, {})})
    return {"description": "What happened; of a list, any one.", **_some(single)}


def _one_of(kinds: list[str], more: dict[str, Schema], others: dict[str, Schema]) -> Schema:
    """An event by its name, or a map of the name to what more is asked of it."""
    named = {kind: more.get(kind, {"const": True}) for kind in kinds}
    return {
        "anyOf": [
            {"enum": kinds},
            {
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "additionalProperties": False, "properties": {**named, **others},
            },
        ]
    }  # fmt: skip


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _first(doc: str) -> str:
    """The first paragraph of *doc* on one line."""
    return " ".join(cleandoc(doc).partition("\n\n")[0].replace("``", "`").split())
