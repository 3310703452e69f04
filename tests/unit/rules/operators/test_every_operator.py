"""What every operator owes, held over the registry: rows for each outcome, a tested example."""

import pytest
import yaml

import tests.unit.rules.operators as tables
from kace_bridge.discover import import_all
from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.operators._registry import OPERATORS, load_operators
from kace_bridge.rules.reference import read_example
from kace_bridge.rules.verdict import Verdict
from tests.unit.rules.operators.rows import Row
from tests.unit.rules.operators.test_pattern import HAS_RE2
from tests.unit.rules.picture import make_facts, read

load_operators()
ROWS = [row for module in import_all(tables) for row in getattr(module, "ROWS", ())]
NAMES = sorted(OPERATORS)
needs_re2 = pytest.mark.skipif(not HAS_RE2, reason="google-re2 is not installed")


def marked(name: str, value: object, why: str) -> object:
    """One test case; those that need the optional package say so."""
    return pytest.param(value, id=f"{name}, {why}", marks=[needs_re2] if name == "matches" else [])


@pytest.mark.parametrize("row", [marked(row.operator, row, row.why) for row in ROWS])
def test_the_tables_hold(row: Row) -> None:
    """Each line of each operator's table gives the verdict it promises, with its reason."""
    judgement = evaluate(read({row.field: {row.operator: row.value}}), row.facts)
    assert judgement.verdict is Verdict(row.verdict), judgement
    if row.detail is not None:
        assert judgement.detail == row.detail


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_has_a_row(name: str) -> None:
    """Each operator's table shows at least one yes, one no and one unknown."""
    found = {row.verdict for row in ROWS if row.operator == name}
    assert found == {"yes", "no", "unknown"}, f"add rows for {name} to its table"


@pytest.mark.parametrize("name", [marked(name, name, "example") for name in NAMES])
def test_every_example_parses_and_is_judged(name: str) -> None:
    """Each operator's documentation holds an example that uses it and can be judged."""
    example = read_example(OPERATORS[name].doc)
    condition = read(yaml.safe_load(example))
    judgement = evaluate(condition, make_facts())
    assert judgement.operator == name


@pytest.mark.parametrize("name", NAMES)
def test_every_operator_says_what_it_does(name: str) -> None:
    """Each operator's documentation begins with a sentence."""
    first = OPERATORS[name].doc.strip().split("\n\n")[0]
    assert first.endswith((".", ".)"))
