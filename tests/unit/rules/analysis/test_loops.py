"""Rules that set each other off: certain loops are run, possible ones are named as such."""

from pathlib import Path

import pytest

from tests.unit.rules.analysis.desk import find


@pytest.mark.catalogue("C07")
def test_clocks_that_start_each_other_go_round_for_ever(tmp_path: Path) -> None:
    """Two escalations whose statuses start each other's clocks are an error, with the dates."""
    text = """
escalate:
  - {id: ask, clock: waiting, levels: [{at: 1d, then: {set: {status: Need More Info}}}]}
  - {id: wait, clock: asking, levels: [{at: 2d, then: {set: {status: Waiting on Customer}}}]}
"""
    [found] = find(tmp_path, text, "loop")
    assert found.severity == "error"
    assert found.rules == ("ask", "wait")
    assert found.sample is not None
    story = found.sample["story"]
    assert isinstance(story, list)
    assert story[-1].endswith("ask sets status: Need More Info")
    assert len(story) >= 5


def test_closing_and_re_opening_by_clock_goes_round(tmp_path: Path) -> None:
    """A clock that re-opens what another closes is found, also where re-opening starts it."""
    text = """
escalate:
  - {id: close, clock: again, levels: [{at: 1d, then: {set: {status: Closed}}}]}
  - {id: open, clock: shut, levels: [{at: 2d, then: {set: {status: Opened}}}]}
"""
    [found] = find(tmp_path, text, "loop")
    assert (found.severity, found.rules) == ("error", ("close", "open"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            """
escalate:
  - {id: ask, clock: waiting, levels: [{at: 1d, then: {set: {status: Need More Info}}}]}
  - {id: wait, clock: asking, levels: [{at: 2d, then: {set: {status: Closed}}}]}
""",
            id="the second ends it",
        ),
        pytest.param(
            """
escalate:
  - {id: one, clock: asking, levels: [{at: 2d, then: {set: {priority: High}}}]}
  - {id: two, clock: asking, levels: [{at: 3d, then: {set: {priority: Low}}}]}
""",
            id="nothing starts a clock",
        ),
    ],
)
def test_a_ladder_that_ends_is_no_loop(tmp_path: Path, text: str) -> None:
    """Escalations that lead somewhere are left alone."""
    assert find(tmp_path, text, "loop") == []


def test_a_loop_no_ticket_goes_through_is_a_note(tmp_path: Path) -> None:
    """Where conditions keep the circle from closing, it is only mentioned."""
    text = """
escalate:
  - id: ask
    clock: waiting
    if: {priority: {is: High}}
    levels: [{at: 1d, then: {set: {status: Need More Info, priority: Low}}}]
  - {id: wait, clock: asking, levels: [{at: 2d, then: {set: {status: Waiting on Customer}}}]}
"""
    [found] = find(tmp_path, text, "loop")
    assert found.severity == "note"
    assert found.message == (
        "'ask' and 'wait' can start each other's clocks; no ticket was found that goes round"
    )


TURNS = """
classify:
  - {id: one, %s if: {status: {is: Opened}}, then: {set: {status: New}}}
  - {id: two, %s if: {status: {is: New}}, then: {set: {status: Opened}}}
"""


@pytest.mark.catalogue("C07")
def test_two_rules_that_take_turns_at_every_comment_are_named(tmp_path: Path) -> None:
    """The bridge does not go round by itself, but every further comment turns it back."""
    event = "event: {commented: {by: submitter}},"
    [found] = find(tmp_path, TURNS % (event, event), "loop")
    assert found.severity == "warning"
    assert found.message == (
        "'one' and 'two' undo each other at every further such event:"
        " status goes from 'Opened' to 'New' and back"
    )


def test_without_an_event_they_undo_each_other_once(tmp_path: Path) -> None:
    """A rule without an event decides once per episode, and the message says so."""
    [found] = find(tmp_path, TURNS % ("", ""), "loop")
    assert "on one ticket, once each per episode" in found.message


def test_rules_for_different_people_may_answer_each_other(tmp_path: Path) -> None:
    """A status that staff and submitter pass to and fro is a conversation, not a loop."""
    events = ("event: {commented: {by: submitter}},", "event: {commented: {by: staff}},")
    assert find(tmp_path, TURNS % events, "loop") == []


MAILS = [
    pytest.param("{commented: {by: submitter}}", "submitter", 1, id="to whoever wrote"),
    pytest.param("commented", "author", 1, id="to the author, whoever that is"),
    pytest.param("{commented: {by: staff}}", "owner", 1, id="to the owner about staff"),
    pytest.param("{commented: {by: staff}}", "submitter", 0, id="to the other side"),
    pytest.param("created", "submitter", 0, id="a receipt"),
]


@pytest.mark.parametrize(("event", "to", "count"), MAILS)
def test_mail_to_whoever_wrote_may_be_answered_by_a_machine(
    tmp_path: Path, event: str, to: str, count: int
) -> None:
    """A rule that mails the author of every comment is warned about."""
    text = (
        f"\nnotify:\n  - {{id: one, event: {event}, then: {{notify: {{to: [{to}],"
        f" template: updated}}}}}}\n"
    )
    found = find(tmp_path, text, "loop")
    assert [each.severity for each in found] == ["warning"] * count


def test_a_condition_on_the_comment_settles_it(tmp_path: Path) -> None:
    """Whoever looks at the words has thought of absence notices."""
    text = """
notify:
  - id: one
    event: {commented: {by: submitter}}
    if: {not: {comment: {any_word: ["out of office"]}}}
    then: {notify: {to: [submitter], template: updated}}
"""
    assert find(tmp_path, text, "loop") == []
