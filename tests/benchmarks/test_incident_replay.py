"""The rule sets that are replayed over the incident log."""

from pathlib import Path

import pytest

from benchmarks.incident_log import RULES
from benchmarks.incident_replay import VARIANTS, edited, summary
from kace_bridge.config.load import read_site


@pytest.mark.parametrize("name", VARIANTS)
def test_every_rule_set_is_a_good_one(name: str, tmp_path: Path) -> None:
    """The edits still fit the rules of the log, and give rules without a mistake."""
    path = tmp_path / "rules.yaml"
    text = RULES.read_text(encoding="utf-8")
    path.write_text(edited(text, VARIANTS[name]), encoding="utf-8")
    site, problems = read_site(path, environ={}, secrets=False)
    assert site is not None
    assert [problem for problem in problems if problem.severity == "error"] == []


def test_an_edit_that_no_longer_fits_is_refused() -> None:
    """Nothing is replayed under a name it does not deserve."""
    with pytest.raises(SystemExit, match="exactly one 'x'"):
        edited("a: x, b: x", (("x", "y"),))


def test_the_figures_are_counted_per_clock() -> None:
    """Breaches in truth, saved and caused, and where tickets would have gone."""
    breach = {"ticket": 1, "clock": "respond", "at": "", "told": None}
    found = {
        "tickets": [{"change": "same"}, {"change": "other"}], "breaches": [breach, breach],
        "saved": [breach], "caused": [], "messages": {"receipt": 2}, "problems": [],
    }  # fmt: skip
    row = summary(found)
    assert row["clocks"] == {"respond": {"breaches": 2, "saved": 1, "caused": 0}}
    assert (row["same person"], row["same team"], row["elsewhere"], row["messages"]) == (1, 0, 1, 2)
