"""Mail programs thread our mails by ticket: Jamie Zawinski's algorithm over real mails.

Source: www.jwz.org/doc/threading.html, steps 1 to 4: containers by Message-ID, linked along
References (In-Reply-To where there is none), empty containers kept as roots of their children.
"""

from collections.abc import Iterable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kace_bridge.notify.compose import compose
from tests.unit.notify.messages import make_message

SUBJECTS = ("We have your request", "We have a question", "Ticket has been closed.", "Re-opened")


def make_mail(ticket: int, subject: str, to: str) -> EmailMessage:
    message = make_message(
        key=f"{ticket}-{subject}-{to}".replace(" ", "-"), ticket=ticket, to=f"{to}@example.org",
        subject=f"[TICK:{ticket}] {subject}" if ticket else subject,
    )  # fmt: skip
    raw = compose(message, "desk@example.org", None, "kb.example.org")
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def threads(mails: Iterable[EmailMessage]) -> list[set[str]]:
    """The subjects of each thread, as a mail program groups them."""
    parents: dict[str, str] = {}
    subjects: dict[str, str] = {}

    def is_below(one: str, other: str) -> bool:
        while one in parents:
            one = parents[one]
            if one == other:
                return True
        return False

    for mail in mails:
        own = str(mail["Message-ID"])
        subjects[own] = str(mail["Subject"])
        chain = str(mail["References"] or mail["In-Reply-To"] or "").split()
        for parent, child in pairwise([*chain, own]):
            if child != parent and not is_below(parent, child):
                parents.setdefault(child, parent)
    found: dict[str, set[str]] = {}
    for one, subject in subjects.items():
        root = one
        while root in parents:
            root = parents[root]
        found.setdefault(root, set()).add(subject)
    return list(found.values())


@settings(deadline=None)
@given(st.permutations([(ticket, subject) for ticket in (4, 41) for subject in SUBJECTS]))
def test_each_ticket_is_one_thread_in_whatever_order_its_mails_arrive(
    order: list[tuple[int, str]],
) -> None:
    """Also where the first of them was deleted, or went to somebody else."""
    found = threads(make_mail(ticket, subject, "jdoe") for ticket, subject in order[:-1])
    tags = [{subject.split("]")[0] for subject in thread} for thread in found]
    assert sorted(tags, key=str) == sorted([{"[TICK:4"}, {"[TICK:41"}], key=str)


def test_people_who_share_a_mailbox_see_one_thread() -> None:
    """Owner and lead of a ticket get the same root."""
    assert len(threads(make_mail(41, SUBJECTS[3], to) for to in ("bkim", "gcho"))) == 1


def test_a_summary_is_a_thread_of_its_own() -> None:
    """It is about several tickets, and joins none of them."""
    mails = [make_mail(41, SUBJECTS[0], "bkim"), make_mail(0, "3 messages", "bkim")]
    assert len(threads(mails)) == 2


@pytest.mark.parametrize("reply", ["Re: [TICK:41] We have your request", "AW: [TICK:41] Frage"])
def test_a_reply_by_a_person_joins_the_thread(reply: str) -> None:
    """Their program names our mail; ours that follow name the root above both."""
    receipt = make_mail(41, SUBJECTS[0], "jdoe")
    answer = EmailMessage()
    answer["Message-ID"], answer["Subject"] = "<a@home.example>", reply
    answer["References"] = f"{receipt['References']} {receipt['Message-ID']}"
    assert len(threads([make_mail(41, SUBJECTS[2], "jdoe"), answer, receipt])) == 1
