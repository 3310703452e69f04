"""The webhook channel."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from pydantic import ValidationError

from kace_bridge.model.message import HttpRequest
from kace_bridge.notify.channels import Sending, channel_adapter
from tests.unit.notify.messages import DATE, make_message

SENDING = Sending("kb.example.org", "https://kace.example.org/ticket?ID={id}")
KEY = base64.b64encode(b"k" * 32).decode()
CONFIG = {"kind": "webhook", "url": "https://ops.example.org/s3kr1t", "sign": f"whsec_{KEY}"}


def request(message: Any = None, **changes: object) -> HttpRequest:
    channel = channel_adapter().validate_python({**CONFIG, **changes})
    made = channel.delivery(message or make_message(to=""), SENDING)
    assert isinstance(made, HttpRequest)
    return made


def test_the_signature_is_the_standard_one() -> None:
    """HMAC-SHA256 over id, timestamp and body, base64, after ``v1,``."""
    made = request()
    signed = f"0123abcd.{int(DATE.timestamp())}.".encode() + made.body
    digest = hmac.new(b"k" * 32, signed, hashlib.sha256).digest()
    assert made.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert made.headers["webhook-id"] == made.headers["Idempotency-Key"] == "0123abcd"


def test_a_plain_secret_signs_too() -> None:
    """Not every receiver gives a whsec_ secret."""
    made = request(sign="plain text")
    signed = f"0123abcd.{int(DATE.timestamp())}.".encode() + made.body
    digest = hmac.new(b"plain text", signed, hashlib.sha256).digest()
    assert made.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_without_a_secret_there_is_no_signature() -> None:
    """And everything else stays."""
    made = request(sign=None)
    assert "webhook-signature" not in made.headers
    assert made.headers["webhook-timestamp"] == str(int(DATE.timestamp()))


def test_the_body_says_what_happened() -> None:
    """JSON with the ticket, its address, the words."""
    body = json.loads(request(make_message(to="", urgent=True)).body)
    assert body == {
        "type": "ticket.message",
        "timestamp": "2026-03-02T14:01:13+00:00",
        "data": {
            "ticket": 41,
            "url": "https://kace.example.org/ticket?ID=41",
            "template": "receipt",
            "subject": "[TICK:41] VPN drops",
            "text": "Hello Jane,\n\nwe have it.\n",
            "urgent": True,
        },
    }


def test_hostile_text_stays_inside_its_json_string() -> None:
    """Lone surrogates, quotes, line ends and keys that are no header values."""
    message = make_message(to="", key='a"\r\nX: y', subject='"}\ud800\r\n', text='"]}\x00\u2028')
    made = request(message)
    assert json.loads(made.body)["data"]["text"] == '"]}'
    assert all(value.isprintable() and value.isascii() for value in made.headers.values())


@pytest.mark.catalogue("D09")
def test_a_repeat_is_identical() -> None:
    """Same id, same stamp, same signature, same bytes."""
    assert request() == request()


def test_it_needs_no_person_and_shows_no_secret() -> None:
    """A webhook URL is a secret by itself."""
    channel = channel_adapter().validate_python({**CONFIG, "allow_private": True})
    assert not channel.personal
    assert channel.reaches_private
    assert "s3kr1t" not in repr(channel) + repr(request()) + str(channel)
    assert KEY not in repr(channel)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"url": "s3kr1t"}, id="no address"),
        pytest.param({"url": "ftp://s3kr1t"}, id="another scheme"),
        pytest.param({"url": "https://[s3kr1t"}, id="broken"),
        pytest.param({"sign": ""}, id="empty secret"),
        pytest.param({"sign": "whsec_s3kr1t!"}, id="secret is not base64"),
        pytest.param({"sign": "whsec_"}, id="nothing after whsec_"),
        pytest.param({"allow_private": "yes"}, id="text for true"),
        pytest.param({"to": "x"}, id="unknown key"),
    ],
)
@pytest.mark.catalogue("D21")
def test_mistakes_are_refused_without_showing_the_secret(changes: dict[str, object]) -> None:
    """What is wrong and where, never the value."""
    with pytest.raises(ValidationError) as caught:
        channel_adapter().validate_python({**CONFIG, **changes})
    assert "s3kr1t" not in str(caught.value)
