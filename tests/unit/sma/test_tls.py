"""Certificates are checked, always; what switches that off is explicit."""

import socket

import pytest

from kace_bridge.errors import NotSent
from tests.unit.sma.server import GOOD, READ, TLS, WRITE, answer, listening, send


@pytest.mark.catalogue("A38")
@pytest.mark.catalogue("S05")
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


@pytest.mark.catalogue("S05")
def test_a_certificate_of_another_host_is_not_trusted():
    """The name counts, not only the authority."""
    bundle = str(TLS / "localhost.pem")
    with (
        listening(answer(GOOD), tls=True, host="127.0.0.2") as port,
        pytest.raises(NotSent, match="certificate is not trusted"),
    ):
        send(port, WRITE, scheme="https", host="127.0.0.2", ca_bundle=bundle)


@pytest.mark.catalogue("S05")
def test_the_insecure_host_connects_without_a_certificate_check():
    """Explicit, for that host, and without urllib3's warning on every request."""
    with listening(answer(GOOD), tls=True) as port:
        reply = send(port, READ, scheme="https", insecure_host="127.0.0.1")
    assert reply.status == 200


def test_a_plain_server_behind_an_https_url_is_surely_not_sent():
    """The handshake fails before the request exists."""

    def talk(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(talk) as port, pytest.raises(NotSent, match="cannot reach"):
        send(port, WRITE, scheme="https")
