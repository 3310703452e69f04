"""An appliance over real HTTP, on loopback only."""

import gzip
import socket
import ssl
import sys
import time
from contextlib import suppress
from http.client import responses as reasons
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from kace_bridge.sandbox.appliance import Appliance
from kace_bridge.sandbox.exchange import Reply, Request

HOST = "127.0.0.1"
WORTH_PACKING = 1024  # bytes; below it gzip only costs time


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "KACE-sandbox"
    disable_nagle_algorithm = True
    server: "_Listener"

    def setup(self) -> None:
        super().setup()
        self.server.track(self.connection, opened=True)

    def finish(self) -> None:
        self.server.track(self.connection, opened=False)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- inherited name
        """Say nothing: the console belongs to whoever serves."""

    def answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower() or not length.isdecimal():
            self._send(Reply(411, [], b"Length Required"))
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(length))
        request = Request(self.command, path, query, dict(self.headers.items()), body)
        reply = self.server.app.handle(request)
        if reply.delay_s > 0:
            time.sleep(reply.delay_s)
        if reply.drop:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer  # noqa: N815

    def _send(self, reply: Reply) -> None:
        body, headers = reply.body, list(reply.headers)
        asked = self.headers.get("Accept-Encoding", "")
        if "gzip" in asked and len(body) >= WORTH_PACKING and reply.truncate is None:
            body = gzip.compress(body, compresslevel=1)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        if reply.truncate is not None:
            body = body[: reply.truncate]
            self.close_connection = True
        lines = [f"HTTP/1.1 {reply.status} {reasons.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        # One write: two small packets would wait for each other on a kept-alive connection.
        self.wfile.write(head if self.command == "HEAD" else head + body)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, app: Appliance) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((HOST, port), _Handler)

    def track(self, connection: socket.socket, *, opened: bool) -> None:
        with self._lock:
            (self._open.add if opened else self._open.discard)(connection)

    def hang_up(self) -> None:
        """End kept-alive connections, so their threads end too."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours; anything else is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Server:
    """A running sandbox; leaving the context stops it."""

    def __init__(self, app: Appliance, port: int = 0, tls: Path | None = None) -> None:
        self.app = app
        self._scheme = "https" if tls else "http"
        self._listener = _Listener(port, app)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            # The handshake belongs to the connection's own thread, not to the accepting one.
            self._listener.socket = context.wrap_socket(
                self._listener.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://{HOST}:{self.port}"

    @property
    def control(self) -> str:
        """The root of the control surface."""
        return f"{self.url}/sandbox"

    @property
    def username(self) -> str:
        return self.app.settings.username

    @property
    def password(self) -> str:
        return self.app.settings.password

    @property
    def organization(self) -> str:
        return self.app.settings.organization

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve(app: Appliance, port: int = 0, tls: Path | None = None) -> Server:
    """Start serving *app* on 127.0.0.1; port 0 takes a free one. OSError if it is taken.

    *tls* is a PEM file with a certificate and its key, self-signed ones included.
    """
    return Server(app, port, tls)
