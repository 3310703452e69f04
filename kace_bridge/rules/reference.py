"""The reference of the rule language, written from the registries and models it describes."""

from inspect import cleandoc
from textwrap import dedent

from pydantic.fields import FieldInfo

from kace_bridge.discover import import_all
from kace_bridge.rules import actions as actions_folder
from kace_bridge.rules import strategies as strategies_folder
from kace_bridge.rules.actions.base import ACTIONS, Action
from kace_bridge.rules.fields._registry import FAMILIES, FIELDS, Field, Kind, load_fields
from kace_bridge.rules.operators._registry import OPERATORS, Operator, load_operators
from kace_bridge.rules.schema import EscalationSpec, RouteSpec
from kace_bridge.rules.strategies.base import STRATEGIES

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
_ABOUT_ACTIONS = (
    "What a rule does, under `then`. Whatever the order in the file, fields are set first, then"
    " tickets closed, questions asked and messages sent, so that a message shows the ticket as it"
    " will be. One run writes to a ticket once: fields and comment together."
)
_ABOUT_STRATEGIES = (
    "How a team picks a person, under `pick`. People who are away, or archived on the appliance,"
    " are passed over; where nobody is left, nobody is picked and the ticket keeps its owner. Every"
    " pick is kept with its candidates, their loads, who was away and what decided."
)
_ABOUT_KEYS = (
    "Beside `event`, `if` and `then` a rule may say more about itself. A rule outside its days does"
    " nothing, and `explain` says so."
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


def describe_actions() -> str:
    """Markdown: every action and every strategy with an example, and the keys of a rule."""
    import_all(actions_folder)
    import_all(strategies_folder)
    parts = ["# Actions and strategies", "## Actions", _ABOUT_ACTIONS]
    for verb in sorted(ACTIONS):
        doc = cleandoc(ACTIONS[verb].__doc__ or "")
        parts += _describe(verb, _key_line(ACTIONS[verb]), doc, level=3)
    parts += ["## Strategies", _ABOUT_STRATEGIES]
    for name in sorted(STRATEGIES):
        parts += _describe(name, "", STRATEGIES[name].__doc__ or "", level=3)
    parts += ["## Keys of a rule", _ABOUT_KEYS, _key_table()]
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


def _key_line(action: type[Action]) -> str:
    names = [_spell_key(name, info) for name, info in action.model_fields.items()]
    return "" if names == ["`values`"] else f"Keys: {', '.join(names)}."


def _spell_key(name: str, info: FieldInfo) -> str:
    shown = f"`{info.alias or name}`"
    if info.is_required() or info.default is None:
        return shown
    return f"{shown} (`{_spell_default(info)}`)"


def _spell_default(info: FieldInfo) -> str:
    return str(info.default).lower() if isinstance(info.default, bool) else str(info.default)


def _key_table() -> str:
    """Every described key; those of one phase alone say so."""
    rows = ["| Key | Unless said | Meaning |", "|---|---|---|"]
    known = {**RouteSpec.model_fields, **EscalationSpec.model_fields}
    for name, info in known.items():
        where = "" if name in EscalationSpec.model_fields else "route, classify and notify: "
        where = "route: " if name == "hands_off" else where
        if name in EscalationSpec.model_fields and name not in RouteSpec.model_fields:
            where = "escalate: "
        default = "must be given" if info.is_required() else ""
        if not default and info.default not in (None, ""):
            default = f"`{_spell_default(info)}`"
        rows.append(f"| `{info.alias or name}` | {default} | {where}{info.description} |")
    return "\n".join(rows)
