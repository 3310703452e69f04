"""S12, C09: no pattern and no ticket can stop the engine."""

from importlib.util import find_spec

import pytest

from kace_bridge.rules.evaluate import evaluate
from kace_bridge.rules.verdict import Verdict
from tests.unit.rules.picture import make_facts, make_ticket, read

pytestmark = [
    pytest.mark.catalogue("S12"),
    pytest.mark.catalogue("C09"),
    pytest.mark.skipif(find_spec("re2") is None, reason="google-re2 is not installed"),
]
NESTED = ["(a+)+", "(a*)*", "(a|a)*", "(a|aa)+", "(a|a?)+", "(.*a){20}", "([a-z]+)*", "(a+a+)+",
          "((a+)+)+", "(a*a*)*", "(a?){30}a{30}", "(a{0,50}){10}", "(?:a+)+", "(x+x+)+",
          "(a.)*a", "(.*)*", "(.+)+", "([^z]+)+", "(a|b|ab)*", "(\\w+\\s?)*"]  # fmt: skip
ENDS = ["$", "b$", "!", "(c|d)$"]
BOMBS = [f"^{body}{end}" for body in NESTED for end in ENDS[:3]] + [
    r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*,){11}P", r"^((ab)*)+$", r"(\d+)*\d+x",
]  # fmt: skip
TEXT = "a" * 65_000
"""All but the last letter fits: a backtracking engine would try every way to split it."""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("pattern", BOMBS)
def test_a_bomb_on_a_long_title_is_answered(pattern: str) -> None:
    """Linear time: a backtracking engine would never come back from any of these."""
    condition = read({"title": {"matches": pattern}})
    judged = evaluate(condition, make_facts(make_ticket(title=TEXT + "?")))
    assert judged.verdict in set(Verdict)


def test_the_corpus_is_large_enough() -> None:
    """At least sixty."""
    assert len(set(BOMBS)) >= 60
