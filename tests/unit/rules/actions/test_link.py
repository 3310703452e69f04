"""link: a note to the staff which other ticket this one belongs to."""

from pathlib import Path

import pytest

from kace_bridge.model.effect import AddComment
from kace_bridge.rules.actions.link import Link
from tests.unit.rules.actions.acting import act, notes, problems_of, refused_text
from tests.unit.rules.rulebook import make_ticket


@pytest.mark.parametrize(
    ("then", "changes", "text"),
    [
        pytest.param(
            "link: {to: custom_4}", {"custom_4": "4411"}, "See also ticket 4411.", id="number"
        ),
        pytest.param("link: custom_4", {"custom_4": " #4411 "}, "See also ticket 4411.", id="hash"),
        pytest.param(
            "link: custom_4", {"custom_4": "tick:4411"}, "See also ticket 4411.", id="token"
        ),
        pytest.param(
            "link: parent", {"parent_id": "12"}, "Belongs to ticket 12.", id="parent's id"
        ),
        pytest.param("link: parent", {"parent": {"id": 12}}, "Belongs to ticket 12.", id="parent"),
    ],
)
def test_the_other_ticket_is_named(then: str, changes: dict[str, object], text: str) -> None:
    """An owners-only comment; no field is written."""
    (effect,) = act(then, make_ticket(**changes)).decision("r").effects
    assert effect == AddComment(make_ticket().id, text, public=False)


@pytest.mark.parametrize(
    ("then", "changes", "why"),
    [
        pytest.param(
            "link: custom_4",
            {"custom_4": "next to 7"},
            "custom_4 holds no ticket number",
            id="prose",
        ),
        pytest.param(
            "link: custom_4", {"custom_4": ""}, "custom_4 holds no ticket number", id="empty"
        ),
        pytest.param("link: custom_4", {}, "custom_4 holds no ticket number", id="not sent"),
        pytest.param(
            "link: custom_4", {"custom_4": "0"}, "custom_4 holds no ticket number", id="zero"
        ),
        pytest.param(
            "link: custom_4", {"custom_4": "41"}, "custom_4 names the ticket itself", id="itself"
        ),
        pytest.param(
            "link: parent", {"parent_id": 0}, "parent holds no ticket number", id="no parent"
        ),
    ],
)
def test_without_a_number_nothing_is_written(
    then: str, changes: dict[str, object], why: str
) -> None:
    """The trace says what was found wanting."""
    found = act(then, make_ticket(**changes))
    assert found.decision("r").effects == ()
    assert notes(found) == [{"link": why}]


def test_an_unknown_field_is_refused(tmp_path: Path) -> None:
    """The field is looked up when the rules are read."""
    (problem,) = problems_of(tmp_path, rules=refused_text("link: {to: custm_4}"))
    assert "unknown field 'custm_4'" in problem


def test_the_field_is_told() -> None:
    """A field is mentioned, the parent is none."""
    assert Link(to="custom_4").references().fields == ("custom_4",)
    assert Link(to="parent").references().fields == ()
