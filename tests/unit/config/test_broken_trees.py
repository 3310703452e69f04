"""Rule files broken at random: an answer, never a traceback.

KACE_BRIDGE_FUZZ=10000 asks for more examples than the everyday number.
"""

import copy
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kace_bridge.config.load import read_site
from kace_bridge.config.problems import Problem
from kace_bridge.config.schema_page import json_schema
from kace_bridge.config.starter import starter_files
from kace_bridge.config.yaml_source import read_text

EXAMPLES = int(os.environ.get("KACE_BRIDGE_FUZZ", "300"))
VALIDATOR = Draft202012Validator(json_schema())

Step = tuple[str, Any]


def starter() -> dict[str, Any]:
    """The shipped files as one tree."""
    tree: dict[str, Any] = {}
    for name, text in starter_files():
        document, _ = read_text(text, name)
        assert document is not None
        for key, value in document.data.items():
            if key == "tests":
                tree.setdefault("tests", []).extend(value[:1])
            elif key != "include":
                tree[key] = value
    return tree


TREE = starter()


def paths(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(data, dict | list):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in items:
            found += paths(value, (*at, key))
    return found


PATHS = paths(TREE)
WORDS = sorted({str(step) for path in PATHS for step in path})
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 100), st.integers(), st.sampled_from(WORDS),
    st.floats(allow_nan=True), st.text(max_size=12),
    st.sampled_from(["50%", "1bd", "2d", "0h", "2026-03-02", "", " ", "*", "::", "a.b", "0.1%",
                     "9" * 30, "99999999d", "{{ x }}", "../x", "**", "2026-02-30T25:00"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), inner, max_size=3),
    ),
    max_leaves=5,
)
MUTATIONS = st.one_of(
    st.tuples(st.just("drop"), st.none()),
    st.tuples(st.just("replace"), VALUES),
    st.tuples(st.just("rename"), st.one_of(st.sampled_from(WORDS), st.text(max_size=8))),
    st.tuples(st.just("add"), st.tuples(st.sampled_from(WORDS), VALUES)),
    st.tuples(st.just("swap"), st.sampled_from(PATHS)),
)


def mutate(tree: Any, path: tuple[Any, ...], step: Step) -> None:
    """Change *tree* at *path*, as far as that is still there."""
    what, more = step
    holder = tree
    for key in path[:-1]:
        if not isinstance(holder, dict | list) or not reaches(holder, key):
            return
        holder = holder[key]
    last = path[-1]
    if not isinstance(holder, dict | list) or not reaches(holder, last):
        return
    if what == "drop":
        del holder[last]
    elif what == "replace":
        holder[last] = more
    elif what == "rename" and isinstance(holder, dict):
        holder[more] = holder.pop(last)
    elif what == "add" and isinstance(holder[last], dict):
        holder[last][more[0]] = more[1]
    elif what == "swap":
        holder[last] = copy.deepcopy(at(TREE, more))


def reaches(holder: Any, key: Any) -> bool:
    if isinstance(holder, dict):
        return key in holder
    return isinstance(key, int) and key < len(holder)


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


@pytest.mark.timeout(3600)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PATHS), MUTATIONS), min_size=1, max_size=4))
def test_a_broken_tree_is_answered_not_raised(
    mutations: list[tuple[tuple[Any, ...], Step]],
) -> None:
    """Whatever keys and values become: problems in one line each; accepted trees fit the schema."""
    tree = copy.deepcopy(TREE)
    for path, step in mutations:
        mutate(tree, path, step)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(json.dumps(tree), encoding="utf-8")
        site, problems = read_site(file, environ={}, secrets=False)
    assert all(isinstance(problem, Problem) for problem in problems)
    assert not any("\n" in str(problem) for problem in problems)
    assert site is not None or any(problem.severity == "error" for problem in problems)
    if site is not None:
        # What an editor validates is what the file says: JSON's Infinity is a word in YAML.
        document, _ = read_text(json.dumps(tree), "rules.yaml")
        assert document is not None
        assert [error.json_path for error in VALIDATOR.iter_errors(document.data)] == []
        assert not any(problem.severity == "error" for problem in problems)
