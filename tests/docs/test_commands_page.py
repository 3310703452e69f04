"""docs/commands.md is what the commands say of themselves."""

from pathlib import Path

from kace_bridge.cli.commands import entries
from kace_bridge.cli.reference import render

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_is_fresh() -> None:
    """Run ``python -m kace_bridge.cli.reference > docs/commands.md`` when this fails."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_command_has_its_section() -> None:
    """Each with its usage line."""
    page = PAGE.read_text(encoding="utf-8")
    for entry in entries():
        assert f"### {entry.name}\n" in page
        assert f"Usage: kace-bridge {entry.name} " in page
