"""E-mail through an SMTP server."""

from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, field_validator

from kace_bridge.model.message import Mail, Message
from kace_bridge.notify.address import Unsendable, read_address, read_email, same_address
from kace_bridge.notify.channel import Channel, Sending
from kace_bridge.notify.compose import compose
from kace_bridge.notify.secret import Secret


class EmailChannel(Channel):
    """Send each message as a mail with a text and an HTML part.

    Example:
        {kind: email, smtp: {env: SMTP_URL}, from: "Service Desk <desk@example.org>"}

    ``smtp`` is ``smtp://user:password@host:587`` (STARTTLS is demanded; ``?tls=none`` for a
    trusted relay) or ``smtps://user:password@host:465``. ``reply_to`` is the queue's address
    where replies must land somewhere else than at ``from``.
    """

    kind: Literal["email"]
    smtp: SecretStr
    sender: str = Field(alias="from")
    reply_to: str | None = None

    @field_validator("sender", "reply_to")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and read_address(value) is None:
            raise ValueError('write one address, such as "Service Desk <desk@example.org>"')
        return value

    @field_validator("smtp")
    @classmethod
    def _is_server(cls, value: SecretStr) -> SecretStr:
        fault = _server_fault(value.get_secret_value())
        if fault:
            raise ValueError(f"{fault}; write smtp://user:password@host:587 or smtps://...")
        return value

    @property
    def own_addresses(self) -> frozenset[str]:
        named = (read_address(text) for text in (self.sender, self.reply_to or self.sender))
        return frozenset(same_address(address.email) for address in named if address)

    def delivery(self, message: Message, sending: Sending) -> Mail:
        sender = read_address(self.sender)
        recipient = read_email(message.to)
        link = sending.link(message.ticket)
        content = compose(message, self.sender, self.reply_to, sending.instance, link=link)
        if sender is None or recipient is None:
            raise Unsendable("no sender or no recipient")
        return Mail(Secret(self.smtp.get_secret_value()), sender.email, recipient, content)


def _server_fault(url: str) -> str:
    """What is wrong with an SMTP server's *url*, never quoting it; empty where it is fine."""
    try:
        parts = urlsplit(url)
        known_port = parts.port
    except ValueError:
        return "this is not the address of a mail server"
    del known_port
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        return "this is not the address of a mail server"
    options = parse_qs(parts.query, keep_blank_values=True)
    if set(options) - {"tls"} or options.get("tls", ["none"])[-1] not in {"starttls", "none"}:
        return "the only option is ?tls=starttls or ?tls=none"
    return ""
