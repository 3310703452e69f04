"""Reading conditions: plain data from the rules file becomes a tree that can be judged.

::

    {category: {under: Network}, priority: {at_least: Medium}}     both
    {any: [{text: {any_word: vpn}}, {not: {owner: {empty: true}}}]}

Every problem is reported with the path that leads to it; nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kace_bridge.model.text import clean_line
from kace_bridge.rules.fields._registry import Field, find_field
from kace_bridge.rules.issue import Issue, Known, Path, Unfit
from kace_bridge.rules.operators._registry import Operator, Slot, find_operator
from kace_bridge.rules.operators._values import show

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Issue",
    "Known",
    "Not",
    "Path",
    "comparisons",
    "fields_read",
    "parse_condition",
]

_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field asked by one operator; ``shown`` is the value as the admin wrote it."""

    field: Field
    operator: Operator
    expected: object
    shown: str
    path: Path


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: tuple["Condition", ...]
    path: Path


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must hold."""

    parts: tuple["Condition", ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Not:
    """The part must fail; not being able to tell is no failure."""

    part: "Condition"
    path: Path


Condition = Comparison | AllOf | AnyOf | Not


def parse_condition(
    data: object, path: Path, problems: list[Issue], known: Known
) -> Condition | None:
    """The condition *data* describes; None where it has problems, all of them appended.

    *path* is where *data* stands. Raises nothing.
    """
    before = len(problems)
    found = _read_map(data, path, problems, known)
    return found if len(problems) == before else None


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Every comparison in *condition*, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from comparisons(part)


def fields_read(condition: Condition | None) -> frozenset[str]:
    """Names of the fields *condition* looks at, as the reference lists them (``before.owner``)."""
    return frozenset(each.field.name for each in comparisons(condition))


def _read_map(data: object, path: Path, problems: list[Issue], known: Known) -> Condition | None:
    if not isinstance(data, Mapping):
        shown = clean_line(show(data), 40)
        problems.append(
            Issue(path, f"a condition is a map, found {shown}", "Write {status: {is: New}}.")
        )
        return None
    if not data:
        problems.append(Issue(path, "the condition is empty", "Leave it out to mean every ticket."))
        return None
    if len(path) > _DEEPEST * 2:
        problems.append(Issue(path, "the condition is nested too deeply", "Split the rule."))
        return None
    parts: list[Condition] = []
    for key, value in data.items():
        parts.extend(_read_key(key, value, (*path, _as_step(key)), problems, known))
    return _join(parts, path)


def _read_key(
    key: object, value: object, path: Path, problems: list[Issue], known: Known
) -> Iterator[Condition]:
    if key in ("all", "any"):
        yield from _read_list(str(key), value, path, problems, known)
    elif key == "not":
        part = _read_map(value, path, problems, known)
        if part is not None:
            yield Not(part, path)
    elif isinstance(key, str):
        yield from _read_field(key, value, path, problems, known)
    else:
        problems.append(Issue(path, f"a field's name is text, found {show(key)}"))


def _read_list(
    key: str, value: object, path: Path, problems: list[Issue], known: Known
) -> Iterator[Condition]:
    if not isinstance(value, list | tuple) or not value:
        fix = f"Write {key}: [{{status: {{is: New}}}}, {{owner: {{empty: true}}}}]."
        problems.append(Issue(path, f"'{key}' needs a list of conditions", fix))
        return
    read = (_read_map(each, (*path, n), problems, known) for n, each in enumerate(value))
    parts = tuple(part for part in read if part is not None)
    if parts:
        yield AllOf(parts, path) if key == "all" else AnyOf(parts, path)


def _read_field(
    name: str, value: object, path: Path, problems: list[Issue], known: Known
) -> Iterator[Condition]:
    try:
        field = find_field(name, known)
    except Unfit as refused:
        problems.append(Issue(path, refused.message, refused.fix))
        return
    if not isinstance(value, Mapping) or not value:
        cure = f"Write {name}: {{{_guess_operator(value)}}}."
        problems.append(Issue(path, f"'{name}' needs an operator and a value", cure))
        return
    for key, raw in value.items():
        place = (*path, _as_step(key))
        try:
            operator = find_operator(str(key), field)
            expected = operator.read(raw, Slot(field, operator.name, known))
        except Unfit as refused:
            problems.append(Issue(place, refused.message, refused.fix))
        else:
            yield Comparison(field, operator, expected, clean_line(show(raw), 80), place)


def _guess_operator(value: object) -> str:
    if value is None or value == {}:
        return "empty: true"
    return f"{'in' if isinstance(value, list | tuple) else 'is'}: {clean_line(show(value), 40)}"


def _join(parts: list[Condition], path: Path) -> Condition | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    return AllOf(tuple(parts), path)


def _as_step(key: object) -> str | int:
    return key if isinstance(key, str | int) else str(key)
