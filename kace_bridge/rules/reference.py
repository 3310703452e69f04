"""The reference of the condition language, written from the registries it describes."""

from inspect import cleandoc
from textwrap import dedent

from kace_bridge.rules.fields._registry import FAMILIES, FIELDS, Field, Kind, load_fields
from kace_bridge.rules.operators._registry import OPERATORS, Operator, load_operators

_EXAMPLE = "Example:"
_ABOUT_FIELDS = (
    "What a condition can ask about. A field that is empty (no owner, a blank text) is not the"
    " same as one the appliance did not send: the first is judged, the second is *unknown*, and"
    " no rule fires on it."
)
_ABOUT_OPERATORS = (
    "How a condition compares. Every comparison comes to yes, no or unknown; unknown never fires"
    " a rule, not even under `not`. Case never matters in text."
)


def describe_fields() -> str:
    """Markdown: every field with its kind, meaning and an example, then the named families."""
    load_fields()
    parts = ["# Fields", _ABOUT_FIELDS]
    for field in sorted(FIELDS.values(), key=lambda each: each.name):
        parts += _describe(field.name, _kind_line(field), field.doc)
    parts.append("## Named fields")
    for prefix in sorted(FAMILIES):
        parts += _describe(FAMILIES[prefix].shown, "", FAMILIES[prefix].doc, level=3)
    return "\n\n".join(part for part in parts if part) + "\n"


def describe_operators() -> str:
    """Markdown: every operator with what it compares, its meaning and an example."""
    load_fields()
    load_operators()
    parts = ["# Operators", _ABOUT_OPERATORS]
    for operator in sorted(OPERATORS.values(), key=lambda each: each.name):
        parts += _describe(operator.name, _fit_line(operator), operator.doc)
    return "\n\n".join(part for part in parts if part) + "\n"


def read_example(doc: str) -> str:
    """The YAML under ``Example:`` in *doc*; empty where there is none."""
    _, _, example = cleandoc(doc).partition(f"{_EXAMPLE}\n")
    return dedent(example).strip()


def _describe(name: str, line: str, doc: str, level: int = 2) -> list[str]:
    text, _, _ = cleandoc(doc).partition(f"{_EXAMPLE}\n")
    example = read_example(doc)
    shown = f"```yaml\n{example}\n```" if example else ""
    return [f"{'#' * level} `{name}`", line, text.strip().replace("``", "`"), shown]


def _kind_line(field: Field) -> str:
    if field.choices:
        return f"Holds {_join([f'`{choice}`' for choice in field.choices], 'or')}."
    return f"Holds {field.kind}."


def _fit_line(operator: Operator) -> str:
    if operator.history:
        return "For every field whose changes the appliance records."
    fitting = [
        kind.value for kind in Kind if operator.fits(Field("any", kind, read=lambda _: None))
    ]
    if len(fitting) == len(Kind):
        return "For every field."
    return f"For fields that hold {_join(fitting, 'or')}."


def _join(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
