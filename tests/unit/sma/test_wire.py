"""Real sockets: what is known about a request that went wrong on its way."""

import gc
import gzip
import socket
import threading
from dataclasses import dataclass

import pytest

from kace_bridge.clock import SystemClock
from kace_bridge.errors import NotSent, OutcomeUnknown, RetryLater
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.transport import CookieJar, TimedOut
from tests.unit.sma.server import (
    GOOD,
    READ,
    WRITE,
    answer,
    listening,
    read_request,
    send,
    transport,
)

PACKED = gzip.compress(b" " * 1_000_000)
BOMB = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (
    len(PACKED), PACKED,
)  # fmt: skip


def hang_up(connection: socket.socket) -> None:
    read_request(connection)


def trickle(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    pause = threading.Event()
    while True:
        connection.sendall(b" ")
        pause.wait(0.005)


def test_a_request_carries_length_agent_and_percent_encoded_query():
    """Content-Length, no chunks; Accept JSON; blanks as %20."""
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(GOOD)

    request = Request("PUT", "/x", (("filtering", "a gt 1"),), body={"b": "ü"})
    with listening(talk) as port:
        assert send(port, request).body == b"{}"
    head = seen[0].partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith("put /x?filtering=a%20gt%201 http/1.1")
    assert "content-length: 15" in head
    assert "chunked" not in head
    assert "user-agent: test/1" in head
    assert "accept: application/json" in head
    assert "accept-encoding: gzip" in head


@pytest.mark.catalogue("A40")
def test_a_refused_connection_is_surely_not_sent():
    """Said in words an administrator can use, for reads and writes alike."""
    with listening(hang_up) as port:
        pass
    for request in (READ, WRITE):
        with pytest.raises(NotSent) as caught:
            send(port, request)
        assert str(caught.value) == (
            f"cannot reach http://127.0.0.1:{port}: connection refused; "
            "is the appliance up and the URL right?"
        )


def test_an_unknown_name_is_surely_not_sent(monkeypatch):
    """A name that does not resolve is told as such."""

    def unknown(*_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        pytest.raises(NotSent, match="its name is not known"),
        transport("https://kace.invalid") as made,
    ):
        made.send(WRITE, CookieJar())


@pytest.mark.catalogue("A40")
@pytest.mark.catalogue("S24")
@pytest.mark.parametrize(
    ("talk", "of_read"),
    [
        pytest.param(hang_up, RetryLater, id="hung up without an answer"),
        pytest.param(
            answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), RetryLater, id="cut"
        ),
        pytest.param(answer(b"garbage\r\n\r\n"), RetryLater, id="not HTTP"),
        pytest.param(
            answer(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
            RetryLater,
            id="not gzip",
        ),
        pytest.param(
            answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000),
            TooLarge,
            id="over the cap",
        ),
        pytest.param(answer(BOMB), TooLarge, id="over the cap once unpacked"),
    ],
)
def test_once_sent_a_write_is_of_unknown_outcome(talk, of_read):
    """The bytes left; only the appliance knows what it did with them."""
    with listening(talk) as port:
        with pytest.raises(of_read):
            send(port, READ)
        with pytest.raises(OutcomeUnknown, match="may have been carried out"):
            send(port, WRITE)


@pytest.mark.catalogue("A11")
@pytest.mark.catalogue("S24")
def test_a_body_that_trickles_meets_the_total_limit():
    """Each byte comes in time and the whole does not: the total limit counts."""
    with listening(trickle) as port:
        with pytest.raises(TimedOut, match="no complete answer within"):
            send(port, READ, cap_s=0.1)
        with pytest.raises(OutcomeUnknown):
            send(port, WRITE, cap_s=0.1)


@dataclass
class LeapingClock(SystemClock):
    """Stands still until something waits for a connection, then leaps past any deadline."""

    leapt: bool = False

    def monotonic(self) -> float:
        return 100.0 if self.leapt else 0.0


def test_the_send_deadline_counts_until_the_first_byte(monkeypatch):
    """A deadline that passes while connecting stops the request: the appliance sees no byte."""
    received: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        received.append(connection.recv(10))

    clock = LeapingClock()

    def connect_slowly(address, *_args, **_kwargs):
        made = socket.create_connection(address)
        clock.leapt = True
        return made

    monkeypatch.setattr("urllib3.connection.connection.create_connection", connect_slowly)
    with (
        listening(talk) as port,
        pytest.raises(NotSent, match="was not sent: its send deadline passed"),
    ):
        send(port, WRITE, clock=clock, send_by=50.0, cap_s=1000)
    assert received in ([], [b""])


def test_a_kept_connection_checks_the_deadline_too():
    """The second request on one connection is looked at as the first was."""
    clock = LeapingClock()

    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(GOOD)

    with listening(talk) as port, transport(f"http://127.0.0.1:{port}", clock) as made:
        jar = CookieJar()
        made.send(WRITE, jar, send_by=50.0)
        clock.leapt = True
        with pytest.raises(NotSent, match="deadline"):
            made.send(WRITE, jar, send_by=50.0)


@pytest.mark.catalogue("S06")
def test_a_redirect_is_handed_back_unfollowed():
    """The reply is the redirect itself; its body is capped like any other."""
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with listening(answer(moved)) as port:
        assert send(port, WRITE).status == 307


@pytest.mark.catalogue("S06")
def test_cookies_go_to_the_jar_given():
    """Each session has its own jar: an old one cannot leak into a new one."""
    reply = GOOD.replace(b"\r\n\r\n", b"\r\nSet-Cookie: kboxid=abc; path=/\r\n\r\n")
    first, second = CookieJar(), CookieJar()
    with (
        listening(answer(reply)) as port,
        transport(f"http://127.0.0.1:{port}") as made,
    ):
        answered = made.send(Request("POST", "/ams/x", body={}), first)
    assert dict(first) == {"kboxid": "abc"} == answered.cookies
    assert dict(second) == {}


def test_what_json_cannot_say_is_refused_before_sending():
    """A programming error is a ValueError, not a request."""
    with listening(answer(GOOD)) as port, pytest.raises(ValueError, match="cannot be sent"):
        send(port, Request("PUT", "/x", body={"a": object()}))


def test_closing_ends_every_connection_though_one_was_lost_before():
    """What an error refers to is freed much later; a long-lived process must not pile them up."""
    requests_seen: list[bytes] = []
    ended = threading.Event()

    def talk(connection: socket.socket) -> None:
        requests_seen.append(read_request(connection))
        if len(requests_seen) == 1:
            return  # hangs up without an answer
        connection.sendall(GOOD)
        if connection.recv(1) == b"":
            ended.set()

    gc.collect()
    gc.disable()
    try:
        with listening(talk) as port:
            with transport(f"http://127.0.0.1:{port}") as made:
                with pytest.raises(RetryLater):
                    made.send(READ, CookieJar())
                assert made.send(READ, CookieJar()).body == b"{}"
                assert not ended.is_set()
            assert ended.wait(5)
    finally:
        gc.enable()
