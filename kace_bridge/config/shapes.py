"""What a model would accept at a path: for hints about keys, and to know which values are secret.

Read from the model's JSON schema, which says the same of every kind of model, union and alias.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

Shape = dict[str, Any]

_BRANCHES = ("anyOf", "oneOf", "allOf")


class _Tolerant(GenerateJsonSchema):
    """A type without a JSON form is a shape that accepts anything: hints are a courtesy."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:  # noqa: ARG002 -- the signature is pydantic's
        return {}

    def emit_warning(self, kind: Any, detail: str) -> None:
        """Say nothing: a default that has no JSON form does not change what is accepted."""


def shape_of(adapter: TypeAdapter[Any]) -> Shape:
    return adapter.json_schema(schema_generator=_Tolerant)


def shapes_at(root: Shape, path: tuple[str | int, ...], data: object) -> list[Shape]:
    """Every shape the value at *path* may have, given the *data* written so far."""
    found = _open(root, root, data)
    for step in path:
        inside = [shape for outer in found for shape in _inner(outer, step)]
        data = _at(data, step)
        found = [shape for inner in inside for shape in _open(root, inner, data)]
    return found


def known_keys(shapes: list[Shape]) -> list[str]:
    return list(dict.fromkeys(key for shape in shapes for key in shape.get("properties", ())))


def is_secret(shapes: list[Shape]) -> bool:
    return any(shape.get("format") == "password" or shape.get("writeOnly") for shape in shapes)


def _open(root: Shape, shape: Shape, data: object, depth: int = 0) -> list[Shape]:
    """*shape* with references followed and unions spread out; branches for other data left out."""
    if depth > len(root.get("$defs", ())) + 8:
        return []
    reference = str(shape.get("$ref", ""))
    spread = [root["$defs"][reference.removeprefix("#/$defs/")]] if reference else []
    spread += [branch for name in _BRANCHES for branch in shape.get(name, ())]
    if not spread:
        return [shape]
    leaves = [leaf for branch in spread for leaf in _open(root, branch, data, depth + 1)]
    if "properties" in shape or is_secret([shape]):
        leaves.append(shape)
    return [leaf for leaf in leaves if not _contradicts(leaf, data)] or leaves


def _contradicts(shape: Shape, data: object) -> bool:
    if not isinstance(data, dict):
        return False
    for key, inner in shape.get("properties", {}).items():
        if key in data and "const" in inner and inner["const"] != data[key]:
            return True
    return False


def _inner(shape: Shape, step: str | int) -> Iterator[Shape]:
    if isinstance(step, int):
        prefix = shape.get("prefixItems", [])
        inner = prefix[step] if step < len(prefix) else shape.get("items")
    else:
        inner = shape.get("properties", {}).get(step, shape.get("additionalProperties"))
    if isinstance(inner, dict):
        yield inner


def _at(data: object, step: str | int) -> object:
    if isinstance(data, dict):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None
