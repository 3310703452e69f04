"""S20, S27: habits that a reading of the sources can hold us to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "kace_bridge").rglob("*.py"))
BANNED_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "xml.etree", "telnetlib"}
BANNED_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load",
                "yaml.unsafe_load", "yaml.full_load", "tempfile.mktemp", "input"}  # fmt: skip
LISTENERS = {"create_server", "listen", "ThreadingHTTPServer", "HTTPServer", "TCPServer"}


def calls(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def offences(wanted: set[str], look: object) -> list[str]:
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}: {name}" for name in look(tree) if name in wanted]  # type: ignore[operator]
    return found


@pytest.mark.catalogue("S20")
def test_nothing_stored_or_received_is_ever_code() -> None:
    """JSON and our own YAML reader only: no pickle, no eval, no YAML that makes objects."""
    assert offences(BANNED_IMPORTS, imports) == []
    assert offences(BANNED_CALLS, calls) == []


@pytest.mark.catalogue("S20")
def test_the_check_sees_what_it_bans() -> None:
    """A line of each kind is found, so that an empty list means something."""
    tree = ast.parse("import pickle\neval('1')\nyaml.load(x)")
    assert "pickle" in set(imports(tree)) & BANNED_IMPORTS
    assert {"eval", "yaml.load"} <= set(calls(tree)) & BANNED_CALLS


@pytest.mark.catalogue("S27")
def test_only_the_practice_appliance_listens() -> None:
    """There is no metrics or admin port to scrape or to attack; the sandbox binds loopback."""
    found = [each for each in offences(LISTENERS, calls) if "kace_bridge/sandbox/" not in each]
    assert [each for each in found if not each.endswith("socket.listen")] == []
