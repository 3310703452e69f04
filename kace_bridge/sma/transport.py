"""The one place that touches the network, and the one that translates its exceptions.

Every request has a connect, a read and a total limit; redirects are never followed; nothing is
repeated here. An error raised here carries no requests object, because those hold the headers
and the body: it is made after the foreign exception has been dropped.
"""

import http.client
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import quote

import requests
import urllib3.exceptions
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from kace_bridge.clock import Clock
from kace_bridge.errors import ConfigError, KaceBridgeError, NotSent, OutcomeUnknown, RetryLater
from kace_bridge.sma.address import Address
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.failure import certainly_not_sent, describe
from kace_bridge.sma.replies import TooLarge
from kace_bridge.sma.secret import Secret
from kace_bridge.sma.wire import WARD, Adapter, TooLateToSend, Ward

log = logging.getLogger(__name__)

BODY_CAP = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    UnicodeError,
)


class TimedOut(RetryLater):
    """A read took too long; asking for less may help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting, for each silence while reading, and for the whole request."""

    connect_s: float = 10
    read_s: float = 30
    total_s: float = 60


@dataclass(frozen=True, slots=True)
class _Trouble:
    kind: Literal["too_late", "not_sent", "timeout", "lost", "too_large"]
    reason: str


class CookieJar(RequestsCookieJar):
    """The cookies of one session; they are as good as the password, so they do not print."""

    def __repr__(self) -> str:
        return f"<{len(self)} cookies>"


class _TotalPassed(Exception):
    pass


class _CapPassed(Exception):
    pass


class Sends(Protocol):
    """What a session needs of a transport."""

    server_time: datetime | None
    requests_made: int

    def send(
        self,
        request: Request,
        jar: CookieJar,
        *,
        send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:
        """The reply to *request*, or one of the errors that `Transport.send` raises."""
        ...

    def close(self) -> None: ...


class Transport:
    """Sends one request, gives one reply or one error of ours."""

    def __init__(self, address: Address, clock: Clock, limits: Limits, user_agent: str) -> None:
        self.address = address
        self.server_time: datetime | None = None
        self.requests_made = 0
        self._clock = clock
        self._limits = limits
        self._user_agent = user_agent
        self._adapter = _make_adapter(address)
        self._counting = threading.Lock()

    def send(
        self,
        request: Request,
        jar: CookieJar,
        *,
        send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:
        """The reply to *request*; cookies it sets land in *jar*.

        *send_by* (``clock.monotonic()``) is looked at just before the first byte is written.
        Raises NotSent where nothing left this machine; otherwise RetryLater, TimedOut, TooLarge
        or UnexpectedReply for a read and OutcomeUnknown for a write.
        """
        with self._counting:
            self.requests_made += 1
        started = self._clock.monotonic()
        result = self._try(request, jar, Ward(self._clock, send_by), cap)
        seconds = round(self._clock.monotonic() - started, 3)
        if isinstance(result, _Trouble):
            log.debug(
                "request failed",
                extra={"request": request.name, "reason": result.reason, "seconds": seconds},
            )
            raise self._translate(request, result)
        self.server_time = result.date or self.server_time
        log.debug(
            "request answered",
            extra={"request": request.name, "status": result.status, "seconds": seconds},
        )
        return result

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        self._adapter.close()

    def _try(self, request: Request, jar: CookieJar, ward: Ward, cap: int) -> Reply | _Trouble:
        """The reply, or what went wrong as a value: no foreign exception outlives this call."""
        token = WARD.set(ward)
        try:
            ward.check_deadline()
            return self._exchange(request, jar, cap)
        except TooLateToSend:
            return _Trouble("too_late", "its send deadline passed")
        except _CapPassed:
            return _Trouble("too_large", f"the answer is larger than {cap // 1048576} MiB")
        except _TotalPassed:
            return _Trouble("timeout", f"no complete answer within {self._limits.total_s:g} s")
        except _FOREIGN as error:
            kind, reason = describe(error)
            if ward.surely_not_sent or certainly_not_sent(error):
                return _Trouble("not_sent", reason)
            return _Trouble("timeout" if kind == "timeout" else "lost", reason)
        finally:
            WARD.reset(token)

    def _exchange(self, request: Request, jar: CookieJar, cap: int) -> Reply:
        until = self._clock.monotonic() + self._limits.total_s
        prepared = self._prepare(request, jar)
        with self._adapter.send(
            prepared,
            stream=True,
            timeout=(self._limits.connect_s, min(self._limits.read_s, self._limits.total_s)),
            verify=self._verification(),
        ) as response:
            extract_cookies_to_jar(jar, prepared, response.raw)  # type: ignore[no-untyped-call]
            body = self._read_body(response.raw, until, cap)
        headers = {name.lower(): value for name, value in response.headers.items()}
        # Only the login looks at cookies, and it has its jar to itself.
        shown = jar if request.path.startswith("/ams/") else ()
        cookies = {cookie.name: cookie.value or "" for cookie in shown}
        return Reply(response.status_code, headers, body, cookies)

    def _read_body(self, raw: urllib3.BaseHTTPResponse, until: float, cap: int) -> bytes:
        """The decoded body. read1 gives what has come, so a trickle cannot outlast the limit."""
        body = bytearray()
        while chunk := raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > cap:
                raise _CapPassed
            if self._clock.monotonic() > until:
                raise _TotalPassed
        return bytes(body)

    def _prepare(self, request: Request, jar: CookieJar) -> requests.PreparedRequest:
        body = encode_body(request.body)
        headers = {
            "User-Agent": self._user_agent, "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }  # fmt: skip
        if body is not None:
            headers["Content-Type"] = "application/json"
        headers |= {name: _reveal(value) for name, value in request.headers.items()}
        url = self.address.url + request.path + encode_query(request.query)
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method, url=url, headers=headers, data=body, cookies=jar, hooks={}
        )
        return prepared

    def _verification(self) -> bool | str:
        return not self.address.insecure and (self.address.ca_bundle or True)

    def _translate(self, request: Request, trouble: _Trouble) -> KaceBridgeError:
        where = self.address.url
        if trouble.kind == "too_late":
            return NotSent(f"{request.name} was not sent: {trouble.reason}")
        if trouble.kind == "not_sent":
            return NotSent(
                f"cannot reach {where}: {trouble.reason}; is the appliance up and the URL right?"
            )
        if request.writes:
            return OutcomeUnknown(
                f"{request.name} left for {where} but {trouble.reason}; "
                "it may have been carried out"
            )
        if trouble.kind == "too_large":
            return TooLarge(f"{request.name}: {trouble.reason}; ask for fewer rows")
        kind = TimedOut if trouble.kind == "timeout" else RetryLater
        return kind(f"{request.name} at {where}: {trouble.reason}; try later")


def _make_adapter(address: Address) -> Adapter:
    try:
        return Adapter(
            tls=address.url.startswith("https:"),
            insecure=address.insecure,
            ca_bundle=address.ca_bundle,
        )
    except OSError:
        problem = f"{address.ca_bundle}: not a readable CA bundle in PEM form (KACE_CA_BUNDLE)"
    raise ConfigError([problem])


def encode_query(query: tuple[tuple[str, str], ...] | Mapping[str, str]) -> str:
    """``?filtering=id%20gt%205``: blanks as %20 (contract section 8, Q34), commas left readable.

    Semicolons are encoded, because some servers split parameters at them.
    """
    pairs = query.items() if isinstance(query, Mapping) else query
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe=',:.*')}" for name, value in pairs)
    return f"?{text}" if text else ""


def encode_body(body: object) -> bytes | None:
    """*body* as JSON, secrets revealed. Raises ValueError for what JSON cannot say."""
    if body is None:
        return None
    return json.dumps(body, default=_reveal, allow_nan=False).encode("ascii")


def _reveal(value: object) -> str:
    """A secret's text, at the moment it leaves; anything else must be text already."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, str):
        return value
    raise ValueError(f"a {type(value).__name__} cannot be sent to the appliance")
