"""close: a closed status, a resolution, perhaps a public comment."""

from pathlib import Path

import pytest

from kace_bridge.model.effect import AddComment
from kace_bridge.rules.actions.close import Close, as_markup
from tests.unit.rules.actions.acting import act, notes, problems_of, refused_text
from tests.unit.rules.rulebook import ask, book, make_ticket


def test_status_and_resolution_go_together() -> None:
    """One write; nothing public unless said."""
    found = act("close: {resolution: No answer.}")
    assert found.values() == {"status": "Closed", "resolution": "No answer."}
    assert len(found.decision("r").effects) == 1


def test_the_short_form_is_a_resolution() -> None:
    """``close: "No answer."`` means the same."""
    assert act('close: "No answer."').values()["resolution"] == "No answer."


def test_public_says_it_to_the_submitter_too() -> None:
    """The same text, plain, in a public comment."""
    found = act('close: {resolution: "Broken & <gone>", public: true, status: Resolved}')
    assert found.values() == {"status": "Resolved", "resolution": "Broken &amp; &lt;gone&gt;"}
    comment = found.decision("r").effects[1]
    assert comment == AddComment(make_ticket().id, "Broken & <gone>", public=True)


def test_a_template_makes_the_text() -> None:
    """Templates know the ticket; markup in what strangers wrote is escaped."""
    ticket = make_ticket(title="<b>Mouse</b>")
    found = act("close: {template: closed-no-reply}", ticket)
    resolution = found.values()["resolution"]
    assert resolution is not None
    assert "did not hear from you" in resolution
    assert "<b>" not in resolution
    assert "&lt;b&gt;Mouse" in resolution


def test_what_somebody_wrote_stays() -> None:
    """A resolution that is there is not overwritten; the ticket is closed all the same."""
    found = act("close: {resolution: No answer.}", make_ticket(resolution="Changed the cable"))
    assert found.values() == {"status": "Closed"}
    assert notes(found) == [{"close": "the resolution that was there stays"}]


def test_a_closed_ticket_is_left_alone() -> None:
    """Nothing is planned twice."""
    found = act("close: {resolution: No answer.}", make_ticket(status="Closed"))
    assert found.values() == {}
    assert notes(found) == [{"close": "already closed"}]


def test_the_closing_mail_of_the_same_run_quotes_it() -> None:
    """The notify rules see the ticket closed, with its new resolution in words."""
    rules = book("""
classify: [{id: r, event: created, then: {close: {resolution: "Fish & chips"}}}]
notify:
  - id: closed-mail
    event: {changed: {status: {to: {state: closed}}}}
    then: {notify: {to: [submitter], template: closed}}
""")
    found = ask(rules, make_ticket(resolution_plaintext=""))
    assert found.fired() == ["r", "closed-mail"]
    (mail,) = found.decision("closed-mail").effects
    assert "Fish & chips" in getattr(mail, "text", "")


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain", "plain"),
        ("two\nlines", "two<br>lines"),
        ("  a < b & c > d  ", "  a &lt; b &amp; c &gt; d"),
        ('"quoted"', '"quoted"'),
        ("", ""),
    ],
)
def test_as_markup(text: str, markup: str) -> None:
    """Text is kept as text in a field of markup."""
    assert as_markup(text) == markup


@pytest.mark.parametrize(
    ("then", "message"),
    [
        pytest.param("close: {}", "either 'resolution' or 'template'", id="no reason"),
        pytest.param("close: {resolution: a, template: closed}", "not both", id="both"),
        pytest.param("close: {template: clsoed}", "unknown template 'clsoed'", id="template"),
        pytest.param('close: ""', "resolution", id="empty"),
    ],
)
def test_it_is_refused(tmp_path: Path, then: str, message: str) -> None:
    """Each mistake is one problem, in words."""
    problems = problems_of(tmp_path, rules=refused_text(then))
    assert len(problems) == 1, problems
    assert message in problems[0]


def test_the_status_is_a_name_to_look_up() -> None:
    """``rules check --online`` is told which status must exist."""
    assert Close(resolution="a", status="Done").references().names == (("status", "Done"),)


def test_a_new_resolution_is_read_instead_of_the_old_one() -> None:
    """The appliance's plain form of the old text does not shine through."""
    ticket = make_ticket(resolution="<p>old</p>", resolution_plaintext="old")
    assert ticket.with_values({"resolution": "new"}).resolution == "new"
    assert ticket.with_values({"title": "x"}).resolution == "old"
