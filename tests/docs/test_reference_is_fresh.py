"""The generated pages say what the program does today."""

from pathlib import Path

import pytest

from kace_bridge.config.reference_page import reference_pages, write_pages
from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.reference import read_example
from kace_bridge.rules.schema import EscalationSpec, RouteSpec
from kace_bridge.rules.strategies.base import STRATEGIES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = reference_pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_what_the_program_writes(name: str) -> None:
    """Run ``python -m kace_bridge.config.reference_page`` where this fails."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]


def test_every_action_and_strategy_is_there() -> None:
    """Each with its example, from the registries."""
    page = PAGES["actions.md"]
    for name, thing in [*ACTIONS.items(), *STRATEGIES.items()]:
        assert f"### `{name}`" in page
        assert read_example(thing.__doc__ or "") in page
    assert "Example:" not in page
    assert "``" not in page.replace("```", "")


@pytest.mark.parametrize("spec", [RouteSpec, EscalationSpec])
def test_every_key_of_a_rule_is_described(spec: type[RouteSpec] | type[EscalationSpec]) -> None:
    """A key without a description would have an empty row."""
    for name, info in spec.model_fields.items():
        assert info.description, name
        assert f"| `{info.alias or name}` |" in PAGES["actions.md"]


def test_pages_are_written_only_where_they_differ(tmp_path: Path) -> None:
    """A second run changes nothing."""
    assert sorted(path.name for path in write_pages(tmp_path)) == sorted(PAGES)
    assert write_pages(tmp_path) == []
    (tmp_path / "fields.md").write_text("old", encoding="utf-8")
    assert [path.name for path in write_pages(tmp_path)] == ["fields.md"]
