"""ask: a question, and a status in which the ticket waits."""

from pathlib import Path

import pytest

from kace_bridge.model.effect import AddComment, SendMessage, UpdateTicket
from kace_bridge.model.people import Person
from kace_bridge.rules.actions.ask import Ask
from tests.unit.rules.actions.acting import act, notes, problems_of, refused_text
from tests.unit.rules.rulebook import EVERYBODY, MONDAY, ask, book, event, make_ticket


def test_a_text_is_asked_in_a_public_comment() -> None:
    """One write: the status and the comment."""
    update, comment = act("ask: {text: Which printer is it?}").decision("r").effects
    assert update == UpdateTicket(make_ticket().id, {"status": "Need More Info"}, {"status": "New"})
    assert comment == AddComment(make_ticket().id, "Which printer is it?", public=True)


def test_the_short_form_is_a_text() -> None:
    """``ask: "Which printer?"`` means the same."""
    (_, comment) = act('ask: "Which printer is it?"').decision("r").effects
    assert comment == AddComment(make_ticket().id, "Which printer is it?", public=True)


def test_a_template_is_mailed_to_the_submitter() -> None:
    """The mail shows the ticket as it will be, and the owner may be another recipient."""
    found = act("ask: {template: need-info}")
    update, mail = found.decision("r").effects
    assert found.values() == {"status": "Need More Info"}
    assert isinstance(update, UpdateTicket)
    assert isinstance(mail, SendMessage)
    assert (mail.to, mail.role, mail.template) == ("jdoe@example.org", "submitter", "need-info")
    assert "We have a question" in mail.subject


def test_others_can_be_asked_by_another_way() -> None:
    """``to``, ``status`` and ``channel`` are the rule's choice."""
    found = act("ask: {template: need-info, to: [adiaz, submitter], status: Waiting on Customer}")
    assert found.values() == {"status": "Waiting on Customer"}
    assert [to for _, to in found.mails()] == ["adiaz@example.org", "jdoe@example.org"]


def test_a_template_can_go_into_a_comment() -> None:
    """With by: comment the template's text is a public comment, and no mail is sent."""
    found = act("ask: {template: please-reply, by: comment}")
    _, comment = found.decision("r").effects
    assert isinstance(comment, AddComment)
    assert comment.public
    assert "we need your answer" in comment.text
    assert found.mails() == []


def test_nobody_waits_for_an_answer_nobody_was_asked_for() -> None:
    """Without an address nothing happens: the status would start the clock for nothing."""
    bare = {"people": {**EVERYBODY, "jdoe": Person(make_ticket().submitter.user_name)}}  # type: ignore[union-attr]
    found = act(
        "ask: {template: need-info}", make_ticket(submitter={"user_name": "jdoe"}), desk=bare
    )
    assert found.values() == {}
    assert notes(found)[-1] == {"ask": "nobody could be asked"}


def test_a_closed_ticket_is_not_asked_about() -> None:
    """A question does not re-open."""
    found = act("ask: {text: Which one?}", make_ticket(status="Closed"))
    assert found.decision("r").effects == ()
    assert notes(found) == [{"ask": "nothing asked: the ticket is closed"}]


def test_a_ticket_that_waits_is_asked_again() -> None:
    """The status needs no writing then; the question goes out."""
    (comment,) = (
        act("ask: {text: Still?}", make_ticket(status="Need More Info")).decision("r").effects
    )
    assert comment == AddComment(make_ticket().id, "Still?", public=True)


def test_the_mail_knows_the_owner_the_same_rule_names() -> None:
    """Asking comes after assigning, whatever the order in the file."""
    found = act("ask: {template: need-info}, assign: {team: css}")
    assert found.values() == {"owner": "dlee", "status": "Need More Info"}
    mail = found.decision("r").effects[-1]
    assert isinstance(mail, SendMessage)
    assert "Dlee asks" in mail.text


def test_the_silent_clock_starts_with_the_question() -> None:
    """A clock on the status begins when the change is seen."""
    rules = book("""
  silent: {calendar: office, start: {status: [Need More Info]}, stop: submitter_reply}
escalate: [{id: quiet, clock: silent, levels: [{at: 1bd, then: {notify: {to: [submitter]}}}]}]
""")
    asked = event("changed", ("status", "New", "Need More Info"), row=902, own=True)
    found = ask(rules, make_ticket(status="Need More Info"), [], timeline=[event(), asked])
    (due,) = found.found.due
    assert due.at == MONDAY.replace(day=3)


@pytest.mark.parametrize(
    ("then", "message"),
    [
        pytest.param("ask: {}", "either 'text' or 'template'", id="no question"),
        pytest.param("ask: {text: a, template: generic}", "either 'text' or 'template'", id="both"),
        pytest.param(
            "ask: {text: a, by: mail}", "a mail is made from a 'template'", id="text mail"
        ),
        pytest.param("ask: {text: a, to: owner}", "'to' and 'channel' are for mails", id="to"),
        pytest.param("ask: {template: need-inof}", "unknown template 'need-inof'", id="template"),
        pytest.param("ask: {template: generic, channel: nix}", "unknown channel", id="channel"),
        pytest.param('ask: {text: a, status: ""}', "status", id="no status"),
    ],
)
def test_it_is_refused(tmp_path: Path, then: str, message: str) -> None:
    """Each mistake is one problem, in words."""
    problems = problems_of(tmp_path, rules=refused_text(then))
    assert len(problems) == 1, problems
    assert message in problems[0]


def test_it_names_what_must_exist() -> None:
    """The status, and the people and templates of the mail."""
    found = Ask(template="need-info", to=["jdoe", "owner"]).references()
    assert found.names == (("status", "Need More Info"),)
    assert (found.users, found.templates) == (("jdoe",), ("need-info",))
    assert Ask(text="a").references().templates == ()
