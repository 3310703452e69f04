"""Real sockets: what is known about a request that went wrong on its way.

The servers here are a few lines each and speak just enough HTTP to misbehave.
The certificate in tls/ is a self-signed one for localhost, made for these tests alone.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kace_bridge.clock import SystemClock
from kace_bridge.errors import NotSent, OutcomeUnknown, RetryLater
from kace_bridge.sma.address import check_address
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.transport import CookieJar, Limits, TimedOut, Transport

TLS = Path(__file__).parent / "tls"
READ = Request("GET", "/api/users/me")
WRITE = Request("PUT", "/api/service_desk/tickets/41", body={"Tickets": [{"title": "x"}]})
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def listening(
    talk: Callable[[socket.socket], None], *, tls: bool = False, host: str = "127.0.0.1"
) -> Iterator[int]:
    """Hand each connection to *talk*; gives the port."""
    listener = socket.create_server((host, 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem", TLS / "localhost.key")

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                if tls:
                    connection = context.wrap_socket(connection, server_side=True)
                with connection:
                    talk(connection)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


@contextmanager
def transport(url: str, clock=None, cap_s: float = 5.0, **address) -> Iterator[Transport]:
    made = Transport(
        check_address(url, **address), clock or SystemClock(), Limits(2, 2, cap_s), "test/1"
    )
    try:
        yield made
    finally:
        made.close()


def send(port: int, request: Request, **settings) -> Reply:
    cap = settings.pop("cap", 1000)
    send_by = settings.pop("send_by", None)
    scheme = settings.pop("scheme", "http")
    host = settings.pop("host", "127.0.0.1")
    with transport(f"{scheme}://{host}:{port}", **settings) as made:
        return made.send(request, CookieJar(), cap=cap, send_by=send_by)


def read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return received
        received += part
    return received


def answer(reply: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(reply)

    return talk


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
    ],
)
def test_once_sent_a_write_is_of_unknown_outcome(talk, of_read):
    """The bytes left; only the appliance knows what it did with them."""
    with listening(talk) as port:
        with pytest.raises(of_read):
            send(port, READ)
        with pytest.raises(OutcomeUnknown, match="may have been carried out"):
            send(port, WRITE)


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


def test_an_untrusted_certificate_stops_before_anything_is_sent():
    """Verification is on; the message names the setting that cures it."""
    with (
        listening(answer(GOOD), tls=True) as port,
        pytest.raises(NotSent, match=r"certificate is not trusted.*KACE_CA_BUNDLE"),
    ):
        send(port, WRITE, scheme="https")


def test_a_private_authority_is_trusted_through_its_bundle():
    """ca_bundle is all that is needed, as a file."""
    with listening(answer(GOOD), tls=True) as port:
        bundle = str(TLS / "localhost.pem")
        assert send(port, WRITE, scheme="https", ca_bundle=bundle).status == 200


def test_a_certificate_of_another_host_is_not_trusted():
    """The name counts, not only the authority."""
    bundle = str(TLS / "localhost.pem")
    with (
        listening(answer(GOOD), tls=True, host="127.0.0.2") as port,
        pytest.raises(NotSent, match="certificate is not trusted"),
    ):
        send(port, WRITE, scheme="https", host="127.0.0.2", ca_bundle=bundle)


def test_the_insecure_host_connects_without_a_certificate_check():
    """Explicit, for that host, and without urllib3's warning on every request."""
    with listening(answer(GOOD), tls=True) as port:
        reply = send(port, READ, scheme="https", insecure_host="127.0.0.1")
    assert reply.status == 200


def test_a_plain_server_behind_an_https_url_is_surely_not_sent():
    """The handshake fails before the request exists."""
    with listening(answer(GOOD)) as port, pytest.raises(NotSent, match="cannot reach"):
        send(port, WRITE, scheme="https")


def test_a_redirect_is_handed_back_unfollowed():
    """The reply is the redirect itself; its body is capped like any other."""
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with listening(answer(moved)) as port:
        assert send(port, WRITE).status == 307


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
