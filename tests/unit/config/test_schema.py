"""The JSON Schema, judged by a validator no one here wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kace_bridge.config.schema_page import json_schema
from kace_bridge.config.yaml_source import read_text
from kace_bridge.notify.channels import channel_kinds
from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.fields._registry import FAMILIES, FIELDS, load_fields
from kace_bridge.rules.operators._registry import OPERATORS, load_operators
from kace_bridge.rules.reference import read_example

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
load_fields()
load_operators()


def data_of(text: str) -> Any:
    document, problems = read_text(text, "rules.yaml")
    assert document is not None, problems
    assert not problems
    return document.data


def mistakes(text: str) -> list[str]:
    return [error.json_path for error in VALIDATOR.iter_errors(data_of(text))]


def test_the_schema_is_a_schema() -> None:
    """It obeys the meta-schema of draft 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "path", [ROOT / "rules.yaml", *sorted((ROOT / "rules").glob("*.yaml"))], ids=lambda p: p.name
)
def test_the_shipped_files_are_accepted(path: Path) -> None:
    """What comes with the program shows no red line in an editor."""
    assert mistakes(path.read_text(encoding="utf-8")) == []


def examples() -> Iterator[object]:
    for kind, docs in {
        "field": {name: each.doc for name, each in FIELDS.items()},
        "family": {name: each.doc for name, each in FAMILIES.items()},
        "operator": {name: each.doc for name, each in OPERATORS.items()},
    }.items():
        for name, doc in docs.items():
            yield pytest.param(read_example(doc), id=f"{kind} {name}")


@pytest.mark.parametrize("example", list(examples()))
def test_every_example_of_the_reference_is_accepted(example: str) -> None:
    """Fields, operators and named families: what their documentation shows is valid."""
    condition = {"$ref": "#/$defs/condition", "$defs": SCHEMA["$defs"]}
    assert list(Draft202012Validator(condition).iter_errors(data_of(example))) == []


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_every_example_of_an_action_is_accepted(verb: str) -> None:
    """Short forms and long ones."""
    actions = {"$ref": "#/$defs/actions", "$defs": SCHEMA["$defs"]}
    example = data_of(read_example(ACTIONS[verb].__doc__ or ""))
    assert list(Draft202012Validator(actions).iter_errors(example)) == []


def test_every_operator_is_offered_for_some_field() -> None:
    """A new operator appears in the schema without being listed anywhere."""
    offered = {
        name
        for key, each in SCHEMA["$defs"].items()
        if key.startswith("ask-")
        for name in each["properties"]
    }
    assert offered == set(OPERATORS)


def test_no_operator_is_left_open() -> None:
    """Every way of reading a value is described; a new one must be added."""
    for key, each in SCHEMA["$defs"].items():
        if key.startswith("ask-"):
            for name, value in each["properties"].items():
                assert set(value) - {"description"}, f"{key}: {name}"


def test_every_kind_of_channel_is_offered() -> None:
    """Kinds come from their folder."""
    offered = SCHEMA["properties"]["channels"]["additionalProperties"]["anyOf"]
    assert {each["properties"]["kind"]["const"] for each in offered} == set(channel_kinds())


GOOD = [
    pytest.param("{}", id="nothing at all"),
    pytest.param("classify: [{id: a, then: {comment: Hello}}]", id="the short form of a comment"),
    pytest.param("classify: [{id: a, then: {set: {custom_3: null, priority: 3}}}]", id="set"),
    pytest.param("classify: [{id: a, if: {state: {is: CLOSED}}, then: {set: {a: b}}}]",
                 id="a state in capitals"),
    pytest.param("notify: [{id: a, event: [created, {changed: {status: {to: {state: closed}}}}],"
                 " then: {notify: {to: [owner]}}}]", id="a change to a state"),
    pytest.param("route: [{id: a, event: {changed: [owner, custom_3]}, then: {assign: {to: x}}}]",
                 id="one of several changes"),
    pytest.param('route: [{id: a, if: {"custom.Asset tag": {is: x}, before.custom_2: {is: x}},'
                 " then: {assign: {to: x}}}]", id="custom fields"),
    pytest.param("channels: {m: {kind: email, smtp: {env: A}, from: {file: b}}}",
                 id="a secret by reference"),
    pytest.param("escalate: [{id: a, clock: c,"
                 " levels: [{at: {end_of: 1bd}, then: {set: {a: b}}}]}]", id="the close of a day"),
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_may_be_written_is_accepted(text: str) -> None:
    """The forms the documentation names."""
    assert mistakes(text) == []


BAD = [
    pytest.param("clasify: []", "$", id="a section"),
    pytest.param("mode: enforced", "$.mode", id="a mode"),
    pytest.param("teams: {a: {member: [b]}}", "$.teams.a", id="a key of a team"),
    pytest.param("teams: {a: {members: [b], pick: random}}", "$.teams.a.pick", id="a strategy"),
    pytest.param("classify: [{then: {set: {a: b}}}]", "$.classify[0]", id="a rule without an id"),
    pytest.param("classify: [{id: a, then: {}}]", "$.classify[0].then", id="an empty then"),
    pytest.param("classify: [{id: a, then: {sett: {a: b}}}]", "$.classify[0].then", id="an action"),
    pytest.param("classify: [{id: a, when: created, then: {set: {a: b}}}]", "$.classify[0]",
                 id="a key of a rule"),
    pytest.param("classify: [{id: a, if: {prioritty: {is: b}}, then: {set: {a: b}}}]",
                 "$.classify[0].if", id="a field"),
    pytest.param("classify: [{id: a, if: {priority: {iss: b}}, then: {set: {a: b}}}]",
                 "$.classify[0].if.priority", id="an operator"),
    pytest.param("classify: [{id: a, if: {priority: High}, then: {set: {a: b}}}]",
                 "$.classify[0].if.priority", id="a value without an operator"),
    pytest.param("classify: [{id: a, if: {age: {contains: b}}, then: {set: {a: b}}}]",
                 "$.classify[0].if.age", id="an operator that does not fit the field"),
    pytest.param("classify: [{id: a, if: {age: {more_than: 3 days}}, then: {set: {a: b}}}]",
                 "$.classify[0].if.age.more_than", id="a duration"),
    pytest.param("classify: [{id: a, if: {state: {is: open}}, then: {set: {a: b}}}]",
                 "$.classify[0].if.state.is", id="a state"),
    pytest.param("classify: [{id: a, event: create, then: {set: {a: b}}}]", "$.classify[0].event",
                 id="an event"),
    pytest.param("classify: [{id: a, event: {changed: colour}, then: {set: {a: b}}}]",
                 "$.classify[0].event", id="a field that changes"),
    pytest.param("notify: [{id: a, then: {notify: {to: [owner]}}}]", "$.notify[0]",
                 id="a notify rule without an event"),
    pytest.param("escalate: [{id: a, clock: c, levels: [{at: half, then: {set: {a: b}}}]}]",
                 "$.escalate[0].levels[0].at", id="a level"),
    pytest.param("channels: {m: {kind: fax}}", "$.channels.m", id="a kind of channel"),
    pytest.param("clocks: {c: {start: create, stop: closed}}", "$.clocks.c.start", id="a start"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path"), BAD)
def test_a_slip_is_marked_where_it_is(text: str, path: str) -> None:
    """The validator points at the place an admin would look at."""
    assert set(mistakes(text)) == {path}
