"""Requests for information, as their submitter reads them."""

from email import message_from_bytes
from email.policy import default

from tests.support.desk import Desk

QUESTION = "Which of the two rooms on the second floor is it?"


def last_mail_to(desk: Desk, user: str) -> str:
    """The text of the newest mail to *user*."""
    mails = [message_from_bytes(path.read_bytes(), policy=default)
             for path in (desk.folder / "mail").glob("*.eml")]  # fmt: skip
    theirs = [mail for mail in mails if mail["To"].addresses[0].username == user]
    newest = max(theirs, key=lambda mail: mail["Date"].datetime)
    return str(newest.get_body(("plain",)).get_content())


def asked(desk: Desk) -> None:
    """A ticket of bkim's is asked about by cwong, and its clock for the answer runs."""
    desk.config["clocks"]["silent"] = {
        "calendar": "office", "start": {"status": ["Need More Info"]}, "stop": "submitter_reply",
        "target": "3bd",
    }  # fmt: skip
    desk.config["escalate"].append(
        {"id": "silence", "clock": "silent", "levels": [
            {"at": "100%", "then": {"notify": {"to": ["submitter"], "template": "please-reply"}}},
        ]},
    )  # fmt: skip
    desk.config["notify"].append(
        {"id": "asked", "event": {"changed": {"status": {"to": "Need More Info"}}},
         "then": {"notify": {"to": ["submitter"], "template": "need-info"}}},
    )  # fmt: skip
    ticket = desk.submit()
    desk.sync()
    desk.later(minutes=30)
    desk.edit("bkim", ticket, owner="bkim")
    desk.edit("cwong", ticket, QUESTION, status="Need More Info")
    desk.later(minutes=1)
    desk.sync()


def test_the_mail_names_who_asked(desk: Desk) -> None:
    """Not who owns the ticket: the answer is expected by the other."""
    asked(desk)
    text = last_mail_to(desk, "jdoe")
    assert "Cwong asks:" in text
    assert f"> {QUESTION}" in text


def test_a_reminder_repeats_the_question(desk: Desk) -> None:
    """Nobody looks for an old mail to find out what is still to be answered."""
    asked(desk)
    desk.later(days=4)
    desk.sync()
    text = last_mail_to(desk, "jdoe")
    assert "still" in text or "need your answer" in text
    assert f"> {QUESTION}" in text
