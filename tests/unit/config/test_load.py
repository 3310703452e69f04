"""From files to a site: includes, tests with their places, every problem at once."""

from pathlib import Path

import pytest

from kace_bridge.config.load import load, read_site
from kace_bridge.errors import ConfigError
from tests.unit.config.rulefile import problems_of

MAIN = "teams: {desk: {members: [adiaz]}}\ninclude: [rules/*.yaml]\n"
RULE = "route: [{id: %s, then: {assign: {team: desk}}}]\n"


def write(folder: Path, **files: str) -> Path:
    """``rules.yaml`` and files below ``rules/``; the path of the first."""
    (folder / "rules").mkdir(exist_ok=True)
    for name, text in files.items():
        inside = folder if name == "main" else folder / "rules"
        (inside / f"{'rules' if name == 'main' else name}.yaml").write_text(text, encoding="utf-8")
    return folder / "rules.yaml"


class TestASite:
    def test_rules_of_all_files_come_together(self, tmp_path: Path) -> None:
        """Included files are read by name; rules know where they stand."""
        path = write(tmp_path, main=MAIN, b=RULE % "two", a=RULE % "one")
        site = load(path, environ={})
        assert [(rule.id, rule.place) for rule in site.rules.rules] == [
            ("one", "rules/a.yaml:1"), ("two", "rules/b.yaml:1"),
        ]  # fmt: skip
        assert site.files == ("rules.yaml", "rules/a.yaml", "rules/b.yaml")
        assert site.folder == tmp_path

    def test_tests_keep_their_places(self, tmp_path: Path) -> None:
        """A failing test can be found in its file."""
        text = RULE % "r" + "tests:\n  - {name: a}\n  - {name: b}\n"
        site = load(write(tmp_path, main=MAIN, a=text), environ={})
        assert [(test.place, test.data["name"]) for test in site.tests] == [
            ("rules/a.yaml:3", "a"), ("rules/a.yaml:4", "b"),
        ]  # fmt: skip

    def test_the_hash_follows_the_text(self, tmp_path: Path) -> None:
        """The same files give the same hash; a changed file another."""
        path = write(tmp_path, main=MAIN, a=RULE % "r")
        first = load(path, environ={}).config_hash
        assert load(path, environ={}).config_hash == first
        write(tmp_path, a=RULE % "s")
        assert load(path, environ={}).config_hash != first

    def test_a_file_matched_twice_is_read_once(self, tmp_path: Path) -> None:
        """Patterns may overlap."""
        main = MAIN.replace("[rules/*.yaml]", "[rules/a.yaml, rules/*.yaml]")
        site = load(write(tmp_path, main=main, a=RULE % "r"), environ={})
        assert site.files == ("rules.yaml", "rules/a.yaml")

    def test_own_templates_are_used(self, tmp_path: Path) -> None:
        """A folder named by the site replaces the built-in words."""
        (tmp_path / "words").mkdir()
        (tmp_path / "words" / "receipt.txt").write_text(
            "Subject: [TICK:{{ ticket.id }}] Moin\n\nMoin!\n", encoding="utf-8"
        )
        site = load(write(tmp_path, main=MAIN + "templates: words\n", a=RULE % "r"), environ={})
        assert site.rules.templates.samples()["receipt"].subject == "[TICK:41] Moin"


class TestProblems:
    def test_all_files_are_told_at_once(self, tmp_path: Path) -> None:
        """One round of corrections is enough, and each has its line."""
        path = write(
            tmp_path,
            main=MAIN + "mdoe: shadow\n",
            a="route: [{id: r, then: {asign: {team: desk}}}]\n",
            b="\nnotify: [{id: n, then: {notify: {to: [owner]}}}]\n",
        )
        with pytest.raises(ConfigError) as refused:
            load(path, environ={})
        lines = str(refused.value).splitlines()
        assert lines[0] == "rules.yaml:3:1: unknown key 'mdoe'. Did you mean 'mode'?"
        assert lines[1] == "rules/a.yaml:1:24: unknown action 'asign'. Did you mean 'assign'?"
        assert lines[2].startswith("rules/b.yaml:2:10: a notify rule needs an 'event'")
        assert refused.value.exit_code == 78

    @pytest.mark.parametrize(
        ("main", "said"),
        [
            pytest.param(
                "include: [nothing/*.yaml]", "rules.yaml:1:11: nothing matches", id="none"
            ),
            pytest.param("include: [../other.yaml]", "leaves the configuration's folder", id="up"),
            pytest.param("include: [/etc/passwd]", "leaves the configuration's folder", id="away"),
            pytest.param("- a list", "must be a mapping", id="no mapping"),
            pytest.param("a: [", "rules.yaml:1", id="no YAML"),
            pytest.param("templates: words", "words", id="no template folder"),
        ],
    )
    def test_the_main_file(self, main: str, said: str, tmp_path: Path) -> None:
        """Whatever is wrong there is told, never raised as something else."""
        with pytest.raises(ConfigError, match=said):
            load(write(tmp_path, main=main), environ={})

    def test_no_file_at_all(self, tmp_path: Path) -> None:
        """The message says how to begin."""
        with pytest.raises(ConfigError, match=r"no such configuration file.*kace-bridge init"):
            load(tmp_path / "rules.yaml", environ={})

    def test_an_unreadable_include_blames_nobody_else(self, tmp_path: Path) -> None:
        """Names it would have defined are not reported as unknown."""
        path = write(
            tmp_path, main="include: [rules/*.yaml]\n",
            a="teams: {desk: {members: [adiaz]}\n", b=RULE % "r",
        )  # fmt: skip
        _, problems = read_site(path, environ={})
        assert {problem.place.file for problem in problems if problem.place} == {"rules/a.yaml"}

    def test_a_broken_template_is_told_by_name_and_line(self, tmp_path: Path) -> None:
        """Even one no rule uses yet."""
        (tmp_path / "words").mkdir()
        (tmp_path / "words" / "own.txt").write_text("Hello\n", encoding="utf-8")
        path = write(tmp_path, main=MAIN + "templates: words\n", a=RULE % "r")
        with pytest.raises(ConfigError, match=r"words/own.txt:1:1: "):
            load(path, environ={})

    def test_secrets_are_asked_for_only_where_needed(self, tmp_path: Path) -> None:
        """Checking rules works in a checkout without any variable; running does not."""
        channel = (
            "channels:\n  m: {kind: email, smtp: {env: SMTP_URL}, from: d@example.org}\n"
            "channel: m\n"
        )
        path = write(tmp_path, main=MAIN + channel, a=RULE % "r")
        assert load(path, environ={}, secrets=False).channels.keys() == {"m"}
        with pytest.raises(ConfigError, match="SMTP_URL is not set"):
            load(path, environ={})

    def test_warnings_do_not_stop(self, tmp_path: Path) -> None:
        """The last route rule with a condition may leave tickets lying: said, not refused."""
        text = "route: [{id: r, if: {priority: {is: High}}, then: {assign: {team: desk}}}]\n"
        site = load(write(tmp_path, main=MAIN, a=text), environ={})
        assert [problem.severity for problem in site.warnings] == ["warning"]
        assert "the last route rule has a condition" in site.warnings[0].message

    def test_problems_can_be_listed_without_raising(self, tmp_path: Path) -> None:
        """``rules check`` prints what read_site returns."""
        assert problems_of(tmp_path, rules="version: 2\n") != []
        assert problems_of(tmp_path, rules="version: 1\n") == []
