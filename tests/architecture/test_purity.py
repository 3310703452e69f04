"""Pure parts take time, files and chance as arguments, so that a rehearsal equals the run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, imports, modules, shown, tree_of

PURE = (
    "model/", "sla/", "rules/", "sma/query.py", "sma/auth.py", "sync/detect.py",
    "notify/suppress.py", "notify/channels/",
)  # fmt: skip
IMPURE_MODULES = frozenset(
    {
        "asyncio", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random",
        "requests", "secrets", "select", "shutil", "smtplib", "socket", "sqlite3", "ssl",
        "subprocess", "sys", "tempfile", "threading", "time", "urllib.request", "uuid",
        "kace_bridge.clock",
    }
)  # fmt: skip
IMPURE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "breakpoint"})
IMPURE_METHODS = frozenset(
    {"now", "utcnow", "today", "read_text", "write_text", "read_bytes", "write_bytes"}
)


def is_pure(path: Path) -> bool:
    """Whether *path* belongs to a part that promises purity."""
    return shown(path).startswith(PURE)


def impurities(path: Path) -> Iterator[str]:
    """What in *path* reaches outside."""
    for line, name in imports(path):
        steps = name.split(".")
        heads = {".".join(steps[:length]) for length in range(1, len(steps) + 1)}
        if heads & IMPURE_MODULES:
            yield f"{shown(path)}:{line} imports {name}"
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in IMPURE_CALLS:
            yield f"{shown(path)}:{node.lineno} calls {called.id}()"
        elif isinstance(called, ast.Attribute) and called.attr in IMPURE_METHODS:
            yield f"{shown(path)}:{node.lineno} calls .{called.attr}()"


@pytest.mark.parametrize("part", PURE)
def test_every_pure_part_exists(part: str) -> None:
    """A renamed part does not slip out of the check."""
    assert (PACKAGE / part).exists()


@pytest.mark.parametrize("part", PURE)
def test_pure_parts_reach_nothing_outside(part: str) -> None:
    """No clock, file, socket, environment, chance or log in a pure part."""
    found = [
        fault for path in modules() if shown(path).startswith(part) for fault in impurities(path)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param("import os", "imports os", id="the environment"),
        pytest.param("from time import time", "imports time.time", id="the clock"),
        pytest.param("from urllib import request", "imports urllib.request", id="the network"),
        pytest.param("x = datetime.now(UTC)", "calls .now()", id="the date"),
        pytest.param("def f():\n    return open('x')", "calls open()", id="a file"),
        pytest.param("from kace_bridge.clock import Clock", "imports kace_bridge.clock.Clock",
                     id="the program's own clock"),
    ],
)  # fmt: skip
def test_the_check_sees_what_it_forbids(
    code: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each way of reaching outside is found."""
    tree = ast.parse(code)
    monkeypatch.setattr("tests.architecture.sources.tree_of", lambda _: tree)
    monkeypatch.setattr("tests.architecture.test_purity.tree_of", lambda _: tree)
    assert any(found.endswith(fault) for found in impurities(PACKAGE / "rules" / "decide.py"))
