"""Answering machines at the intake: none of them keeps the desk talking, no person goes unheard."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.mail_loop import MACHINES, Day, live
from tests.support.desk import Desk

JDOE = "jdoe@example.org"
HOURS = 1.1


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """The same hours with nobody away: receipt, question and closing."""
    day = live(tmp_path_factory.mktemp("desk") / "usual", None, HOURS)
    assert (day.extra_tickets, day.mails) == (0, 4)
    return day


@pytest.mark.catalogue("S08")
@pytest.mark.parametrize(
    ("machine", "tickets"),
    [
        pytest.param("heeds the marks", 0, id="a machine as it should be makes none"),
        pytest.param("answers once, without the tag", 1, id="one that answers once makes one"),
        pytest.param("answers everything, with the tag", 0, id="one that keeps the tag makes none"),
        pytest.param("answers everything, without the tag", 3, id="one for each mail due anyway"),
    ],
)
@pytest.mark.catalogue("D11")
def test_a_machine_makes_at_most_one_ticket_of_a_mail(
    tmp_path: Path, usual: Day, machine: str, tickets: int
):
    """What it makes is not confirmed, so it ends there; the submitter is sent nothing more."""
    day = live(tmp_path / "desk", MACHINES[machine], HOURS, frozenset({"jdoe"}))
    assert day.extra_tickets <= tickets
    assert day.most_to_one <= usual.most_to_one + (machine == "answers once, without the tag")


@pytest.mark.parametrize(
    "machine", ["answers everything, in words of its own", "the same, with the tag"]
)
@pytest.mark.catalogue("D11")
def test_everybody_away_with_machines_nobody_knows_ends_soon(
    tmp_path: Path, usual: Day, machine: str
):
    """Repeating itself gives a machine away: a few mails more, and then silence."""
    day = live(tmp_path / "desk", MACHINES[machine], HOURS + 0.4)
    assert day.extra_tickets <= 3 * usual.mails
    assert day.mails <= 4 * usual.mails


def told(desk: Desk, ticket: int) -> list[str]:
    """Who was mailed about *ticket*."""
    return [to for to, subject in desk.mails if subject.startswith(f"[TICK:{ticket}]")]


def mail_in(desk: Desk, title: str, **values: Any) -> int:
    """The submitter, just sent a receipt, mails in a new ticket; synced."""
    desk.submit()
    desk.sync()
    desk.later(minutes=1)
    ticket = desk.submit(title=title, via="email", **values)
    desk.later(minutes=1)
    desk.sync()
    return ticket


@pytest.mark.parametrize(
    ("title", "heard"),
    [
        pytest.param("Screen broken as well", True, id="a person who writes fast"),
        pytest.param("How to set an automatic reply?", True, id="a person who asks about machines"),
        pytest.param("Automatic reply: gone", False, id="a machine"),
    ],
)
def test_a_quick_mail_is_confirmed_unless_a_machine_wrote_it(desk: Desk, title: str, heard: bool):
    """Being fast is no fault."""
    assert (JDOE in told(desk, mail_in(desk, title))) is heard


def test_a_machines_words_without_a_mail_of_ours_before_are_a_persons(desk: Desk):
    """Nobody wrote to them, so nobody can be answering."""
    ticket = desk.submit(title="Out of office: how do I set it?", via="email")
    desk.sync()
    assert told(desk, ticket) == [JDOE]


def test_what_was_not_sent_is_listed_and_can_be_sent_by_hand(desk: Desk):
    """The message is kept with the reason; asked for, it goes out."""
    ticket = mail_in(desk, "Out of office")
    with desk.bridge() as made:
        rows = [row for row in made.store.outbox(["dropped"]) if row.message.ticket == ticket]
    assert [(row.message.to, row.last_error) for row in rows] == [
        (JDOE, "not sent: it would answer an automatic reply")
    ]
    with desk.bridge() as made:
        made.store.requeue(rows[0].key, made.now())
    desk.later(minutes=1)
    desk.sync()
    assert told(desk, ticket) == [JDOE]


def test_a_person_who_takes_up_a_machines_ticket_makes_it_one_like_others(desk: Desk):
    """From then on its submitter is told what happens to it."""
    ticket = mail_in(desk, "Automatic reply: gone")
    desk.edit("adiaz", ticket, "Not a machine after all?", status="Closed")
    desk.later(minutes=1)
    desk.sync()
    assert told(desk, ticket) == [JDOE]


@pytest.mark.catalogue("D12")
def test_the_same_comment_mailed_again_is_passed_on_once(desk: Desk):
    """The first is news for the owner; the echo of the mail that told them is not."""
    desk.config["notify"].append(
        {"id": "wrote", "event": {"commented": {"by": "submitter"}},
         "then": {"notify": {"to": ["owner", "submitter"], "template": "generic"}}},
    )  # fmt: skip
    ticket = desk.submit()
    desk.sync()
    for words in ("Gone fishing", "Gone fishing", "Back again"):
        desk.later(minutes=1)
        desk.edit("jdoe", ticket, change={"comment": words, "via_email": 1})
        desk.later(minutes=1)
        desk.sync()
    assert told(desk, ticket).count("adiaz@example.org") == 2
