"""The JSON Schema of ``rules.yaml`` and of the files it includes, for editors and other tools.

It is written from what reads the files: the models, and the registries of fields, operators,
actions, strategies and channels. It accepts whatever ``rules check`` accepts and finds most
slips while they are typed; what needs several places at once (names of teams, a contradiction)
only ``rules check`` finds. ``python -m kace_bridge.config.schema_page [FILE]`` writes it.
"""

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from kace_bridge.config.schema_conditions import Schema, condition_defs
from kace_bridge.config.settings import SettingsFile
from kace_bridge.config.templates import load_templates
from kace_bridge.discover import import_all
from kace_bridge.notify.channels import channel_kinds
from kace_bridge.rules import actions as actions_folder
from kace_bridge.rules import strategies as strategies_folder
from kace_bridge.rules.actions.base import ACTIONS, Action
from kace_bridge.rules.reference import read_example
from kace_bridge.rules.strategies.base import STRATEGIES

PAGE = Path("docs/rules.schema.json")
_RULES = ("RuleSpec", "RouteSpec", "EscalationSpec")
_LITERAL = frozenset({"default", "examples", "const", "enum"})


def json_schema() -> Schema:
    """A JSON Schema (draft 2020-12) of a rules file, complete in itself."""
    import_all(actions_folder)
    import_all(strategies_folder)
    root: Schema = _without_titles(SettingsFile.model_json_schema(by_alias=True))
    defs: dict[str, Schema] = root["$defs"]
    defs.update(condition_defs())
    for name in _RULES:
        _fill_rule(defs[name])
    notify = deepcopy(defs["RuleSpec"])
    notify["description"] = "A rule of notify; it needs an event."
    notify["required"] = [*notify["required"], "event"]
    defs["NotifySpec"] = notify
    root["properties"]["notify"]["items"] = {"$ref": "#/$defs/NotifySpec"}
    defs["LevelSpec"]["properties"] |= {"at": _LEVEL, "then": {"$ref": "#/$defs/actions"}}
    defs["actions"] = _actions(defs)
    defs["TeamSpec"]["properties"]["pick"] |= {"enum": sorted(STRATEGIES)}
    root["properties"]["channels"]["additionalProperties"] = _channels(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kace-bridge rules",
        **root,
    }


def page() -> str:
    """The schema as the file holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


_LEVEL: Schema = {
    "description": "A share of the clock's target, a time on the clock, or the close of a day.",
    "anyOf": [
        {"type": "string", "examples": ["50%", "1bd", "4bh"],
         "pattern": r"^\s*([0-9]{1,4}(\.[0-9]{1,3})?%|[0-9]{1,12}(bd|bh|bm|w|d|h|m|s))\s*$"},
        {"type": "object", "required": ["end_of"], "additionalProperties": False,
         "properties": {"end_of": {"type": "string", "pattern": r"^\s*[0-9]{1,12}bd\s*$"}}},
    ],
}  # fmt: skip


def _fill_rule(rule: Schema) -> None:
    properties = rule["properties"]
    for key, name in (("if", "condition"), ("event", "event"), ("then", "actions")):
        if key in properties:
            said = properties[key].get("description")
            properties[key] = {"$ref": f"#/$defs/{name}"} | ({"description": said} if said else {})


def _actions(defs: dict[str, Schema]) -> Schema:
    return {
        "description": "What is done: actions by name.",
        "type": "object", "minProperties": 1, "additionalProperties": False,
        "properties": {verb: _action(kind, defs) for verb, kind in sorted(ACTIONS.items())},
    }  # fmt: skip


def _action(kind: type[Action], defs: dict[str, Schema]) -> Schema:
    """The long form of an action, and its short form where it has one."""
    model: Schema = _without_titles(kind.model_json_schema(by_alias=True))
    defs.update(model.pop("$defs", {}))
    doc = model.pop("description", "")
    text = " ".join(doc.partition("\n\n")[0].replace("``", "`").split())
    said = {"description": text, "examples": [read_example(doc)]}
    properties = model["properties"]
    if "template" in properties:
        names = sorted(name for name in load_templates(None) if not name.endswith(".html"))
        properties["template"]["examples"] = names
    inner = kind.shape({"?": "?"})
    if isinstance(inner, dict) and "?" not in inner:
        (only,) = inner
        return {**properties[only], **said}
    short = kind.shape("?")
    if isinstance(short, dict):
        return {**said, "anyOf": [model, {"type": "string"}]}
    return {**model, **said}


def _channels(defs: dict[str, Schema]) -> Schema:
    """A channel of any kind; every value may come from the environment or from a file."""
    references = [{"$ref": "#/$defs/FromEnv"}, {"$ref": "#/$defs/FromFile"}]
    kinds = []
    for kind in channel_kinds().values():
        model: Schema = _without_titles(kind.model_json_schema(by_alias=True))
        defs.update(model.pop("$defs", {}))
        doc = model.pop("description", "")
        model["description"] = " ".join(doc.partition("\n\n")[0].replace("``", "`").split())
        model["properties"] = {
            name: value if name == "kind" else {"anyOf": [value, *references]}
            for name, value in model["properties"].items()
        }
        kinds.append(model)
    return {"anyOf": kinds}


def _without_titles(schema: Any) -> Any:
    """*schema* without the titles pydantic makes of names: editors would show them twice."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value if key in _LITERAL else _without_titles(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    target.write_text(page(), encoding="utf-8")
