"""docs/sandbox.md names everything there is to know about the sandbox."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from kace_bridge.sandbox import Settings
from kace_bridge.sandbox.faults import DEEDS

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_point_has_its_row() -> None:
    """The table has the 63 numbers, in order."""
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.M)]
    assert numbers == list(range(1, 64))


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_explained(name: str) -> None:
    """A switch nobody can find is no switch."""
    assert f"`{name}" in PAGE


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_every_fault_is_explained(deed: str) -> None:
    """What a fault applies and what the client sees is in the table."""
    assert f"`{deed}`" in PAGE


def test_the_example_runs() -> None:
    """The Python of the page works as it stands."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.S)
    assert code is not None
    exec(compile(code[1], "docs/sandbox.md", "exec"), {})
