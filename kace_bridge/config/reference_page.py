"""The generated pages of the documentation, written where they belong.

``python -m kace_bridge.config.reference_page`` writes them into ``docs``; a test keeps them true.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from kace_bridge.rules.reference import describe_actions, describe_fields, describe_operators

_NOTE = (
    "<!-- Written by the program: python -m kace_bridge.config.reference_page."
    " Change the docstrings, not this page. -->\n\n"
)


def reference_pages() -> Mapping[str, str]:
    """The text of every generated page, by file name."""
    return {
        "fields.md": _NOTE + describe_fields(),
        "operators.md": _NOTE + describe_operators(),
        "actions.md": _NOTE + describe_actions(),
    }


def write_pages(folder: Path) -> list[Path]:
    """Write every page into *folder*, which must exist; the pages that changed."""
    changed = []
    for name, text in reference_pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for page in write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(page)
