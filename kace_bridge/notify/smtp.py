"""Hand mails to SMTP servers, telling apart what to repeat, what never to, and what is unknown."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from kace_bridge.model.message import Mail, Outcome
from kace_bridge.notify.outcome import (
    CREDENTIALS,
    Timeouts,
    dead,
    fault_of,
    refused_for_now,
    unreachable,
    without,
)

_LINE_DOTS = re.compile(rb"(?m)^\.")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_GOING_AWAY = 421
_AUTH_NEEDED = frozenset({454, 530, 534, 535, 538})
# What smtplib raises for a server that is not there, hangs up, or speaks something else.
_LOST = (smtplib.SMTPServerDisconnected, OSError)


class _Refusal(Exception):
    """The server or the way to it, not the message, is at fault; says so in its text."""


class SmtpServers:
    """Connections to mail servers, one each, kept for the length of a run."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._open: dict[str, smtplib.SMTP] = {}

    def send(self, mail: Mail) -> Outcome:
        """Hand over one *mail* for one recipient."""
        try:
            server = self._server(mail.server)
            return self._transact(server, mail)
        except _Refusal as refusal:
            self._drop(mail.server)
            return unreachable(str(refusal))
        except _LOST as error:
            self._drop(mail.server)
            return refused_for_now(f"the mail server hung up ({self._said(mail, fault_of(error))})")

    def close(self) -> None:
        """Say good-bye to every server."""
        for url in list(self._open):
            server = self._open.pop(url)
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _transact(self, server: smtplib.SMTP, mail: Mail) -> Outcome:
        code, text = server.mail(mail.sender)
        if code in _AUTH_NEEDED:
            raise _Refusal(f"{CREDENTIALS}: {self._answer(mail, code, text)}")
        if code != 250:
            # Every message has this sender: a refusal is for the operator to mend, not final.
            raise _Refusal(f"the sender was refused: {self._answer(mail, code, text)}")
        code, text = server.rcpt(mail.recipient)
        if code not in (250, 251):
            return self._refused(server, mail, code, text)
        code, text = server.docmd("DATA")
        if code != 354:
            return self._refused(server, mail, code, text)
        try:
            code, text = self._content(server, mail.content)
        except _LOST:
            # The mail may be accepted: it is repeated with the same Message-ID and Date.
            self._drop(mail.server)
            return Outcome("unknown", "the connection was lost after the mail was sent")
        if code != 250:
            return self._refused(server, mail, code, text)
        return Outcome("sent")

    def _content(self, server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        if server.sock is not None:
            server.sock.settimeout(self._timeouts.accept_s)
        server.send(_LINE_DOTS.sub(b"..", content) + b".\r\n")
        reply = server.getreply()
        if server.sock is not None:
            server.sock.settimeout(self._timeouts.answer_s)
        return reply

    def _refused(self, server: smtplib.SMTP, mail: Mail, code: int, text: bytes) -> Outcome:
        reason = self._answer(mail, code, text)
        if code == _GOING_AWAY or code < 400:
            self._drop(mail.server)
            return refused_for_now(reason)
        with suppress(smtplib.SMTPException, OSError):
            server.rset()
        return dead(reason) if code >= 500 else refused_for_now(reason)

    def _server(self, url: str) -> smtplib.SMTP:
        kept = self._open.get(url)
        if kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                if kept.noop()[0] == 250:
                    return kept
            self._drop(url)
        self._open[url] = _connect(url, self._timeouts)
        return self._open[url]

    def _drop(self, url: str) -> None:
        server = self._open.pop(url, None)
        if server is not None:
            server.close()

    def _answer(self, mail: Mail, code: int, text: bytes) -> str:
        return self._said(mail, f"{code} {_decoded(text)}")

    def _said(self, mail: Mail, text: str) -> str:
        return without(text, _account(urlsplit(mail.server)))


def try_server(url: str, timeouts: Timeouts) -> str:
    """Why no mail could be handed to the server at *url*; empty where it takes our account.

    Connects, secures and logs in as for a mail, and sends none.
    """
    try:
        server = _connect(url, timeouts)
    except _Refusal as refusal:
        return str(refusal)
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    return ""


def _connect(url: str, timeouts: Timeouts) -> smtplib.SMTP:
    """A connection ready for mail. Raises _Refusal saying what to do."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    user, password = _account(parts)
    try:
        server = _dial(parts, host, timeouts)
    except (smtplib.SMTPException, OSError) as error:
        raise _Refusal(f"the mail server {host} cannot be reached ({fault_of(error)})") from None
    try:
        if parts.scheme == "smtp" and _wants_tls(parts, host):
            _secure(server, host)
        server.ehlo_or_helo_if_needed()
        if user is not None:
            server.login(user, password or "")
    except smtplib.SMTPAuthenticationError as error:
        server.close()
        said = without(_decoded(error.smtp_error), (user, password))
        raise _Refusal(f"{CREDENTIALS}: {error.smtp_code} {said}") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        server.close()
        said = without(fault_of(error), (user, password))
        raise _Refusal(f"the mail server {host} cannot be used ({said})") from None
    except _Refusal:
        server.close()
        raise
    if server.sock is not None:
        server.sock.settimeout(timeouts.answer_s)
    return server


def _dial(parts: SplitResult, host: str, timeouts: Timeouts) -> smtplib.SMTP:
    name = _own_name()
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(
            host, parts.port or 465, name, timeout=timeouts.connect_s, context=context
        )
    return smtplib.SMTP(host, parts.port or 25, name, timeout=timeouts.connect_s)


def _secure(server: smtplib.SMTP, host: str) -> None:
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("starttls"):
        raise _Refusal(
            f"the mail server {host} offers no STARTTLS; use smtps://, or ?tls=none for a "
            "relay you trust"
        )
    server.starttls(context=ssl.create_default_context())


def _wants_tls(parts: SplitResult, host: str) -> bool:
    default = "none" if host in _LOOPBACK else "starttls"
    return parse_qs(parts.query).get("tls", [default])[-1] == "starttls"


def _decoded(text: bytes | str) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def _account(parts: SplitResult) -> tuple[str | None, str | None]:
    user = None if parts.username is None else unquote(parts.username)
    return user, None if parts.password is None else unquote(parts.password)


def _own_name() -> str:
    # smtplib would ask the name service, which can take a minute where it is broken.
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
