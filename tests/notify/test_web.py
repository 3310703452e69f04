"""Webhooks over real HTTP on loopback."""

import base64
import hashlib
import hmac
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest

from kace_bridge.model.message import HttpRequest, Outcome
from kace_bridge.notify.channels import Sending, channel_adapter
from kace_bridge.notify.deliver import Courier, Timeouts, deliver
from tests.notify.conftest import Receiver
from tests.unit.notify.messages import make_message

Answer = Callable[[BaseHTTPRequestHandler], None]
Start = Callable[[Answer], Receiver]
SHORT = Timeouts(connect_s=0.3, answer_s=0.3)


def status(code: int, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def post(url: str, timeouts: Timeouts | None = None, *, private: bool = True) -> Outcome:
    with Courier(timeouts) as courier:
        return courier.deliver(HttpRequest(url, {"webhook-id": "k"}, b"{}"), private=private)


def test_a_message_arrives_signed(receiver: Start) -> None:
    """What the receiver verifies is what it got."""
    made = receiver(status(204))
    channel = channel_adapter().validate_python(
        {"kind": "webhook", "url": made.url, "sign": "plain", "allow_private": True}
    )
    delivery = channel.delivery(make_message(to=""), Sending("kb"))
    assert deliver(delivery, private=channel.reaches_private) == Outcome("sent")
    ((path, headers, body),) = made.requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"plain", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert headers["Host"] == made.url.split("/")[2]
    assert path == "/hook?token=s3kr1t"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (200, "sent"), (201, "sent"), (204, "sent"), (299, "sent"),
        (301, "dead"), (302, "dead"), (307, "dead"), (308, "dead"), (304, "dead"),
        (400, "dead"), (401, "dead"), (403, "dead"), (404, "dead"), (413, "dead"), (422, "dead"),
        (410, "retry"),
        (408, "retry"), (425, "retry"), (429, "retry"),
        (500, "retry"), (502, "retry"), (503, "retry"), (504, "retry"), (599, "retry"),
    ],
)  # fmt: skip
@pytest.mark.catalogue("D06")
def test_every_status_has_one_meaning(receiver: Start, code: int, kind: str) -> None:
    """Accepted, to be repeated, or final; the reason names the status and no secret."""
    made = receiver(status(code, Location="http://127.0.0.1:1/"))
    outcome = post(made.url)
    assert outcome.kind == kind
    assert len(made.requests) == 1
    assert "s3kr1t" not in outcome.reason
    assert kind == "sent" or str(code) in outcome.reason


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param("0", 0.0, id="at once"),
        pytest.param("999999999999", 21600.0, id="absurd"),
        pytest.param("Mon, 02 Mar 2020 14:01:13 GMT", 0.0, id="a date gone by"),
        pytest.param("soon", None, id="nonsense"),
        pytest.param("-5", None, id="negative"),
        pytest.param("", None, id="empty"),
    ],
)
@pytest.mark.catalogue("D10")
def test_the_wait_that_is_asked_for_is_read(
    receiver: Start, value: str, wait: float | None
) -> None:
    """Seconds or a date, within reason."""
    assert post(receiver(status(429, Retry_After=value)).url).retry_after == wait


def test_a_date_to_come_is_read(receiver: Start) -> None:
    """As a wait from now."""
    at = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    wait = post(receiver(status(503, Retry_After=at)).url).retry_after
    assert wait is not None
    assert 0 < wait <= 3600


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\nX-Drip: x", b"HTTP/1.1 200 O", b""], ids=["headers", "line", "0"]
)
@pytest.mark.catalogue("D08")
def test_a_dripping_answer_ends_in_time(receiver: Start, start: bytes) -> None:
    """One byte at a time renews no timeout; the request may have been understood."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        handler.connection.settimeout(0.03)
        while True:
            try:
                handler.wfile.write(start[-1:])
                if handler.connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    outcome = post(receiver(drip).url, SHORT)
    assert (outcome.kind, outcome.reason) == (
        "unknown", "sent to 127.0.0.1, but no complete answer in time",
    )  # fmt: skip


@pytest.mark.catalogue("D08")
def test_a_huge_answer_is_not_read(receiver: Start) -> None:
    """The status is enough."""
    sent = 0

    def flood(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**9))
        handler.end_headers()
        try:
            while sent < 10**8:
                sent += handler.connection.send(b"x" * 65536)
        except OSError:
            return

    assert post(receiver(flood).url).kind == "sent"
    assert sent < 10**8


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="closes without a word"),
        pytest.param(b"nonsense\r\n\r\n", id="not HTTP"),
        pytest.param(b"HTTP/1.1 abc\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", id="200 headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", id="a long header"),
    ],
)
def test_an_answer_that_makes_no_sense_is_unknown(receiver: Start, raw: bytes) -> None:
    """It may have been accepted: repeat it, with the same id."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.close_connection = True

    assert post(receiver(answer).url).kind == "unknown"


def test_nobody_there_is_tried_later() -> None:
    """Nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = post(f"http://127.0.0.1:{port}/s3kr1t")
    assert outcome.kind == "retry"
    assert "s3kr1t" not in outcome.reason


def test_https_to_a_server_without_it_is_tried_later(receiver: Start) -> None:
    """The handshake fails before anything is sent."""
    made = receiver(status(200))
    outcome = post(made.url.replace("http://", "https://"))
    assert outcome.kind == "retry"
    assert made.requests == []


@pytest.mark.catalogue("S07")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost",
        "[::1]", "[::ffff:127.0.0.1]", "[::]", "169.254.169.254", "[::ffff:a9fe:a9fe]",
        "192.168.0.1", "10.0.0.1", "[fe80::1]", "[fd00:ec2::254]", "224.0.0.1",
    ],
)  # fmt: skip
def test_private_addresses_are_not_reached_in_any_spelling(host: str) -> None:
    """Refused for good, before a connection is made."""
    outcome = post(f"https://{host}/s3kr1t", private=False)
    assert outcome.kind == "dead"
    assert "s3kr1t" not in outcome.reason


@pytest.mark.catalogue("S07")
@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:a9fe:a9fe]", "0.0.0.0", "224.0.0.1"])
def test_metadata_and_crowds_are_never_reached(host: str) -> None:
    """Not even where private networks are allowed."""
    assert post(f"https://{host}/", private=True).kind == "dead"


def test_plain_http_needs_permission_and_loopback(receiver: Start) -> None:
    """Elsewhere it is https or nothing."""
    made = receiver(status(200))
    assert post(made.url, private=False).kind == "dead"
    assert post("http://192.168.0.1/", private=True).kind == "dead"
    assert made.requests == []


@pytest.mark.catalogue("S07")
def test_proxies_of_the_environment_are_not_used(
    receiver: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing between the address that was checked and the one reached."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert os.environ["http_proxy"]
    assert post(receiver(status(200)).url).kind == "sent"
