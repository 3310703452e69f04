"""A signed HTTP request per message."""

import base64
import hmac
import json
from binascii import Error as NotBase64
from hashlib import sha256
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr, field_validator

from kace_bridge.model.message import HttpRequest, Message
from kace_bridge.model.text import clean_text
from kace_bridge.notify.channel import Channel, Sending
from kace_bridge.notify.compose import message_token, subject_line
from kace_bridge.notify.secret import Secret

_PREFIX = "whsec_"


class WebhookChannel(Channel):
    """POST each message as JSON, with a stable ``webhook-id`` and, given ``sign``, a signature.

    Example:
        {kind: webhook, url: {env: OPS_URL}, sign: {env: OPS_SECRET}}

    Only public https addresses are reached. ``allow_private: true`` permits private networks,
    and plain http to this machine. Source: standardwebhooks.com, specification 1.0.
    """

    kind: Literal["webhook"]
    url: SecretStr
    sign: SecretStr | None = None
    allow_private: bool = False
    personal: ClassVar[bool] = False

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(value.get_secret_value())
        except ValueError:
            raise ValueError("this is not a web address") from None
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("this is not a web address; write https://...")
        return value

    @field_validator("sign")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _signing_key(value):
            raise ValueError("this is no signing secret; write text, or whsec_ and base64")
        return value

    @property
    def reaches_private(self) -> bool:
        return self.allow_private

    def delivery(self, message: Message, sending: Sending) -> HttpRequest:
        body = _body(message, sending)
        token = message_token(message.key)
        # The message's own time, not the attempt's: a repeat is the same bytes.
        stamp = str(int(message.date.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "kace-bridge",
            "Idempotency-Key": token,
            "webhook-id": token,
            "webhook-timestamp": stamp,
        }
        if self.sign is not None:
            signed = f"{token}.{stamp}.".encode() + body
            digest = hmac.digest(_signing_key(self.sign), signed, sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode('ascii')}"
        return HttpRequest(Secret(self.url.get_secret_value()), headers, body)


def _body(message: Message, sending: Sending) -> bytes:
    data = {
        "ticket": message.ticket,
        "url": sending.link(message.ticket),
        "template": message.template,
        "subject": subject_line(message),
        "text": clean_text(message.text),
        "urgent": message.urgent,
    }
    whole = {"type": "ticket.message", "timestamp": message.date.isoformat(), "data": data}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True).encode("ascii")


def _signing_key(secret: SecretStr) -> bytes:
    """The key *secret* stands for; empty where it is none."""
    text = secret.get_secret_value()
    if not text.startswith(_PREFIX):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except NotBase64:
        return b""
