"""Overlaps: shown on a ticket or not claimed."""

from pathlib import Path

import pytest

from kace_bridge.rules.analysis import analyse
from tests.unit.rules.analysis.desk import find, read_rules


def pair(first: str, second: str, values: tuple[str, str] = ("High", "Low")) -> str:
    return f"""
classify:
  - {{id: one, {first}, then: {{set: {{priority: {values[0]}}}}}}}
  - {{id: two, {second}, then: {{set: {{priority: {values[1]}}}}}}}
"""


MEET = [
    pytest.param("event: created", "event: created", id="two rules without a condition"),
    pytest.param(
        "if: {title: {contains: print}}", "if: {text: {any_word: [vpn, wifi]}}",
        id="a part of the title and a word of the text",
    ),
    pytest.param(
        "if: {title: {is: Printer}}", "if: {text: {all_words: [vpn, tunnel]}}",
        id="a fixed title and words of the text: the words go into the description",
    ),
    pytest.param(
        "if: {title: {starts_with: URGENT}}", "if: {title: {ends_with: now}}",
        id="beginning and end of one text",
    ),
    pytest.param(
        "if: {submitter: {in_group: vip}}", "if: {text: {any_word: [vpn]}}",
        id="a member of a group by login name",
    ),
    pytest.param(
        "if: {submitter: {in_group: execs}}", "if: {location: {is: Library}}",
        id="a member of a group by address, and a place",
    ),
    pytest.param(
        "if: {submitter: {in_group: annex}}", "if: {submitter: {not_in_group: vip}}",
        id="a member of a group by location who is not in another",
    ),
    pytest.param(
        "if: {category: {under: Network}}", 'if: {category: {is: "network::vpn"}}',
        id="a category and one below it, whatever the case",
    ),
    pytest.param(
        "if: {category: {is_not: Hardware}}", "if: {category: {not_in: [Other, Software]}}",
        id="categories by what they are not",
    ),
    pytest.param(
        "if: {owner: {in_team: network}}", "if: {owner.team: {is: network}}",
        id="an owner by team, said in two ways",
    ),
    pytest.param(
        "if: {owner: {empty: true}}", "if: {state: {is_not: closed}}",
        id="nobody owns it and it is not closed",
    ),
    pytest.param(
        "if: {any: [{status: {is: Closed}}, {status: {is: New}}]}", "if: {status: {is: New}}",
        id="one alternative of several",
    ),
    pytest.param(
        "if: {not: {all: [{status: {is: Closed}}, {impact: {is: x}}]}}", "if: {status: {is: New}}",
        id="a negated pair leaves either way out",
    ),
    pytest.param(
        "if: {custom_3: {starts_with: LT}}", "if: {custom_3: {contains: '9'}}",
        id="a custom field",
    ),
    pytest.param(
        'if: {"custom.Asset tag": {starts_with: LT}}', "if: {custom_4: {at_least: 7}}",
        id="a custom field by its label, and a number in another",
    ),
    pytest.param(
        "if: {due_date: {within: 4h}}", "if: {age: {more_than: 3d}}", id="a date and an age"
    ),
    pytest.param(
        "event: {commented: {by: submitter}}", "if: {comment: {contains: help}}",
        id="a comment and what it says",
    ),
    pytest.param(
        "event: {commented: {by: staff}}, if: {comment: {is: a}}",
        "event: {commented: {by: submitter}}, if: {comment: {is: b}}",
        id="two comments by two people in one run",
    ),
    pytest.param(
        "event: {changed: {status: {from: New, to: {state: closed}}}}", "event: closed",
        id="a change of status that is a closing",
    ),
    pytest.param(
        "event: {changed: [owner, category]}, if: {category: {is: Hardware}}",
        "if: {before.category: {is: Software}}",
        id="one of several changes, and what it was before",
    ),
    pytest.param(
        "event: reopened, if: {days_since_closed: {at_most: 3}}",
        "if: {reopened: {at_least: 2}}",
        id="a re-opening soon after the closing, for the second time",
    ),
    pytest.param(
        "if: {channel: {is: phone}}", "if: {author: {in_team: desk}}",
        id="logged by phone, touched by the desk",
    ),
    pytest.param(
        "if: {impact: {at_least: 1 person cannot work}}", "if: {impact: {empty: false}}",
        id="a rank or higher",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), MEET)
def test_rules_that_can_meet_are_shown_a_ticket(tmp_path: Path, first: str, second: str) -> None:
    """A pair that sets one field differently on one ticket is an error with that ticket."""
    [found] = find(tmp_path, pair(first, second), "overlap")
    assert found.severity == "error"
    assert found.rules == ("one", "two")
    assert found.place == "rules.yaml:18"
    assert found.sample is not None
    assert found.sample["sets"] == {"one": {"priority": "High"}, "two": {"priority": "Low"}}


APART = [
    pytest.param(
        "if: {status: {is: New}}", "if: {status: {is: Closed}}", id="two different statuses"
    ),
    pytest.param(
        "if: {status: {is: Closed}}", "if: {state: {is: opened}}",
        id="a status whose state is another",
    ),
    pytest.param(
        "if: {category: {under: Network}}", "if: {category: {under: Hardware}}",
        id="two branches of the category tree",
    ),
    pytest.param(
        "if: {owner: {in_team: network}}", "if: {owner: {not_in_team: network}}",
        id="inside and outside a team",
    ),
    pytest.param(
        "if: {owner: {in_team: desk}}", "if: {owner: {in_team: network}}",
        id="two teams without a common member",
    ),
    pytest.param(
        "if: {text: {any_word: vpn}}", "if: {not: {text: {any_word: [vpn, wifi]}}}",
        id="a word, and none of several words",
    ),
    pytest.param(
        "event: created", "event: created, if: {before.status: {is: New}}",
        id="a new ticket has no before",
    ),
    pytest.param(
        "if: {priority: {is: High}}", "if: {status: {is: New}}",
        id="one would find its own value already there",
    ),
    pytest.param(
        "valid_until: 2026-03-01", "valid_from: 2026-03-02", id="one ends before the other begins"
    ),
    pytest.param("mode: 'off'", "event: created", id="a rule that is off"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), APART)
def test_rules_that_cannot_meet_are_left_alone(tmp_path: Path, first: str, second: str) -> None:
    """No overlap is claimed where no ticket can be shown."""
    assert find(tmp_path, pair(first, second), "overlap") == []


def test_equal_values_are_no_overlap(tmp_path: Path) -> None:
    """Two rules that agree may meet as often as they like."""
    text = pair("event: created", "event: created", ("High", "High"))
    assert find(tmp_path, text, "overlap") == []


def test_priority_turns_an_error_into_a_note(tmp_path: Path) -> None:
    """Where one rule has the higher priority, meeting is what was meant."""
    text = pair("event: created, priority: 5", "event: created")
    [found] = find(tmp_path, text, "overlap")
    assert found.severity == "note"
    assert found.message.endswith("; 'one' wins by its priority")


def test_a_rule_on_trial_only_warns(tmp_path: Path) -> None:
    """A shadow rule contradicts nobody yet, but would once it is enforced."""
    text = pair("event: created, mode: shadow", "event: created")
    [found] = find(tmp_path, text, "overlap")
    assert found.severity == "warning"


LEVELS = """
escalate:
  - {id: one, clock: respond, levels: [{at: %s, then: {set: {priority: High}}}]}
  - {id: two, clock: %s, levels: [{at: %s, then: {set: {priority: Low}}}]}
"""


@pytest.mark.parametrize(
    ("levels", "severities"),
    [
        pytest.param(("100%", "respond", "100%"), ["error"], id="one clock, one level"),
        pytest.param(("50%", "respond", "100%"), [], id="one clock, one after the other"),
        pytest.param(("50%", "asking", "2d"), ["warning"], id="two clocks, by chance"),
    ],
)
def test_levels_meet_where_they_fall_due_together(
    tmp_path: Path, levels: tuple[str, str, str], severities: list[str]
) -> None:
    """Levels of one clock at one point always meet; of two clocks they may."""
    found = find(tmp_path, LEVELS % levels, "overlap")
    assert [each.severity for each in found] == severities


def test_teams_that_fight_for_a_ticket_overlap(tmp_path: Path) -> None:
    """Assigning two teams at one level sets the owner twice."""
    text = """
escalate:
  - {id: one, clock: respond, levels: [{at: 1d, then: {assign: {team: desk}}}]}
  - {id: two, clock: respond, levels: [{at: 1d, then: {assign: {team: network}}}]}
"""
    [found] = find(tmp_path, text, "overlap")
    assert "both set owner in one run, to 'adiaz' and 'fruiz'" in found.message


def test_the_shipped_rules_do_not_overlap() -> None:
    """Nothing is found in the rules that come with the program, and nothing noted."""
    from kace_bridge.config.load import read_site

    root = Path(__file__).resolve().parents[4]
    site, _ = read_site(root / "rules.yaml", environ={}, secrets=False)
    assert site is not None
    assert [found for found in analyse(site.rules) if found.severity != "note"] == []


def test_two_hundred_rules_are_analysed_quickly_enough_to_finish(tmp_path: Path) -> None:
    """Pairs that set other fields, or the same value, cost nothing: work stays bounded."""
    rules = "\n".join(
        f"  - {{id: r{n}, if: {{text: {{any_word: w{n}}}}}, then: {{set: {{custom_{n}: x}}}}}}"
        for n in range(1, 201)
    )
    assert analyse(read_rules(tmp_path, f"\nclassify:\n{rules}\n")) == []
