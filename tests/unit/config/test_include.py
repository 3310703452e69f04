"""Rules in several files: one set, whose names are unique across all of them."""
# ruff: noqa: E501 (a rule is read on one line)

from pathlib import Path

import pytest

from kace_bridge.config.load import load
from tests.unit.config.rulefile import problems_of

MAIN = (
    "include: [rules/*.yaml]\nchannels: {mail: {kind: folder, path: mail, from: d@example.org}}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    return tmp_path


def problems(folder: Path, **files: str) -> list[str]:
    """Problems of the main file and of files in the folder it includes."""
    return problems_of(
        folder, rules=MAIN, **{f"rules/{name}": text for name, text in files.items()}
    )


RULE = "classify: [{id: %s, event: created, then: {set: {priority: High}}}]\n"


def test_files_make_one_set(folder: Path) -> None:
    """Teams of one file are used in another; rules keep the order of the files, in their phase."""
    found = problems(
        folder,
        b_network="teams: {network: {members: [fruiz]}}\n"
        "route: [{id: net, if: {title: {contains: vpn}}, then: {assign: {team: network, else: {team: desk}}}}]\n",
        c_desk="teams: {desk: {members: [adiaz], calendar: office}}\n"
        "route: [{id: rest, then: {assign: {team: desk}}}]\n" + RULE % "first",
        a_site="calendars: {office: {week: {mon-fri: ['08:00-17:00']}}}\n" + RULE % "second",
    )  # fmt: skip
    assert found == []
    site = load(folder / "rules.yaml", environ={}, secrets=False)
    assert [rule.id for rule in site.rules.rules] == ["second", "first", "net", "rest"]
    assert sorted(site.rules.teams) == ["desk", "network"]
    assert site.rules.rules[0].place == "rules/a_site.yaml:2"
    assert site.files == (
        "rules.yaml",
        "rules/a_site.yaml",
        "rules/b_network.yaml",
        "rules/c_desk.yaml",
    )


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        pytest.param(RULE % "a", RULE % "a", "rule id 'a' is already used at rules/one.yaml:1",
                     id="rules of one phase"),
        pytest.param(RULE % "a", "notify: [{id: a, event: created, then: {notify: {to: [owner]}}}]\n",
                     "rule id 'a' is already used at rules/one.yaml:1", id="rules of two phases"),
        pytest.param("teams: {t: {members: [x]}}\n", "teams: {t: {members: [y]}}\n",
                     "'t' under 'teams' is already defined at rules/one.yaml:1", id="teams"),
        pytest.param("groups: {t: {users: [x]}}\n", "groups: {t: {users: [x]}}\n",
                     "'t' under 'groups' is already defined", id="groups, even alike"),
        pytest.param(RULE % "a", "classify: [{id: b, moved_from: a, event: created,"
                     " then: {set: {impact: x}}}]\n",
                     "'a' is the id of the rule at rules/one.yaml:1", id="a rule that did not move"),
    ],
)  # fmt: skip
def test_names_are_unique_across_files(folder: Path, first: str, second: str, message: str) -> None:
    """The second place is told, and where the first one is."""
    (problem,) = problems(folder, one=first, two=second)
    assert problem.startswith("rules/two.yaml:1")
    assert message in problem


def test_every_problem_of_every_file_is_told_at_once(folder: Path) -> None:
    """One mistake in each file makes one problem from each."""
    found = problems(folder, one="teems: {}\n", two=RULE.replace("set", "sett") % "a", three="[")
    assert [text.partition(":")[0] for text in found] == [
        "rules/one.yaml", "rules/three.yaml", "rules/two.yaml",
    ]  # fmt: skip


def test_a_file_named_twice_is_read_once(folder: Path) -> None:
    """Patterns may overlap."""
    text = MAIN.replace("[rules/*.yaml]", "[rules/one.yaml, rules/*.yaml]")
    assert problems_of(folder, rules=text, **{"rules/one": RULE % "a"}) == []
