"""Servers of a few lines that speak just enough HTTP to misbehave.

The certificate in tls/ is a self-signed one for localhost, made for these tests alone.
"""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kace_bridge.clock import Clock, SystemClock
from kace_bridge.sma.address import check_address
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.transport import CookieJar, Limits, Transport

TLS = Path(__file__).parent / "tls"
READ = Request("GET", "/api/users/me")
WRITE = Request("PUT", "/api/service_desk/tickets/41", body={"Tickets": [{"title": "x"}]})
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def listening(
    talk: Callable[[socket.socket], None],
    *,
    tls: bool | ssl.SSLContext = False,
    host: str = "127.0.0.1",
) -> Iterator[int]:
    """Hand each connection to *talk*; gives the port. *tls* may bring a certificate of its own."""
    listener = socket.create_server((host, 0))
    context = tls if isinstance(tls, ssl.SSLContext) else _context()

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


def _context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(TLS / "localhost.pem", TLS / "localhost.key")
    return made


@contextmanager
def transport(
    url: str, clock: Clock | None = None, cap_s: float = 5.0, **address: Any
) -> Iterator[Transport]:
    made = Transport(
        check_address(url, **address), clock or SystemClock(), Limits(2, 2, cap_s), "test/1"
    )
    try:
        yield made
    finally:
        made.close()


def send(port: int, request: Request, **settings: Any) -> Reply:
    cap = settings.pop("cap", 1000)
    send_by = settings.pop("send_by", None)
    scheme = settings.pop("scheme", "http")
    host = settings.pop("host", "127.0.0.1")
    with transport(f"{scheme}://{host}:{port}", **settings) as made:
        return made.send(request, CookieJar(), cap=cap, send_by=send_by)


def read_request(connection: socket.socket) -> bytes:
    """The whole request: closed with part of it unread, a connection is reset."""
    received, missing = b"", 1
    while missing > 0:
        part = connection.recv(65536)
        if not part:
            return received
        received += part
        head, complete, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        missing = (int(length[1]) if length else 0) - len(body) if complete else 1
    return received


def answer(reply: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(reply)

    return talk
