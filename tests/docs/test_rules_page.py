"""docs/rules.md does what it shows."""

import re
from pathlib import Path

import pytest

from kace_bridge.config.load import read_site
from kace_bridge.model.event import EventKind
from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.actions.notify import ROLES
from kace_bridge.rules.selftest import coverage, run_tests
from kace_bridge.rules.selftest_case import ACTS, FIXTURES
from kace_bridge.rules.selftest_expect import CHECKS

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
SITE, *EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HEADINGS = [
    re.findall(r"^## (.*)$", PAGE[: PAGE.index(example)], re.MULTILINE)[-1] for example in EXAMPLES
]


def test_the_page_has_examples() -> None:
    """Each of the four phases is shown."""
    shown = "\n".join(EXAMPLES)
    assert len(EXAMPLES) == 6
    assert all(
        f"\n{phase}:" in f"\n{shown}" for phase in ("classify", "route", "escalate", "notify")
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=HEADINGS)
def test_every_example_is_sound_and_tested(example: str, tmp_path: Path) -> None:
    """It is read without a problem, its tests pass, and they make every rule and level fire."""
    main = SITE + "include: [example.yaml]\n"
    (tmp_path / "rules.yaml").write_text(main, encoding="utf-8")
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    site, problems = read_site(tmp_path / "rules.yaml", environ={}, secrets=False)
    assert site is not None, "\n".join(map(str, problems))
    results = run_tests(site.rules, site.tests)
    failed = [failure for result in results for failure in (*result.failures,)]
    assert failed == []
    assert coverage(site.rules, results).missing == ()


@pytest.mark.parametrize(
    "word", [*ACTIONS, *ROLES, *CHECKS, *ACTS, *FIXTURES, *(kind.value for kind in EventKind)]
)
def test_nothing_is_left_out(word: str) -> None:
    """Every action, role, event, act, fixture and expectation is on the page."""
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", PAGE)
