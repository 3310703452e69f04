"""A message as the bytes of one RFC 5322 mail; the same message always gives the same bytes."""

import re
from binascii import b2a_qp
from datetime import UTC
from email.utils import format_datetime
from hashlib import sha256

from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Message
from kace_bridge.model.text import clean_line, clean_text
from kace_bridge.notify.address import Unsendable, clean_name, read_address, read_email
from kace_bridge.notify.headers import phrase, subject
from kace_bridge.notify.markup import clean_html, text_to_html
from kace_bridge.notify.wrap import wrapped

LONGEST_SUBJECT = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*")
_LONGEST_TOKEN = 64
_TAG = re.compile(r"\[([A-Za-z][A-Za-z0-9_-]{0,19}):(\d+)\]")


def compose(
    message: Message, sender: str, reply_to: str | None, instance: str, *, link: str = ""
) -> bytes:
    """The complete mail for *message*, lines ending in CRLF, 7 bits wide.

    *sender* may carry a name to show. *link* is the ticket's address; wherever the text names
    it, the HTML part links it. Raises Unsendable where an address is none.
    """
    host = _host(instance)
    lines = [
        f"From: {_mailbox(sender)}",
        f"To: {_recipient(message)}",
        f"Subject: {subject(*_subject(message))}",
        f"Date: {format_datetime(message.date.astimezone(UTC))}",
        f"Message-ID: <{message_token(message.key)}@{host}>",
        *_thread(message, host),
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        f"X-Ticket-ID: {message.ticket}" if message.ticket else "Precedence: bulk",
        "MIME-Version: 1.0",
    ]
    if reply_to:
        lines.insert(2, f"Reply-To: {_mailbox(reply_to)}")
    own = clean_text(message.html)
    html = clean_html(own) if own else text_to_html(clean_text(message.text), [link])
    return "\r\n".join([*lines, _alternatives(message, html)]).encode("ascii")


def _thread(message: Message, host: str) -> list[str]:
    """The headers of the ticket's thread; a summary of several tickets is in none."""
    if not message.ticket:
        return []
    root = f"<ticket.{message.ticket}@{host}>"
    return [f"In-Reply-To: {root}", f"References: {root}"]


def message_token(key: str) -> str:
    """*key* where it can stand in a Message-ID or an HTTP header, else a digest of it."""
    if len(key) <= _LONGEST_TOKEN and _TOKEN.fullmatch(key):
        return key
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def subject_line(message: Message) -> str:
    """The subject as readers see it: the ticket's tag first, and no other tag in it."""
    return " ".join(_subject(message)).strip()


def subject_words(message: Message) -> str:
    """The subject without the ticket's tag, nor any other."""
    return _subject(message)[1]


def _subject(message: Message) -> tuple[str, str]:
    """The tag and the words after it.

    A reply lands in the ticket whose tag the subject carries, so a title that contains
    another ticket's tag must not keep it. Source: contract section 7.4.
    """
    line = clean_line(message.subject, LONGEST_SUBJECT)
    if not message.ticket:
        return "", _TAG.sub(r"(\1 \2)", line)
    first = _TAG.match(line)
    own = first is not None and first[2] == str(message.ticket)
    tag = first[0] if first and own else _tag(message.ticket)
    rest = line[len(tag) :] if own else line
    return tag, _TAG.sub(r"(\1 \2)", rest).strip()


def _tag(ticket: TicketId) -> str:
    return f"[TICK:{ticket}]"


def _mailbox(text: str) -> str:
    address = read_address(text)
    if address is None:
        raise Unsendable(f"'{clean_line(text, 80)}' is not an e-mail address")
    return _named(address.name, address.email)


def _recipient(message: Message) -> str:
    email = read_email(message.to)
    if email is None:
        raise Unsendable(f"'{clean_line(message.to, 80)}' is not an e-mail address")
    return _named(clean_name(message.name), email)


def _named(name: str, email: str) -> str:
    return f"{phrase(name)}\r\n <{email}>" if name else email


def _host(instance: str) -> str:
    """*instance* as the right side of a Message-ID."""
    return re.sub(r"[^a-z0-9.-]+|\.(?=\.)", "-", instance.lower()).strip(".-") or "kace-bridge"


def _alternatives(message: Message, html: str) -> str:
    # "=_" cannot occur in quoted-printable text, so no body contains the boundary.
    boundary = f"=_kb_{sha256(message.key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    parts = (("plain", wrapped(clean_text(message.text))), ("html", html))
    body = "".join(
        f"--{boundary}\r\n"
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{_printable(text)}\r\n"
        for kind, text in parts
    )
    head = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n'
    return f"{head}{body}--{boundary}--\r\n"


def _printable(text: str) -> str:
    # The encoder breaks long lines with the first line end it meets, so it gets one kind only.
    return b2a_qp(text.encode("utf-8"), istext=True).decode("ascii").replace("\n", "\r\n")
