"""From validated files to rules: names looked up, registries asked, places kept."""

from pathlib import Path

import pytest

from kace_bridge.config.load import load
from kace_bridge.rules.ruleset import RuleSet
from tests.unit.config.rulefile import problems_of

SITE = """
calendars: {office: {week: {mon-fri: ["09:00-17:00"]}}}
teams: {desk: {members: [adiaz, bkim], weights: {adiaz: 2.0}}, css: {members: [dlee]}}
groups: {vip: {email: "*@exec.example.org"}}
clocks: {respond: {calendar: office, start: created, stop: first_staff_reply, target: 1bd}}
"""


def build(text: str, tmp_path: Path) -> RuleSet:
    """The rule set of one file; fails the test where there are problems."""
    path = tmp_path / "rules.yaml"
    path.write_text(SITE + text, encoding="utf-8")
    return load(path, environ={}).rules


class TestRules:
    def test_phases_are_in_their_order_whatever_the_files(self, tmp_path: Path) -> None:
        """Classify first, notify last; within a phase as written."""
        rules = build(
            """
notify: [{id: n, event: created, then: {notify: {to: [owner]}}}]
escalate: [{id: e, clock: respond, levels: [{at: 50%, then: {comment: late}}]}]
route: [{id: r, then: {assign: {team: desk}}}]
classify:
  - {id: c2, then: {set: {priority: High}}}
  - {id: c1, then: {set: {impact: x}}}
""",
            tmp_path,
        )
        assert [rule.id for rule in rules.rules] == ["c2", "c1", "r", "e", "n"]

    def test_a_rule_keeps_what_was_said_of_it(self, tmp_path: Path) -> None:
        """Mode, priority, title, place."""
        rules = build(
            "classify:\n  - {id: c, title: why, mode: shadow, priority: 3, then: {comment: x}}\n",
            tmp_path,
        )
        (rule,) = rules.rules
        assert (rule.title, rule.mode, rule.priority, rule.place) == (
            "why", "shadow", 3, "rules.yaml:7",
        )  # fmt: skip

    def test_levels_are_numbered_and_worded(self, tmp_path: Path) -> None:
        """From one, as written, each with its place."""
        rules = build(
            """
escalate:
  - id: e
    clock: respond
    levels:
      - {at: 50%, then: {comment: a}}
      - {at: {end_of: 1bd}, then: {comment: b}}
""",
            tmp_path,
        )
        levels = rules.rules[0].levels
        assert [(level.number, level.at, level.place) for level in levels] == [
            (1, "50%", "rules.yaml:11"), (2, "end of 1bd", "rules.yaml:12"),
        ]  # fmt: skip


class TestSiteParts:
    def test_teams_groups_and_calendars_are_built(self, tmp_path: Path) -> None:
        """As facts and calendars the engine uses."""
        rules = build("", tmp_path)
        assert rules.teams["desk"].members == ("adiaz", "bkim")
        assert rules.weights["desk"] == {"adiaz": 2.0}
        assert rules.groups["vip"].emails == ("*@exec.example.org",)
        assert rules.calendars["office"].name == "office"
        assert rules.clocks["respond"].calendar == "office"

    def test_the_only_calendar_is_the_sites(self, tmp_path: Path) -> None:
        """With several, none is guessed."""
        assert build("", tmp_path).calendar == "office"
        two = SITE.replace("calendars: {", 'calendars: {night: {week: {sat: ["00:00-08:00"]}}, ')
        (tmp_path / "rules.yaml").write_text(two, encoding="utf-8")
        assert load(tmp_path / "rules.yaml", environ={}).rules.calendar is None

    @pytest.mark.parametrize(
        ("text", "channel"),
        [
            pytest.param("", "mail", id="nothing configured: the mail folder"),
            pytest.param("channels: {post: {kind: folder}}", "post", id="the only one"),
            pytest.param("channels: {post: {kind: folder}, mail: {kind: folder}}", "mail",
                         id="the one called mail"),
            pytest.param("channels: {post: {kind: folder}, mail: {kind: folder}}\nchannel: post",
                         "post", id="the one named"),
        ],
    )  # fmt: skip
    def test_messages_have_a_default_way_out(self, text: str, channel: str, tmp_path: Path) -> None:
        """The channel of a notify that names none."""
        assert build(text, tmp_path).channel == channel


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("route: [{id: r, then: {assign: {team: dessk}}}]",
                     "6:39: unknown team 'dessk'. Did you mean 'desk'?", id="a team"),
        pytest.param("route: [{id: r, then: {assign: {to: last_owner, else: {team: dsk}}}}]",
                     "6:62: unknown team 'dsk'. Did you mean 'desk'?", id="a team to fall back to"),
        pytest.param("classify: [{id: c, then: {notify: {to: [owner], template: recipt}}}]",
                     "6:59: unknown template 'recipt'. Did you mean 'receipt'?", id="a template"),
        pytest.param("classify: [{id: c, then: {notify: {to: [owner], channel: chat}}}]",
                     "6:58: unknown channel 'chat'. Known: mail.", id="a channel"),
        pytest.param("escalate: [{id: e, clock: respnd, levels: [{at: 1h, then: {comment: x}}]}]",
                     "6:27: unknown clock 'respnd'. Did you mean 'respond'?", id="a clock"),
        pytest.param("classify: [{id: c, if: {submitter: {in_group: vipp}}, then: {comment: x}}]",
                     "vip", id="a group in a condition"),
        pytest.param("classify: [{id: c, if: {tilte: {is: x}}, then: {comment: x}}]",
                     "unknown field 'tilte'. Did you mean 'title'?", id="a field"),
        pytest.param("classify: [{id: c, if: {title: {contians: x}}, then: {comment: x}}]",
                     "contains", id="an operator"),
        pytest.param("classify: [{id: c, event: craeted, then: {comment: x}}]",
                     "unknown event 'craeted'. Did you mean 'created'?", id="an event"),
        pytest.param("classify: [{id: c, then: {}}]", "'then' is empty", id="nothing to do"),
        pytest.param("classify: [{id: c}]", "'then' is missing", id="no then"),
        pytest.param("classify: [{id: c, then: {comment: x}, titel: x}]",
                     "Did you mean 'title'?", id="a key"),
        pytest.param("notify: [{id: n, then: {notify: {to: [owner]}}}]",
                     "a notify rule needs an 'event'", id="notify at every change"),
        pytest.param("escalate: [{id: e, clock: respond, "
                     "levels: [{at: soon, then: {comment: x}}]}]",
                     "'soon' is not a level", id="a level"),
        pytest.param("classify:\n  - {id: c, then: {comment: x}}\n  - {id: c, then: {comment: y}}",
                     "rule id 'c' is already used at rules.yaml:7", id="an id used twice"),
        pytest.param("classify: [{id: c, then: {assign: {team: desk, to: bkim}}}]",
                     "either 'team' or 'to'", id="two targets"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_line_and_cure(text: str, said: str, tmp_path: Path) -> None:
    """One problem each, at the line where it is written, with the nearest name."""
    problems = problems_of(tmp_path, rules=SITE + text)
    assert len(problems) == 1, problems
    assert problems[0].startswith("rules.yaml:")
    assert said in problems[0]


@pytest.mark.parametrize(
    ("site", "said"),
    [
        pytest.param(SITE.replace("css: {", "css: {pick: rund_robin, "),
                     "unknown strategy 'rund_robin'. Did you mean 'round_robin'?", id="a strategy"),
        pytest.param(SITE.replace("css: {", "css: {calendar: ofice, "),
                     "unknown calendar 'ofice'. Did you mean 'office'?", id="a team's calendar"),
        pytest.param(SITE.replace("{calendar: office, s", "{calendar: offic, s"),
                     "unknown calendar 'offic'. Did you mean 'office'?", id="a clock's calendar"),
    ],
)  # fmt: skip
def test_names_between_site_parts_are_looked_up(site: str, said: str, tmp_path: Path) -> None:
    """Teams and clocks refer to calendars and strategies that exist."""
    problems = problems_of(tmp_path, rules=site)
    assert len(problems) == 1, problems
    assert said in problems[0]


def test_one_name_in_two_files_is_told(tmp_path: Path) -> None:
    """Which file would win is nothing to guess about."""
    problems = problems_of(
        tmp_path, rules=SITE + "include: [more.yaml]\n", more="teams: {desk: {members: [x]}}\n"
    )
    assert problems == ["more.yaml:1:9: 'desk' under 'teams' is already defined at rules.yaml:3"]
