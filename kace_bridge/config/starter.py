"""The rules that ship with the program: what ``demo`` plays with and ``init`` writes."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import kace_bridge

SCHEMA = "docs/rules.schema.json"
"""Where the first lines of the shipped files tell an editor to look for the schema."""


def starter_files() -> Iterator[tuple[str, str]]:
    """Each shipped file as (relative path, text).

    An installed program carries them as package data; a checkout has them at its top.
    """
    packed = files(kace_bridge) / "starter"
    if packed.is_dir():
        yield "rules.yaml", (packed / "rules.yaml").read_text(encoding="utf-8")
        for entry in sorted((packed / "rules").iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".yaml"):
                yield f"rules/{entry.name}", entry.read_text(encoding="utf-8")
        return
    top = Path(kace_bridge.__file__).resolve().parents[1]
    for path in (top / "rules.yaml", *sorted((top / "rules").glob("*.yaml"))):
        yield path.relative_to(top).as_posix(), path.read_text(encoding="utf-8")


def write_schema(folder: Path) -> Path:
    """Write the schema that the shipped files name to an editor, as ``rules schema`` prints it."""
    from kace_bridge.config.schema_page import page

    path = folder / SCHEMA
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")
    return path


def write_starter(folder: Path) -> list[Path]:
    """Write the shipped files into *folder*; the paths written."""
    written = []
    for name, text in starter_files():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
