"""Encrypted deliveries: to whom the certificate names, or to nobody."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kace_bridge.model.message import HttpRequest, Mail
from kace_bridge.notify.deliver import deliver
from tests.notify.conftest import Post, mail_server

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a key")
CONTENT = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key, and a certificate for ``localhost`` that nobody has signed but itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return key, certificate


@pytest.fixture
def context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """What a server at ``localhost`` uses."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate[1], certificate[0])
    return made


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts that certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))


@contextmanager
def web_server(context: ssl.SSLContext) -> Iterator[tuple[int, list[str]]]:
    """A port that speaks https, and the Host headers it was sent."""
    hosts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hosts.append(self.headers["Host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            del request, client_address

    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_address[1], hosts
    finally:
        server.shutdown()
        server.server_close()


def mail_to(url: str) -> Mail:
    return Mail(url, "d@example.org", "j@example.org", CONTENT)


@pytest.mark.usefixtures("trusted")
def test_starttls_with_a_trusted_server(context: ssl.SSLContext) -> None:
    """Encrypted before anything is said."""
    post = Post()
    with mail_server(post, tls_context=context, require_starttls=True) as host:
        port = host.partition(":")[2]
        assert deliver(mail_to(f"smtp://localhost:{port}?tls=starttls")).kind == "sent"
    assert len(post.accepted) == 1


def test_starttls_with_an_unknown_server(context: ssl.SSLContext) -> None:
    """The mail stays here, and the reason says why."""
    post = Post()
    with mail_server(post, tls_context=context) as host:
        port = host.partition(":")[2]
        outcome = deliver(mail_to(f"smtp://u:s3kr1t@localhost:{port}?tls=starttls"))
    assert (outcome.kind, post.accepted) == ("retry", [])
    assert "certificate verify failed" in outcome.reason.lower()


@pytest.mark.usefixtures("trusted")
def test_starttls_with_a_server_of_another_name(context: ssl.SSLContext) -> None:
    """Trusted, but not the one we asked for."""
    post = Post()
    with mail_server(post, tls_context=context) as host:
        outcome = deliver(mail_to(f"smtp://{host}?tls=starttls"))
    assert (outcome.kind, post.accepted) == ("retry", [])


@pytest.mark.usefixtures("trusted")
def test_a_webhook_reaches_the_server_the_certificate_names(context: ssl.SSLContext) -> None:
    """Connected by the checked address, verified and greeted by name."""
    with web_server(context) as (port, hosts):
        request = HttpRequest(f"https://localhost:{port}/x", {}, b"{}")
        assert deliver(request, private=True).kind == "sent"
        assert hosts == [f"localhost:{port}"]


def test_a_webhook_does_not_trust_just_anybody(context: ssl.SSLContext) -> None:
    """Nothing is sent to a server nobody vouches for."""
    with web_server(context) as (port, hosts):
        outcome = deliver(HttpRequest(f"https://localhost:{port}/x", {}, b"{}"), private=True)
        assert (outcome.kind, hosts) == ("retry", [])


@pytest.mark.usefixtures("trusted")
def test_a_webhook_does_not_trust_another_name(context: ssl.SSLContext) -> None:
    """A certificate for localhost does not do for 127.0.0.1."""
    with web_server(context) as (port, hosts):
        outcome = deliver(HttpRequest(f"https://127.0.0.1:{port}/x", {}, b"{}"), private=True)
        assert (outcome.kind, hosts) == ("retry", [])
