"""A whole sync with real SMTP on loopback: what a submitter's mail program receives."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from kace_bridge.notify.channels import channel_adapter
from kace_bridge.sync.cycle import sync
from tests.notify.conftest import Post, mail_server
from tests.support.desk import Desk


@pytest.fixture
def postbox() -> Iterator[tuple[Post, str]]:
    """A mail server on loopback, and its URL."""
    post = Post()
    with mail_server(post) as address:
        yield post, f"smtp://{address}"


def received(post: Post) -> list[EmailMessage]:
    """The mails taken, as a mail program reads them."""
    mails = [message_from_bytes(content, policy=default) for _, _, content in post.accepted]
    return [mail for mail in mails if isinstance(mail, EmailMessage)]


def run(desk: Desk, url: str) -> int:
    """One sync whose mail leaves by SMTP; how many messages were taken."""
    channel = channel_adapter().validate_python(
        {"kind": "email", "smtp": url, "from": "Service Desk <desk@example.org>"}
    )
    with desk.bridge() as made:
        made.site = replace(made.site, channels={"mail": channel})
        return sync(made).sent


def test_a_receipt_reaches_its_submitter_once(desk: Desk, postbox: tuple[Post, str]) -> None:
    """One mail, one recipient, with the number in the subject; a second sync sends nothing."""
    box, url = postbox
    run(desk, url)
    ticket = desk.submit("jdoe", title="VPN drops")
    assert run(desk, url) == 1
    assert run(desk, url) == 0
    ((_, recipients, _),) = box.accepted
    (mail,) = received(box)
    assert recipients == ["jdoe@example.org"]
    assert str(mail["Subject"]).startswith(f"[TICK:{ticket}] ")
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.catalogue("D02")
def test_a_greylisting_server_gets_the_same_mail_again(
    desk: Desk, postbox: tuple[Post, str]
) -> None:
    """A temporary no is no failure: the mail is kept and sent by a later sync, once."""
    box, url = postbox
    run(desk, url)
    desk.submit("jdoe", title="VPN drops")
    box.data = ["451 come back later"]
    assert run(desk, url) == 0
    desk.later(minutes=5)
    assert run(desk, url) == 1
    assert len(box.accepted) == 1
    assert box.seen[0] == box.seen[1]


def test_mails_of_one_ticket_are_one_thread(desk: Desk, postbox: tuple[Post, str]) -> None:
    """Receipt and closing mail name the same root, so that mail programs show one thread."""
    box, url = postbox
    run(desk, url)
    ticket = desk.submit("jdoe", title="VPN drops")
    run(desk, url)
    desk.edit("gcho", ticket, status="Closed", resolution="<p>Cable replaced</p>")
    desk.later(minutes=1)
    run(desk, url)
    receipt, closing = received(box)
    assert str(closing["Subject"]) == f"[TICK:{ticket}] Ticket #{ticket} has been closed."
    body = closing.get_body(("plain",))
    assert body is not None
    assert "Cable replaced" in body.get_content()
    assert str(receipt["References"]).split()[0] == str(closing["References"]).split()[0]
