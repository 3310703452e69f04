"""Mails: exactly our headers, one recipient, the same bytes every time."""

from datetime import timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.message import Message
from kace_bridge.model.text import clean_line
from kace_bridge.notify.address import Unsendable
from kace_bridge.notify.compose import compose, message_token, subject_line
from tests.unit.notify.messages import DATE, make_message

OURS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Auto-Submitted", "X-Auto-Response-Suppress", "X-Ticket-ID", "MIME-Version", "Content-Type",
]  # fmt: skip
# Any code point, lone surrogates included: that is what a damaged record can hold.
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
HOSTILE = (
    "x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: evil@example.com",
    "x\x0bBcc: evil@example.com", "x\x0cBcc: evil@example.com", "x\x85Bcc: evil@example.com",
    "x\u2028Bcc: evil@example.com", "x\u2029Bcc: evil@example.com", "x\x1cBcc: evil@example.com",
    "x\r\n\r\n<html>body", "x\n.\nQUIT", "\x00", "\ud800", "\udfff\ud800", "a\u202eb\u2066c",
    "=?utf-8?q?x=0ABcc:_evil@example.com?=", "=?utf-8?b?eApCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
    "<evil@example.com>", '"', '\\"', '", evil@example.com <evil@example.com>', "a, b; c:",
    "evil@example.com,", "x" * 10_000, "ü" * 10_000, "word " * 2_000, "\U0001f4a5" * 300, " ", "",
    "[TICK:7] x", "[TICK:41][TICK:7]", "\t \xa0", "e\u0301" * 300,
)  # fmt: skip


def mail(message: Message, sender: str = "Service Desk <desk@example.org>") -> EmailMessage:
    content = compose(message, sender, "queue@example.org", "kb.example.org")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()
    parsed = cast("EmailMessage", message_from_bytes(content, policy=policy.default))
    assert [part.defects for part in parsed.walk()] == [[], [], []]
    return parsed


def body(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_headers_say_all_that_mail_programs_need() -> None:
    """Thread, marks against auto-replies, and where an answer goes."""
    parsed = mail(make_message())
    assert parsed.keys() == OURS
    assert parsed["From"] == "Service Desk <desk@example.org>"
    assert parsed["To"] == "Jane Doe <jdoe@example.org>"
    assert parsed["Reply-To"] == "queue@example.org"
    assert parsed["Subject"] == "[TICK:41] VPN drops"
    assert parsed["Message-ID"] == "<0123abcd@kb.example.org>"
    assert parsed["In-Reply-To"] == parsed["References"] == "<ticket.41@kb.example.org>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["X-Auto-Response-Suppress"] == "All"
    assert parsed["X-Ticket-ID"] == "41"
    assert parsed["Date"].datetime == DATE


def test_without_reply_to_there_is_no_such_header() -> None:
    """Replies go to the sender then."""
    assert b"\r\nReply-To:" not in compose(make_message(), "desk@example.org", None, "kb")


def test_the_same_message_gives_the_same_bytes() -> None:
    """A repeat is recognised by every server on the way."""
    elsewhere = make_message(date=DATE.astimezone(timezone(timedelta(hours=-5))))
    first = compose(make_message(), "d@e.org", None, "kb")
    assert first == compose(make_message(), "d@e.org", None, "kb")
    assert first == compose(elsewhere, "d@e.org", None, "kb")
    assert first != compose(make_message(key="other"), "d@e.org", None, "kb")


def test_the_text_arrives_as_written() -> None:
    """Dots, From lines, long lines and all alphabets survive the transport encoding."""
    text = "Hello\n.\n..\nFrom me\n=3D ü \U0001f600 " + "long " * 400 + "\n-- \nDesk\n"
    found = body(mail(make_message(text=text)), "plain")
    assert found.split() == text.split()
    assert max(map(len, found.splitlines())) <= 76


def test_a_text_without_html_gets_an_html_part() -> None:
    """Readers choose."""
    assert "<p>we have it.</p>" in body(mail(make_message()), "html")


def test_an_own_html_part_is_used_but_never_loads_anything() -> None:
    """No images, no scripts, whatever the template says."""
    html = '<p>Hi <b>you</b><img src="https://t.example/x.png"><script>x()</script></p>'
    shown = body(mail(make_message(html=html)), "html")
    assert "<p>Hi <b>you</b></p>" in shown
    assert "t.example" not in shown


def test_only_the_tickets_own_address_becomes_a_link() -> None:
    """A link in a mail of ours leads to the ticket."""
    text = "See: https://kace/41\nand https://evil.example/x\n> https://kace/41\n"
    content = compose(make_message(text=text), "d@e.org", None, "kb", link="https://kace/41")
    parsed = cast("EmailMessage", message_from_bytes(content, policy=policy.default))
    assert body(parsed, "html").count("<a ") == 1


@pytest.mark.catalogue("S09")
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.catalogue("D16")
def test_hostile_text_adds_no_header_and_no_recipient(text: str) -> None:
    """Wherever it stands."""
    parsed = mail(make_message(subject=text, name=text, text=text, key=text))
    assert parsed.keys() == OURS
    assert [address.addr_spec for address in parsed["To"].addresses] == ["jdoe@example.org"]
    assert parsed["Subject"].startswith("[TICK:41]")
    assert "[TICK:7]" not in parsed["Subject"]


@pytest.mark.catalogue("S09")
@given(subject=ANY_TEXT, name=ANY_TEXT, text=ANY_TEXT, html=ANY_TEXT, key=ANY_TEXT)
@pytest.mark.catalogue("D16")
@pytest.mark.catalogue("D17")
def test_any_text_gives_exactly_our_headers(
    subject: str, name: str, text: str, html: str, key: str
) -> None:
    """Over all code points: our headers, our recipient, one line of subject."""
    message = make_message(subject=subject, name=name, text=text, html=html, key=key)
    parsed = mail(message)
    assert parsed.keys() == OURS
    assert [address.addr_spec for address in parsed["To"].addresses] == ["jdoe@example.org"]
    assert str(parsed["Subject"]) == subject_line(message)
    assert len(str(parsed["Subject"])) <= 220


@given(name=ANY_TEXT)
def test_the_name_shown_is_the_name_given(name: str) -> None:
    """Cleaned, and otherwise whole, whatever quoting it needs."""
    shown = mail(make_message(name=name))["To"].addresses[0].display_name
    # The standard parser puts a blank between two encoded words of a name; nobody else does.
    assert shown.replace(" ", "") == clean_line(name, 80).replace(" ", "")


@pytest.mark.parametrize("to", ["", "jdoe", "a@b.c, d@e.f", "a@b.c\r\nBcc: x@y.z", "ä@b.c"])
def test_a_recipient_that_is_none_is_refused(to: str) -> None:
    """With a sentence, not with a broken mail."""
    with pytest.raises(Unsendable, match="is not an e-mail address"):
        compose(make_message(to=to), "d@e.org", None, "kb")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        pytest.param("[TICK:41] x", "[TICK:41] x", id="kept"),
        pytest.param("x", "[TICK:41] x", id="added"),
        pytest.param("[HELP:41] x", "[HELP:41] x", id="a site's own prefix is kept"),
        pytest.param("[TICK:7] x", "[TICK:41] (TICK 7) x", id="another ticket's is disarmed"),
        pytest.param("[TICK:41] [TICK:7]", "[TICK:41] (TICK 7)", id="behind ours, too"),
        pytest.param("[TICK:41]", "[TICK:41]", id="nothing else"),
        pytest.param(
            "[TICK:41] Ticket #41 has been closed.", "[TICK:41] Ticket #41 has been closed.",
            id="closing mail",
        ),
    ],
)  # fmt: skip
@pytest.mark.catalogue("D17")
def test_the_subject_carries_one_tag_in_front(subject: str, shown: str) -> None:
    """A reply must land in this ticket and no other."""
    assert subject_line(make_message(subject=subject)) == shown
    assert mail(make_message(subject=subject))["Subject"] == shown


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        pytest.param("kb.example.org", "kb.example.org", id="a host name"),
        pytest.param("Desk 1 <x>", "desk-1-x", id="anything"),
        pytest.param("..", "kace-bridge", id="nothing usable"),
    ],
)
def test_any_instance_name_makes_a_message_id(instance: str, host: str) -> None:
    """The right side is made of what is allowed there."""
    assert f"<0123abcd@{host}>".encode() in compose(make_message(), "d@e.org", None, instance)


@given(ANY_TEXT, ANY_TEXT)
def test_keys_stay_apart_as_tokens(one: str, other: str) -> None:
    """Two messages never share a Message-ID."""
    assert (one == other) == (message_token(one) == message_token(other))
