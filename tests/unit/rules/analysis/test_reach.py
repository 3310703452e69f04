"""Rules that cannot fire: claimed only where no ticket could make them."""

from pathlib import Path

import pytest

from tests.unit.rules.analysis.desk import find

NEVER = [
    pytest.param("state: {is_not: closed, in: [closed]}", id="the only state left is ruled out"),
    pytest.param("status: {is: New}, all: [{status: {is: Closed}}]", id="two values at once"),
    pytest.param(
        "status: {in: [New, Opened], not_in: [new, opened]}", id="all of a list ruled out"
    ),
    pytest.param("owner: {empty: true, in_team: desk}", id="nobody, of a team"),
    pytest.param("owner: {in_team: desk, is: fruiz}", id="a stranger to the team"),
    pytest.param("owner: {in_team: network}, all: [{owner: {in_team: desk}}]", id="two teams"),
    pytest.param("submitter: {in_group: vip, is: jdoe}", id="a stranger to the group"),
    pytest.param("category: {under: A}, all: [{category: {under: B}}]", id="two trees"),
    pytest.param(
        'category: {under: "A::B"}, not: {category: {under: A}}', id="below what is ruled out"
    ),
    pytest.param(
        "title: {contains: x}, not: {title: {contains: x}}", id="a word and not that word"
    ),
    pytest.param(
        "all: [{text: {any_word: vpn}}, {not: {text: {any_word: [vpn, wifi]}}}]",
        id="a word and none of several",
    ),
    pytest.param("reopened: {at_least: 3, less_than: 3}", id="an empty range"),
    pytest.param("days_since_closed: {between: [1, 5], more_than: 5}", id="above a range"),
    pytest.param("age: {more_than: 3d, less_than: 2d}", id="older and younger"),
    pytest.param("created: {older_than: 3d, younger_than: 2h}", id="a date older and younger"),
    pytest.param("clock.aimless: {more_than: 1h}", id="a clock that no escalation runs"),
    pytest.param(
        "any: [{priority: {is: A, is_not: a}}, {impact: {is: B, empty: true}}]",
        id="every alternative dead",
    ),
]


@pytest.mark.parametrize("condition", NEVER)
def test_a_condition_that_contradicts_itself_is_an_error(tmp_path: Path, condition: str) -> None:
    """Terms that exclude each other are named."""
    text = f"\nclassify:\n  - {{id: one, if: {{{condition}}}, then: {{set: {{custom_1: x}}}}}}\n"
    [found] = find(tmp_path, text, "contradiction")
    assert found.severity == "error"
    assert found.message.startswith("the condition of 'one' can never hold: ")


POSSIBLE = [
    pytest.param("state: {is_not: closed, not_in: [opened, stalled]}", id="no state at all"),
    pytest.param("status: {in: [New, Opened], is_not: New}", id="one of the list is left"),
    pytest.param("owner: {in_team: [desk, network], is: FRUIZ}", id="a member, in capitals"),
    pytest.param("submitter: {in_group: execs, is: jdoe}", id="a group that goes by address"),
    pytest.param("category: {under: [A, B]}, all: [{category: {under: B}}]", id="one tree left"),
    pytest.param("reopened: {at_least: 3, at_most: 3}", id="a range of one number"),
    pytest.param("text: {any_word: a}, not: {text: {any_word: b}}", id="one word and not another"),
    pytest.param(
        "text: {any_word: [vpn, wifi]}, not: {text: {any_word: vpn}}", id="one of two words is left"
    ),
    pytest.param("title: {is: a}, all: [{title: {starts_with: ' a'}}]", id="blanks do not count"),
    pytest.param(
        "priority: {at_least: High}, all: [{priority: {is: Low}}]", id="ranks are the site's own"
    ),
]


@pytest.mark.parametrize("condition", POSSIBLE)
def test_what_may_hold_is_not_accused(tmp_path: Path, condition: str) -> None:
    """Where it cannot be ruled out for every ticket, nothing is said."""
    text = f"\nclassify:\n  - {{id: one, if: {{{condition}}}, then: {{set: {{custom_1: x}}}}}}\n"
    assert find(tmp_path, text, "contradiction") == []


def test_one_dead_alternative_is_a_warning(tmp_path: Path) -> None:
    """The rule still works, but not as written."""
    condition = "any: [{status: {is: New, is_not: new}}, {status: {is: Closed}}]"
    text = f"\nclassify:\n  - {{id: one, if: {{{condition}}}, then: {{set: {{custom_1: x}}}}}}\n"
    [found] = find(tmp_path, text, "contradiction")
    assert found.severity == "warning"
    assert found.message == (
        "an alternative in the condition of 'one' can never hold:"
        " 'status is New' and 'status is_not new' exclude each other"
    )


def test_an_escalation_cannot_ask_about_a_comment(tmp_path: Path) -> None:
    """On a clock's level no event is judged."""
    text = """
escalate:
  - id: one
    clock: respond
    if: {comment: {contains: x}}
    levels: [{at: 1d, then: {set: {impact: x}}}]
"""
    [found] = find(tmp_path, text, "contradiction")
    assert "no event is judged on a clock's level" in found.message
    assert found.fix == "Remove it, or correct it"


def test_a_change_cannot_be_asked_of_a_comment(tmp_path: Path) -> None:
    """Only 'changed' events carry changes."""
    text = """
classify:
  - {id: one, event: commented, if: {status: {changed: true}}, then: {set: {custom_1: x}}}
"""
    [found] = find(tmp_path, text, "contradiction")
    assert "the event waited for is none" in found.message


def route(*rules: str) -> str:
    lines = [f"  - {{id: r{n}, {rule} then: {{assign: {{team: desk}}}}}}" for n, rule in
             enumerate(rules)]  # fmt: skip
    return "\nroute:\n" + "\n".join(lines) + "\n"


SHADOWED = [
    pytest.param(("", "event: created,"), id="behind a rule for everything"),
    pytest.param(("event: created,", "event: created, if: {id: {is: 4}},"), id="no condition"),
    pytest.param(
        ("if: {category: {under: A}},", 'if: {category: {under: "A::B"}},'), id="a wider category"
    ),
    pytest.param(
        ("if: {category: {under: A}},", 'if: {category: {in: ["a::b", A]}},'),
        id="every value of a list is below it",
    ),
    pytest.param(
        ("if: {text: {any_word: [a, b, c]}},", "if: {text: {any_word: [a, c]}, id: {is: 3}},"),
        id="fewer words and a condition more",
    ),
    pytest.param(
        ("if: {owner: {in_team: [desk, network]}},", "if: {owner: {is: gcho}},"),
        id="a person of the team",
    ),
    pytest.param(
        ("if: {id: {at_least: 3}},", "if: {id: {between: [5, 9]}},"), id="a range inside another"
    ),
    pytest.param(
        ("if: {category: {empty: false}},", "if: {category: {contains: a}},"), id="not empty"
    ),
    pytest.param(
        ("event: [created, closed],", "event: created,"), id="one of the events waited for"
    ),
    pytest.param(
        ("event: {changed: category},", "event: {changed: {category: {to: A}}},"),
        id="a narrower change",
    ),
    pytest.param(
        ("event: {changed: [status, owner]},",
         "event: {changed: {status: {to: New}, owner: {to: gcho}}},"),
        id="two changes at once, where one would do",
    ),
    pytest.param(
        ("event: {commented: {by: [staff, submitter]}},",
         "event: {commented: {by: staff, public: true}},"),
        id="a narrower comment",
    ),
    pytest.param(
        ("event: reopened, if: {days_since_closed: {at_most: 9}},",
         "event: reopened, if: {days_since_closed: {at_most: 3}},"),
        id="the same event, a narrower span",
    ),
]  # fmt: skip


@pytest.mark.parametrize("rules", SHADOWED)
def test_a_route_behind_a_wider_one_is_never_reached(
    tmp_path: Path, rules: tuple[str, ...]
) -> None:
    """The first match wins, so what the first takes the second never sees."""
    [found] = find(tmp_path, route(*rules), "unreachable")
    assert found.severity == "warning"
    assert found.rules == ("r1", "r0")
    assert found.fix.startswith("Put it above 'r0' (rules.yaml:18)")


def test_two_rules_together_can_take_everything(tmp_path: Path) -> None:
    """Each alternative of the later rule may be taken by another of the earlier ones."""
    text = route(
        "if: {category: {under: A}},", "if: {status: {is: New}},",
        "if: {any: [{category: {is: a}}, {status: {is: new}, id: {is: 4}}]},",
    )  # fmt: skip
    [found] = find(tmp_path, text, "unreachable")
    assert found.rules == ("r2", "r0", "r1")
    assert "'r0' and 'r1' before it take every ticket" in found.message


REACHED = [
    pytest.param(("event: created,", ""), id="other events remain"),
    pytest.param(("event: created,", "event: reopened,"), id="another event"),
    pytest.param(("mode: shadow,", "event: created,"), id="a rule on trial takes nothing"),
    pytest.param(("valid_until: 2026-03-01,", ""), id="a rule that ends takes nothing after"),
    pytest.param(("", "hands_off: false,"), id="the first steps back where the second does not"),
    pytest.param(
        ("if: {category: {under: A}},", "if: {category: {under: [A, B]}},"), id="one tree is left"
    ),
    pytest.param(
        ("if: {text: {any_word: [a]}},", "if: {text: {any_word: [a, b]}},"), id="one word is left"
    ),
    pytest.param(
        ("if: {priority: {at_least: High}},", "if: {priority: {is: Urgent}},"),
        id="an unknown rank",
    ),
    pytest.param(
        ("event: [created, reopened], if: {channel: {is: phone}},",
         "event: created, if: {channel: {is: phone}},"),
        id="the first may look at a newer event than the second",
    ),
]  # fmt: skip


@pytest.mark.parametrize("rules", REACHED)
def test_a_route_with_a_case_of_its_own_is_reached(tmp_path: Path, rules: tuple[str, ...]) -> None:
    """Where one ticket may get through, nothing is claimed."""
    assert find(tmp_path, route(*rules), "unreachable") == []


def test_a_share_of_no_target_is_never_reached(tmp_path: Path) -> None:
    """A percentage needs a target to be a percentage of."""
    text = """
escalate:
  - {id: one, clock: aimless, levels: [{at: 50%, then: {set: {impact: x}}}]}
"""
    [found] = find(tmp_path, text, "unreachable")
    assert found.message == (
        "level 1 of 'one' (50%) is never reached: the clock 'aimless' has no target"
    )
