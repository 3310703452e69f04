"""S07: a webhook reaches the address an admin meant, whatever its name resolves to."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.notify.conftest import receiver
from tests.notify.test_web import Start, status
from tests.notify.test_web import post as send

__all__ = ["receiver"]
pytestmark = pytest.mark.catalogue("S07")

FORMS = [
    # IPv4 in every spelling a resolver or a browser accepts
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0177.1",
    "017700000001", "0x7F.0x0.0x0.0x1", "127.000.000.001", "127.255.255.254", "0", "0.0.0.0", "00",
    # private, shared, link-local, reserved, documentation, benchmarking, multicast, broadcast
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.254",
    "100.64.0.1", "169.254.169.254", "169.254.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "3232235521", "0xc0a80001", "0xa9fea9fe", "2852039166", "167772161",
    # IPv6, and IPv4 inside it
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]",
    "[2002:7f00:1::]", "[2002:a00:1::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
    "[2001:db8::1]", "[fec0::1]",
    # names
    "localhost", "LOCALHOST", "localhost.", "ip6-localhost",
]  # fmt: skip
URLS = [
    "http://ops.example.org/", "ftp://ops.example.org/", "file:///etc/passwd", "gopher://127.0.0.1/",
    "https://user:pw@ops.example.org/", "https://ops.example.org\\@127.0.0.1/", "https:///x",
    "https://ops.example.org:0/", "https://[::1/", "//127.0.0.1/", "dict://127.0.0.1:11211/",
    "https://ops.example.org/\r\nX: y", "https://127.0.0.1%00.example.org/", "jar:https://x!/",
]  # fmt: skip


@pytest.mark.parametrize("host", FORMS)
def test_no_spelling_of_a_private_address_is_reached(host: str) -> None:
    """Refused before a connection; what does not even resolve here is not sent either."""
    assert send(f"https://{host}/hook", private=False).kind in {"dead", "retry"}


@pytest.mark.parametrize("url", URLS)
def test_no_odd_address_is_requested(url: str) -> None:
    """Only https, one host, no user name, nothing clever."""
    assert send(url, private=False).kind == "dead"


def test_the_corpus_is_large_enough() -> None:
    """Sixty forms, all different."""
    assert len({*FORMS, *URLS}) >= 60


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Start, code: int) -> None:
    """Nor is its target asked for: one request, and an outcome that says what to configure."""
    made = receiver(status(code, Location="http://169.254.169.254/"))
    outcome = send(made.url)
    assert outcome.kind == "dead"
    assert "redirects are not followed" in outcome.reason
    assert len(made.requests) == 1


@pytest.mark.parametrize("answers", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"]])
def test_every_address_a_name_has_must_be_public(
    monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    """One private address among public ones is enough to refuse."""
    monkeypatch.setattr(socket, "getaddrinfo", resolver(lambda: answers))
    outcome = send("https://ops.example.org/hook", private=False)
    assert outcome.kind == "dead"
    assert "127.0.0.1" in outcome.reason


def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the name is resolved once, and that address is the one connected to."""
    asked: list[list[str]] = []

    def rebinding() -> list[str]:
        asked.append(["192.0.43.8"] if not asked else ["127.0.0.1"])
        return asked[-1]

    reached: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", resolver(rebinding))
    monkeypatch.setattr(socket, "create_connection", refusing(reached))
    assert send("https://ops.example.org/hook", private=False).kind == "retry"
    assert len(asked) == 1
    assert reached == [("192.0.43.8", 443)]


def resolver(answer: Callable[[], list[str]]) -> Callable[..., list[Any]]:
    """A name service with those answers."""

    def look_up(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in answer()]

    return look_up


def refusing(reached: list[Any]) -> Callable[..., socket.socket]:
    """Nobody listens; who was asked is noted."""

    def connect(address: Any, *_: Any, **__: Any) -> socket.socket:
        reached.append(address)
        raise ConnectionRefusedError

    return connect
