"""POST a webhook: one public address, checked; no redirect, no proxy, ten seconds in all.

Done on `http.client` instead of the HTTP library used for the appliance: the address that was
checked is the address connected to, and one timer bounds the whole exchange, however slowly
the other side drips.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from kace_bridge.model.message import HttpRequest, Outcome
from kace_bridge.model.text import clean_line
from kace_bridge.notify.outcome import Timeouts, dead, fault_of, refused_for_now
from kace_bridge.notify.targets import address_fault, url_fault

_LATER = frozenset({408, 425, 429})
_GONE = 410
_TOO_LATE = "no complete answer in time"
_LONGEST_WAIT_S = 6 * 3600.0


def post(request: HttpRequest, timeouts: Timeouts, *, private: bool) -> Outcome:
    """Send *request* and judge the status. The answer's body is not read."""
    fault = url_fault(request.url, private=private)
    if fault:
        return dead(fault)
    parts = urlsplit(request.url)
    ends = time.monotonic() + timeouts.answer_s
    try:
        addresses = _resolve(parts)
    except (OSError, UnicodeError) as error:
        return refused_for_now(f"{parts.hostname} cannot be found ({fault_of(error)})")
    for address in addresses:
        fault = address_fault(address, private=private)
        if fault:
            return dead(f"{parts.hostname} is {fault}")
    try:
        connected = _connect(parts, addresses, min(timeouts.connect_s, timeouts.answer_s))
    except OSError as error:
        return refused_for_now(f"{parts.hostname} cannot be reached ({fault_of(error)})")
    with _cut_at(connected, ends) as expired:
        return _exchange(parts, connected, request, expired)


def _exchange(
    parts: SplitResult, connected: socket.socket, request: HttpRequest, expired: threading.Event
) -> Outcome:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port)
    connection.sock = connected
    try:
        connection.request("POST", target, request.body, dict(request.headers))
        answer = connection.getresponse()
    except (http.client.HTTPException, OSError) as error:
        late = expired.is_set() or isinstance(error, TimeoutError)
        said = _TOO_LATE if late else fault_of(error)
        return Outcome("unknown", f"sent to {parts.hostname}, but {said}")
    finally:
        connection.close()
    if expired.is_set():
        # An answer cut by the timer reads like a short but complete one.
        return Outcome("unknown", f"sent to {parts.hostname}, but {_TOO_LATE}")
    return _judge(answer)


def _judge(answer: http.client.HTTPResponse) -> Outcome:
    said = clean_line(f"HTTP {answer.status} {answer.reason}", 100)
    if 200 <= answer.status < 300:
        return Outcome("sent")
    if answer.status >= 500 or answer.status in _LATER:
        return refused_for_now(said, _wait(answer.headers.get("Retry-After", "")))
    if answer.status == _GONE:
        return dead("gone: the receiver asks for no more messages (HTTP 410)")
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


def _resolve(parts: SplitResult) -> list[str]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _connect(parts: SplitResult, addresses: list[str], timeout_s: float) -> socket.socket:
    """A socket to the first of the checked *addresses* that answers, under TLS for https."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    fault: OSError = OSError("no address")
    for address in addresses:
        try:
            plain = socket.create_connection((address, port), timeout_s)
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
