"""An answering machine replies for nobody: clocks, rules and reports do not hear it."""

import pytest

from kace_bridge.sync.verbs.timeline import read_timeline
from tests.support.desk import Desk

ASKED = {"status": "Need More Info"}
MACHINE = "Automatic reply: I am out of the office until Monday."


@pytest.fixture
def waiting(desk: Desk) -> tuple[Desk, int]:
    """A ticket that waits for its submitter, who was just mailed the question."""
    desk.config["clocks"]["silent"] = {
        "calendar": "office", "start": {"status": ["Need More Info"]}, "stop": "submitter_reply",
        "target": "3bd",
    }  # fmt: skip
    desk.config["classify"].append(
        {"id": "answered", "event": {"commented": {"by": "submitter"}},
         "if": {"status": {"is": "Need More Info"}}, "then": {"set": {"status": "Opened"}}},
    )  # fmt: skip
    desk.config["escalate"].append(
        {"id": "silence", "clock": "silent", "levels": [
            {"at": "100%", "then": {"notify": {"to": ["submitter"], "template": "please-reply"}}},
        ]},
    )  # fmt: skip
    desk.config["notify"].append(
        {"id": "asked", "event": {"changed": {"status": {"to": "Need More Info"}}},
         "then": {"notify": {"to": ["submitter", "owner"], "template": "need-info"}}},
    )  # fmt: skip
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=30)
    desk.edit("adiaz", ticket, **ASKED)
    desk.later(minutes=1)
    desk.sync()
    return desk, ticket


def mail(desk: Desk, ticket: int, words: str, user: str = "jdoe") -> None:
    """*user* answers by mail, a minute later; synced."""
    desk.later(minutes=1)
    desk.edit(user, ticket, change={"comment": words, "via_email": 1})
    desk.later(minutes=1)
    desk.sync()


def clock(desk: Desk, ticket: int, name: str) -> str:
    """Whether the clock runs or why it stands."""
    with desk.bridge() as made:
        found = read_timeline(made, ticket, name)
    reading = found.clocks[0].reading
    return "running" if reading.running else reading.stretches[-1].cause


def status(desk: Desk, ticket: int) -> str:
    """By name, as the appliance has it."""
    return str(desk.ticket(ticket)["status"])


@pytest.mark.catalogue("D12")
def test_the_owner_is_told_once_that_somebody_is_away(waiting: tuple[Desk, int]) -> None:
    """It may matter; but not with every reminder."""
    desk, ticket = waiting
    desk.config["notify"].append(
        {"id": "wrote", "event": {"commented": {"by": "submitter"}},
         "then": {"notify": {"to": ["owner", "submitter"], "template": "generic"}}},
    )  # fmt: skip
    before = len(desk.mails)
    for words in (MACHINE, f"{MACHINE} Ask Bob.", MACHINE):
        mail(desk, ticket, words)
    assert [to for to, _ in desk.mails[before:]] == ["adiaz@example.org"]


@pytest.mark.catalogue("D12")
def test_an_absence_notice_does_not_stop_the_wait_for_an_answer(
    waiting: tuple[Desk, int],
) -> None:
    """The submitter is still asked for one; the ticket still waits."""
    desk, ticket = waiting
    mail(desk, ticket, MACHINE)
    assert clock(desk, ticket, "silent") == "running"
    assert status(desk, ticket) == "Need More Info"
    desk.later(days=4)
    desk.sync()
    assert [subject for to, subject in desk.mails if "answer" in subject and "jdoe" in to]


def test_what_a_person_writes_stops_it_even_after_the_machine(waiting: tuple[Desk, int]) -> None:
    """Back again, and heard."""
    desk, ticket = waiting
    mail(desk, ticket, MACHINE)
    mail(desk, ticket, "Room 4, sorry.")
    assert clock(desk, ticket, "silent") != "running"
    assert status(desk, ticket) == "Opened"


def test_a_machine_in_words_of_its_own_is_known_when_it_repeats_itself(
    waiting: tuple[Desk, int],
) -> None:
    """The first cannot be told from a person; the second answers nothing."""
    desk, ticket = waiting
    mail(desk, ticket, "Gone fishing.")
    desk.edit("adiaz", ticket, **ASKED)
    desk.later(minutes=1)
    desk.sync()
    mail(desk, ticket, "Gone fishing.")
    assert clock(desk, ticket, "silent") == "running"


def test_an_engineers_absence_notice_is_no_first_answer(waiting: tuple[Desk, int]) -> None:
    """The owner was mailed, their machine answered: nobody has looked at the ticket."""
    desk, ticket = waiting
    mail(desk, ticket, MACHINE, user="adiaz")
    assert clock(desk, ticket, "respond") == "running"
    mail(desk, ticket, "Which room?", user="adiaz")
    assert clock(desk, ticket, "respond") != "running"


def test_machine_words_without_a_mail_of_ours_are_a_persons(waiting: tuple[Desk, int]) -> None:
    """Hours later nobody's machine answers."""
    desk, ticket = waiting
    desk.later(hours=2)
    mail(desk, ticket, "Out of office is what I need help with.")
    assert clock(desk, ticket, "silent") != "running"
