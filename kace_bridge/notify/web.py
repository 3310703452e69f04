"""Web requests going out: one public address, checked; no redirect, no proxy, ten seconds in all.

Done on `http.client` instead of the HTTP library used for the appliance: the address that was
checked is the address connected to, and one timer bounds the whole exchange, however slowly
the other side drips.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from kace_bridge.model.message import HttpRequest, Outcome
from kace_bridge.model.text import clean_line
from kace_bridge.notify.outcome import Timeouts, dead, fault_of, gone, refused_for_now, unreachable
from kace_bridge.notify.targets import address_fault, url_fault

_LATER = frozenset({408, 425, 429})
_GONE = 410
_TOO_LATE = "no complete answer in time"
_LONGEST_WAIT_S = 6 * 3600.0


Resolver = Callable[[str, int], list[tuple[str, int]]]
"""The addresses and ports to connect to for a host and port. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; ``body`` is its beginning."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """What this machine's name service says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(entry[4][0]), port) for entry in found))


def post(
    request: HttpRequest, timeouts: Timeouts, *, private: bool, resolver: Resolver = resolve
) -> Outcome:
    """Send *request* and judge the status. The answer's body is not read."""
    answer = exchange(request, timeouts, private=private, resolver=resolver, most=0)
    return answer if isinstance(answer, Outcome) else judge(answer)


def exchange(
    request: HttpRequest,
    timeouts: Timeouts,
    *,
    private: bool,
    resolver: Resolver = resolve,
    most: int = 65_536,
) -> Answer | Outcome:
    """The answer to *request*, at most *most* bytes of it; or why there is none."""
    fault = url_fault(request.url, private=private)
    if fault:
        return dead(fault)
    parts = urlsplit(request.url)
    ends = time.monotonic() + timeouts.answer_s
    try:
        addresses = resolver(parts.hostname or "", _port(parts))
    except (OSError, UnicodeError) as error:
        return unreachable(f"{parts.hostname} cannot be found ({fault_of(error)})")
    for address, _ in addresses:
        fault = address_fault(address, private=private)
        if fault:
            return dead(f"{parts.hostname} is {fault}")
    try:
        connected = _connect(parts, addresses, min(timeouts.connect_s, timeouts.answer_s))
    except OSError as error:
        return unreachable(f"{parts.hostname} cannot be reached ({fault_of(error)})")
    with _cut_at(connected, ends) as expired:
        return _exchange(parts, connected, request, expired, most)


def _exchange(
    parts: SplitResult,
    connected: socket.socket,
    request: HttpRequest,
    expired: threading.Event,
    most: int,
) -> Answer | Outcome:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port)
    connection.sock = connected
    try:
        connection.request(request.method, target, request.body, dict(request.headers))
        got = connection.getresponse()
        body = got.read(most) if most else b""
    except (http.client.HTTPException, OSError) as error:
        late = expired.is_set() or isinstance(error, TimeoutError)
        said = _TOO_LATE if late else fault_of(error)
        return Outcome("unknown", f"sent to {parts.hostname}, but {said}")
    finally:
        connection.close()
    if expired.is_set():
        # An answer cut by the timer reads like a short but complete one.
        return Outcome("unknown", f"sent to {parts.hostname}, but {_TOO_LATE}")
    return Answer(got.status, got.reason, dict(got.headers), body)


def judge(answer: Answer) -> Outcome:
    """What the status of *answer* means for the message."""
    said = clean_line(f"HTTP {answer.status} {answer.reason}", 100)
    if 200 <= answer.status < 300:
        return Outcome("sent")
    if answer.status >= 500 or answer.status in _LATER:
        named = {name.lower(): value for name, value in answer.headers.items()}
        return refused_for_now(said, _wait(named.get("retry-after", "")))
    if answer.status == _GONE:
        return gone("HTTP 410: the receiver is gone and asks for no more messages")
    if 300 <= answer.status < 400:
        return dead(f"{said}: redirects are not followed; configure the final address")
    return dead(said)


def _wait(text: str) -> float | None:
    """Seconds a Retry-After header asks for (number or date), within reason."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT_S)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _connect(
    parts: SplitResult, addresses: list[tuple[str, int]], timeout_s: float
) -> socket.socket:
    """A socket to the first of the checked *addresses* that answers, under TLS for https."""
    fault: OSError = OSError("no address")
    for address in addresses:
        try:
            plain = socket.create_connection(address, timeout_s)
        except OSError as error:
            fault = error
            continue
        if parts.scheme == "http":
            return plain
        try:
            context = ssl.create_default_context()
            return context.wrap_socket(plain, server_hostname=parts.hostname)
        except OSError:
            plain.close()
            raise
    raise fault


@contextmanager
def _cut_at(connected: socket.socket, ends: float) -> Iterator[threading.Event]:
    """End whatever goes on over *connected* at *ends*: a dripping answer renews no timeout."""
    expired = threading.Event()

    def cut() -> None:
        expired.set()
        try:
            socket.socket.shutdown(connected, socket.SHUT_RDWR)
        except OSError:
            # It ended by itself at the same moment.
            return

    timer = threading.Timer(max(ends - time.monotonic(), 0.0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()
