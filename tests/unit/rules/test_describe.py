"""The rules in plain sentences and as a drawing."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from kace_bridge.rules.actions.base import ACTIONS
from kace_bridge.rules.describe import RuleText, describe
from kace_bridge.rules.flow import draw
from kace_bridge.rules.operators._registry import OPERATORS, load_operators
from kace_bridge.rules.page import rules_page
from kace_bridge.rules.reference import read_example
from tests.unit.rules.rulebook import book


def told(text: str) -> RuleText:
    """The words for the only rule of *text*."""
    (one,) = describe(book(text)).rules
    return one


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        pytest.param(
            "route: [{id: r, event: [created, reopened], if: {category: {under: Network}}, "
            "then: {assign: {team: network}}}]",
            "When a ticket is created or re-opened, and the category is Network or below it, "
            "it is assigned to network (to whoever is on call).",
            id="a route by category",
        ),
        pytest.param(
            "route: [{id: r, event: created, then: {assign: {team: desk}}}]",
            "When a ticket is created, it is assigned to Service Desk "
            "(to the member with the fewest tickets waiting).",
            id="a route without a condition",
        ),
        pytest.param(
            "route: [{id: r, event: reopened, "
            "then: {assign: {to: last_owner, else: {team: css}}}}]",
            "When a ticket is re-opened, it goes back to its last owner, else to Specialists.",
            id="back to the last owner",
        ),
        pytest.param(
            "classify: [{id: r, if: {submitter: {in_group: vip}}, "
            "then: {set: {priority: High, due_date: null}}}]",
            "When a ticket is new or anything happens to it, and the submitter is in the group "
            "vip, the priority is set to High and the due date is cleared.",
            id="no event means anything new",
        ),
        pytest.param(
            "classify: [{id: r, event: created, if: {any: [{title: {contains: [a, b]}}, "
            "{not: {text: {any_word: vpn}}}]}, then: {set: {impact: x}}}]",
            "When a ticket is created and either the title contains “a” or “b” or the title or "
            "description does not have the word “vpn”, the impact is set to x.",
            id="either, and a negation",
        ),
        pytest.param(
            "classify: [{id: r, event: {commented: {by: submitter}}, "
            "if: {before.status: {is: New}, owner: {empty: true}, state: {is_not: closed}}, "
            "then: {set: {status: Opened}}}]",
            "When the submitter writes a comment and before that the status was New, there is no "
            "owner and the ticket is not closed, the status is set to Opened.",
            id="what was, nobody, and a state",
        ),
        pytest.param(
            "notify: [{id: r, event: {changed: {status: {from: New, to: {state: closed}}}}, "
            "then: {notify: {to: [submitter, lead], template: closed, urgent: true}}}]",
            "When the status changes from New to one that means closed, the submitter and the "
            "team's lead are sent “closed” at once, whatever the hour.",
            id="a change of status",
        ),
        pytest.param(
            "notify: [{id: r, event: {changed: [owner, queue]}, if: {created: {older_than: 2d}, "
            "priority: {at_least: High}}, then: {notify: {to: [desk], template: generic}}}]",
            "When the owner changes or the queue changes, and the time of its creation lies more "
            "than 2 days back, and the priority is High or higher, the team Service Desk is sent "
            "“generic”.",
            id="one of several changes, an age, a rank",
        ),
        pytest.param(
            "classify: [{id: r, event: created, then: {comment: {text: Hello, public: true}}}]",
            "When a ticket is created, a comment for all to see is added (“Hello”).",
            id="a comment",
        ),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence(rule: str, sentence: str):
    """When something happens and something holds, this is done."""
    assert told(rule).sentence == sentence


def test_levels_read_as_steps():
    """Each with its moment in words, under the clock and the condition."""
    rule = told("""
escalate:
  - id: late
    clock: respond
    if: {owner: {not_in_team: network}}
    levels:
      - {at: 50%, then: {notify: {to: [owner], template: nudge}}}
      - {at: 2bd, then: {assign: {team: css}}}
      - {at: {end_of: 1bd}, then: {set: {priority: High}}}
""")
    assert rule.sentence == "On the clock respond, while the owner is not in the team network:"
    assert [(step.at, step.words) for step in rule.steps] == [
        ("50% of the target", "The owner is sent “nudge”."),
        ("2 working days on the clock", "It is assigned to Specialists (to its members in turn)."),
        ("the close of the next working day", "The priority is set to High."),
    ]


def test_what_else_counts_is_noted():
    """Trial, dates, precedence, who answers for it and when to look again."""
    rule = told("""
classify:
  - {id: r, event: created, mode: shadow, priority: 5, owner: adiaz, review_by: "2026-12-31",
     valid_from: "2026-03-01", valid_until: "2026-03-31", then: {set: {impact: x}}}
""")
    assert rule.notes == (
        "on trial: it is recorded only", f"from {date(2026, 3, 1)}", f"until {date(2026, 3, 31)}",
        "priority 5: wins over lower ones where they disagree", "adiaz answers for it",
        f"to be reviewed by {date(2026, 12, 31)}",
    )  # fmt: skip


def test_clocks_and_teams_are_told():
    """Start, stop, hours, target and pauses; members, lead and how they are picked."""
    text = describe(
        book("""
  solve: {start: created, stop: closed, target: {High: 1bd, "*": 5bd}, calendar: office,
          pause: {state: stalled, except: [New]}}
""")
    )
    assert dict(text.clocks) == {
        "respond": "Starts when a ticket is created, stops when a member of staff answers; counts "
        "the hours of office; its target is 1 working day; when a ticket is re-opened it starts "
        "anew.",
        "solve": "Starts when a ticket is created, stops when the ticket is closed; counts the "
        "hours of office; its target is 1 working day for High and 5 working days for all others; "
        "stands still while the ticket is stalled (but not New); when a ticket is re-opened it "
        "goes on from where it stopped.",
    }
    assert dict(text.teams)["network"] == (
        "fruiz and gcho; led by gcho; tickets go to whoever is on call, who changes every week "
        "from 2026-01-05."
    )


load_operators()


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_has_words(name: str):
    """Its own example makes a sentence without YAML in it."""
    if name == "matches":
        pytest.importorskip("re2")
    example = read_example(OPERATORS[name].doc)
    rule = f"classify: [{{id: r, event: created, if: {{{example}}}, then: {{set: {{impact: x}}}}}}]"
    sentence = told(rule).sentence
    assert name not in {"is", "in"} or " is " in sentence
    assert "{" not in sentence
    assert "_" not in sentence.replace("custom_", "")


@pytest.mark.parametrize("verb", sorted(ACTIONS))
def test_every_action_has_words(verb: str):
    """Its own example makes a clause that does not fall back to its name."""
    example = read_example(ACTIONS[verb].__doc__ or "")
    sentence = told(f"classify: [{{id: r, event: created, then: {{{example}}}}}]").sentence
    assert f"{verb} is done" not in sentence


HOSTILE = """
classify:
  - {id: bad, title: "<script>alert(1)</script>", event: created,
     if: {title: {contains: "</svg><b>&"}}, then: {set: {impact: "<img src=x>"}}}
escalate:
  - {id: late, clock: respond, title: "\\"><i>", levels: [{at: 50%, then: {comment: "<b>"}}]}
"""


def test_the_drawing_is_sound_and_escaped():
    """Well-formed, nothing of the rules is markup, nothing is fetched."""
    drawing = draw(book(HOSTILE))
    tree = ET.fromstring(drawing)
    kinds = {element.tag.split("}")[1] for element in tree.iter()}
    assert kinds <= {"svg", "style", "defs", "marker", "path", "rect", "text", "polyline", "circle"}
    assert "alert(1)" in "".join(tree.itertext())


def test_the_page_holds_every_rule_and_nothing_foreign():
    """One file: no address, no script, the texts of the rules only as text."""
    page = rules_page(book(HOSTILE), title="<Desk>")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;Desk&gt;: rules" in page
    assert 'id="bad"' in page
    assert "https:" not in page
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")


def test_rules_switched_off_are_not_drawn():
    """The drawing shows what happens; the sentences say what is switched off."""
    rules = book(
        "classify: [{id: r, mode: off, title: Asleep, event: created, then: {set: {a: b}}}]"
    )
    assert "Asleep" not in draw(rules)
    assert describe(rules).rules[0].notes == ("switched off",)
