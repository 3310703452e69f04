"""The rules that ship keep the promises their own tests make, and leave no rule untested."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kace_bridge.config.load import Site, TestCase, read_site
from kace_bridge.rules.selftest import coverage, run_tests
from kace_bridge.sandbox.stock import ENGINEERS

TOP = Path(__file__).parents[2]
FILES = ("classify", "route", "escalate", "notify")
LONGEST_MAIN_FILE = 95


def load() -> Site:
    """The shipped configuration with no environment at all."""
    site, problems = read_site(TOP / "rules.yaml", environ={})
    assert site is not None, "\n".join(map(str, problems))
    assert [str(problem) for problem in problems] == []
    return site


SITE = load()


@pytest.mark.parametrize("test", SITE.tests, ids=lambda test: str(test.data["name"]))
def test_every_shipped_test_passes(test: TestCase) -> None:
    """What ``kace-bridge rules test`` runs."""
    (result,) = run_tests(SITE.rules, [test])
    assert result.passed, "\n".join([*result.failures, result.trace])


def test_every_rule_and_level_is_tested() -> None:
    """A starter rule nobody has seen firing is no example."""
    assert coverage(SITE.rules, run_tests(SITE.rules, SITE.tests)).missing == ()


def test_the_tests_notice_a_rule_that_is_gone() -> None:
    """Without any one rule some test fails: the tests promise something of each."""
    for rule in SITE.rules.rules:
        rest = replace(
            SITE.rules, rules=tuple(one for one in SITE.rules.rules if one.id != rule.id)
        )
        results = run_tests(rest, SITE.tests)
        assert not all(result.passed for result in results), f"nothing misses {rule.id}"


@pytest.mark.parametrize("name", FILES)
def test_each_step_has_its_file_with_tests(name: str) -> None:
    """Rules and their tests stand side by side."""
    places = [test.place.split(":")[0] for test in SITE.tests]
    assert f"rules/{name}.yaml" in places
    assert {rule.phase for rule in SITE.rules.rules if rule.place.startswith(f"rules/{name}")} == {
        name
    }


def test_the_main_file_can_be_read_at_once() -> None:
    """The file an admin opens first holds the site, and stays short."""
    assert len((TOP / "rules.yaml").read_text("utf-8").splitlines()) < LONGEST_MAIN_FILE
    assert not [rule.id for rule in SITE.rules.rules if rule.place.startswith("rules.yaml")]


def test_the_teams_work_at_the_practice_desk() -> None:
    """Everybody the rules pick or tell exists in the sandbox."""
    people = {name for name, _, _ in ENGINEERS}
    for team in SITE.rules.teams.values():
        assert {*team.members, team.lead or team.members[0]} <= people


def test_the_closing_mail_is_worded_as_promised() -> None:
    """``[TICK:n] Ticket #n has been closed.``"""
    subject = SITE.rules.templates.samples()["closed"].subject
    assert subject == "[TICK:41] Ticket #41 has been closed."


def test_the_rules_for_outages_work_where_they_are_switched_on(tmp_path: Path) -> None:
    """With the two lines that rules/outage.yaml asks for, and no others."""
    shutil.copytree(TOP / "rules", tmp_path / "rules")
    main = (TOP / "rules.yaml").read_text("utf-8")
    main = main.replace("# parent: custom_4", "parent: custom_4").replace(
        "rules/notify.yaml]", "rules/notify.yaml, rules/outage.yaml]"
    )
    (tmp_path / "rules.yaml").write_text(main, encoding="utf-8")
    site, problems = read_site(tmp_path / "rules.yaml", environ={})
    assert site is not None
    assert problems == []
    results = run_tests(site.rules, site.tests)
    assert [failure for result in results for failure in result.failures] == []
    assert coverage(site.rules, results).missing == ()
