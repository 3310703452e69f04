"""Who may import whom: the one picture every part of the program keeps to."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, imports, modules, shown

EVERYTHING = frozenset(
    {
        "model", "sla", "rules", "sma", "notify", "state", "config", "report", "sync", "sandbox",
        "demo", "doctor",
    }
)  # fmt: skip
MAY_IMPORT: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "sla": frozenset({"model"}),
    "rules": frozenset({"model", "sla"}),
    "sma": frozenset({"model"}),
    "notify": frozenset({"model"}),
    "state": frozenset({"model"}),
    "config": frozenset({"model", "sla", "rules", "notify"}),
    "report": frozenset({"model", "sla"}),
    "sync": EVERYTHING - {"sandbox", "demo", "doctor"},
    "demo": EVERYTHING - {"doctor"},
    "doctor": EVERYTHING - {"sandbox", "demo"},
    "cli": EVERYTHING | {"cli"},
    "sandbox": frozenset(),
}
SHARED = frozenset({"errors", "clock", "discover"})
"""Modules beside the packages; everything but the sandbox may use them."""


def part_of(name: str) -> str:
    """The package or module directly below ``kace_bridge`` that *name* lies in; '' for itself."""
    parts = name.split(".")
    known = MAY_IMPORT.keys() | SHARED
    return parts[1] if len(parts) > 1 and parts[1] in known else ""


def forbidden(path: Path) -> list[str]:
    """Imports of *path* that break the rule."""
    parts = path.relative_to(PACKAGE).parts
    here = parts[0].removesuffix(".py")
    allowed = MAY_IMPORT.get(here, SHARED if here in SHARED else EVERYTHING) | {here}
    if here != "sandbox":
        allowed |= SHARED
    return [
        f"{shown(path)}:{line} imports {name}"
        for line, name in imports(path)
        if name.split(".")[0] == "kace_bridge" and part_of(name) and part_of(name) not in allowed
    ]


def test_every_package_is_in_the_picture() -> None:
    """A new package must be given its place before it imports anything."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages == set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_keep_to_the_picture(package: str) -> None:
    """No module imports from a package its own may not know."""
    found = [
        fault
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] == package
        for fault in forbidden(path)
    ]
    assert found == []


def test_shared_modules_import_nothing_of_ours() -> None:
    """Errors, clock and discover are at the bottom."""
    found = [fault for name in sorted(SHARED) for fault in forbidden(PACKAGE / f"{name}.py")]
    assert found == []


def test_the_sandbox_knows_nothing_of_the_bridge() -> None:
    """A wrong belief about the appliance must be made twice before a test can miss it."""
    found = [
        f"{shown(path)}:{line} imports {name}"
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] == "sandbox"
        for line, name in imports(path)
        if name.split(".")[0] == "kace_bridge" and part_of(name) != "sandbox"
    ]
    assert found == []


def test_the_check_sees_a_forbidden_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of imports finds one hidden inside a function."""
    path = PACKAGE / "rules" / "decide.py"
    code = "def f():\n    from kace_bridge.sma import Sma\n    import kace_bridge.state.rows\n"
    tree = ast.parse(code)
    monkeypatch.setattr("tests.architecture.sources.tree_of", lambda _: tree)
    assert forbidden(path) == [
        "rules/decide.py:2 imports kace_bridge.sma.Sma",
        "rules/decide.py:3 imports kace_bridge.state.rows",
    ]
