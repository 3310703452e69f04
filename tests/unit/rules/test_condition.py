"""Reading conditions: what is understood, what is refused, and with which cure."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from kace_bridge.rules.condition import (
    AllOf,
    AnyOf,
    Comparison,
    Issue,
    Known,
    Not,
    fields_read,
    parse_condition,
)
from tests.unit.rules.picture import KNOWN, read, refuse


def test_several_keys_and_several_operators_mean_all() -> None:
    """A map is a conjunction on either level."""
    found = read({"state": {"is": "opened"}, "id": {"at_least": 5, "at_most": 9}})
    assert isinstance(found, AllOf)
    assert [each.operator.name for each in found.parts if isinstance(each, Comparison)] == [
        "is",
        "at_least",
        "at_most",
    ]


def test_all_any_and_not_nest() -> None:
    """The three joints may stand inside each other."""
    inner = {"any": [{"title": {"contains": "x"}}, {"all": [{"id": {"is": 1}}]}]}
    found = read({"not": inner})
    assert isinstance(found, Not)
    assert isinstance(found.part, AnyOf)


def test_each_comparison_knows_its_place_and_its_words() -> None:
    """Traces and messages can point at the line an admin wrote."""
    found = read({"any": [{"id": {"is": 1}}, {"status": {"in": ["New", "Opened"]}}]})
    assert isinstance(found, AnyOf)
    second = found.parts[1]
    assert isinstance(second, Comparison)
    assert second.path == ("if", "any", 1, "status", "in")
    assert second.shown == "[New, Opened]"


def test_the_fields_a_condition_reads_are_listed() -> None:
    """Names come as the reference spells them, whatever joins them."""
    found = read(
        {
            "not": {"any": [{"custom_3": {"is": "x"}}, {"before.owner": {"is": "x"}}]},
            "id": {"is": 1},
        }
    )
    assert fields_read(found) == {"custom_3", "before.owner", "id"}
    assert fields_read(None) == frozenset()


def test_a_label_stands_for_its_custom_field_once_labels_are_known() -> None:
    """Bare where the labels are known, marked as custom always."""
    assert fields_read(read({"Asset tag": {"is": "x"}})) == {"Asset tag"}
    assert fields_read(read({"custom.Room": {"is": "x"}}, Known())) == {"custom.Room"}
    (issue,) = refuse({"Asset tag": {"is": "x"}}, Known())
    assert "'custom.Asset tag'" in issue.fix


STATUSES = Known(values={"status": frozenset({"New", "Opened", "Closed"})})


@pytest.mark.parametrize(
    ("data", "path", "message", "fix"),
    [
        pytest.param({}, (), "empty", "Leave it out", id="an empty condition"),
        pytest.param(None, (), "a condition is a map, found nothing", "{is: New}", id="nothing"),
        pytest.param("x", (), "a condition is a map, found x", "{is: New}", id="a text"),
        pytest.param([{"id": {"is": 1}}], (), "is a map", "", id="a bare list"),
        pytest.param({"status": "New"}, ("status",), "needs an operator",
                     "Write status: {is: New}.", id="a bare value"),
        pytest.param({"status": ["New", "Opened"]}, ("status",), "needs an operator",
                     "Write status: {in: [New, Opened]}.", id="a list of values"),
        pytest.param({"owner": None}, ("owner",), "needs an operator",
                     "Write owner: {empty: true}.", id="null"),
        pytest.param({"owner": {}}, ("owner",), "needs an operator", "empty: true", id="no operator"),
        pytest.param({"all": []}, ("all",), "needs a list", "Write all: [", id="all of nothing"),
        pytest.param({"any": {"id": {"is": 1}}}, ("any",), "needs a list", "any: [", id="any of a map"),
        pytest.param({"not": []}, ("not",), "is a map", "", id="not of a list"),
        pytest.param({"any": [{}]}, ("any", 0), "empty", "", id="an empty part"),
        pytest.param({"titel": {"is": "x"}}, ("titel",), "unknown field 'titel'",
                     "Did you mean 'title'?", id="a misspelt field"),
        pytest.param({"zzz": {"is": "x"}}, ("zzz",), "unknown field", "docs/", id="a strange field"),
        pytest.param({7: {"is": "x"}}, (7,), "name is text, found 7", "", id="a number for a field"),
        pytest.param({"title": {"contians": "x"}}, ("title", "contians"), "unknown operator",
                     "Did you mean 'contains'?", id="a misspelt operator"),
        pytest.param({"title": {"zzzz": "x"}}, ("title", "zzzz"), "unknown operator",
                     "For title:", id="a strange operator"),
        pytest.param({"title": {5: "x"}}, ("title", 5), "unknown operator '5'", "", id="a number"),
        pytest.param({"title": {None: "x"}}, ("title", "None"), "unknown operator", "", id="null key"),
        pytest.param({"custom_0": {"is": "x"}}, ("custom_0",), "unknown field", "custom_1", id="custom"),
        pytest.param({"custom.Rom": {"is": "x"}}, ("custom.Rom",), "labelled 'Rom'", "", id="label"),
        pytest.param({"clock.respnd": {"more_than": "1h"}}, ("clock.respnd",), "no clock",
                     "'respond'", id="a misspelt clock"),
        pytest.param({"before.age": {"more_than": "1h"}}, ("before.age",), "no earlier value",
                     "before.status", id="before what is computed"),
        pytest.param({"before.titel": {"is": "x"}}, ("before.titel",), "unknown field",
                     "'title'", id="before a misspelt field"),
        pytest.param({"state": {"is": "close"}}, ("state", "is"), "unknown state 'close'",
                     "'closed'", id="a state that is none"),
        pytest.param({"status": {"in": "New"}}, ("status", "in"), "needs a list", "[New]", id="in text"),
        pytest.param({"owner": {"empty": "yes"}}, ("owner", "empty"), "true or false", "", id="flag"),
        pytest.param({"id": {"is": "7"}}, ("id", "is"), "expected a number", "quotes", id="quoted"),
        pytest.param({"id": {"is": True}}, ("id", "is"), "expected a number", "", id="a flag"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_place_and_cure(
    data: object, path: tuple[str | int, ...], message: str, fix: str
) -> None:
    """What is wrong, where, and what to write instead."""
    (issue,) = refuse(data)
    assert issue.path == ("if", *path)
    assert message in issue.message
    assert fix in issue.fix


def test_names_the_appliance_does_not_have_are_refused_once_known() -> None:
    """Statuses and the like are checked where they have been learnt, ``before`` too."""
    (issue,) = refuse({"status": {"in": ["new", "Opend"]}}, STATUSES)
    assert issue.message == "unknown status 'Opend'"
    assert issue.fix == "Did you mean 'Opened'?"
    assert refuse({"before.status": {"is": "Opend"}}, STATUSES)
    assert read({"status": {"is": "Opend"}}, KNOWN)


def test_all_mistakes_are_told_at_once() -> None:
    """One run of the check is enough to put a file right."""
    issues = refuse({"titel": {"is": "x"}, "any": [{"id": {"is": "7"}}, {}], "status": "New"})
    assert [issue.path[1:] for issue in issues] == [
        ("titel",),
        ("any", 0, "id", "is"),
        ("any", 1),
        ("status",),
    ]


@pytest.mark.catalogue("S24")
def test_endless_nesting_is_refused() -> None:
    """A condition that is nested too deeply is a problem, not a crash."""
    data: object = {"id": {"is": 1}}
    for _ in range(5000):
        data = {"not": data}
    problems: list[Issue] = []
    assert parse_condition(data, (), problems, KNOWN) is None
    assert "too deeply" in problems[0].message
