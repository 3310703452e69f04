"""Real servers on loopback that follow a script."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HANG_UP = "hang up"


@dataclass
class Post:
    """An SMTP handler: answers by recipient, keeps what it accepted."""

    sender: str = "250 OK"
    recipients: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    accepted: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_MAIL(  # noqa: N802 -- the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        if self.sender.startswith("2"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.get(address, "250 OK")
        if answer == HANG_UP:
            server.transport.abort()
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.data.pop(0) if self.data else "250 accepted"
        content = bytes(envelope.original_content or b"")
        self.seen.append(content)
        if answer == HANG_UP:
            server.transport.abort()
        elif answer.startswith("2"):
            self.accepted.append((str(envelope.mail_from), list(envelope.rcpt_tos), content))
        return answer


class _AnyPort(Controller):
    """Finds a free port by itself; the library then wants to be told which it was."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(post: Post, **options: Any) -> Iterator[str]:
    """The ``host:port`` of a running server for *post*."""
    controller = _AnyPort(post, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def refuse_everybody(*_: object) -> AuthResult:
    """An authenticator with a bad day."""
    return AuthResult(success=False, handled=False)


@dataclass
class Receiver:
    """An HTTP server: answers as told, keeps what it was sent."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], context: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A running server that answers so, encrypted where there is a *context*."""
    made = Receiver(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            made.requests.append((self.path, dict(self.headers), body))
            made.answer(self)

        do_GET = do_PUT = do_POST  # noqa: N815 -- the library's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=s3kr1t"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], None]], Receiver]]:
    """Start receivers; they are gone after the test."""
    with ExitStack() as running:
        yield lambda answer: running.enter_context(serving(answer))
