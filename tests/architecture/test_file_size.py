"""Files and functions stay small enough to be read in one sitting."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import modules, shown, tree_of

LONGEST_FILE = 300


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_no_file_is_too_long(path: Path) -> None:
    """A file holds one noun; what grows beyond 300 lines holds two."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", modules(), ids=shown)
def test_every_module_says_what_it_is(path: Path) -> None:
    """Each module that holds code begins with a sentence about it."""
    tree = tree_of(path)
    assert not tree.body or ast.get_docstring(tree)
