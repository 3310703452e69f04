"""A logged-in conversation with the appliance: one login at a time, one replay, no loops.

Reads are repeated (three tries, full jitter); writes never are. A refused password is tried
once per client, so that the account is not locked out.
Source: contract section 2.5 (expiry, one login in flight, one replay).
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from kace_bridge.clock import Clock
from kace_bridge.errors import (
    KaceBridgeError,
    LoginRefused,
    NotSent,
    RetryLater,
    UnexpectedReply,
    UsageError,
)
from kace_bridge.sma.auth import Account, Generation, Grant, log_in
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.pace import Pace
from kace_bridge.sma.query import Query
from kace_bridge.sma.replies import Row, TooLarge, is_session_lost, read_object, require_success
from kace_bridge.sma.secret import MASK, Secret
from kace_bridge.sma.transport import BODY_CAP, CookieJar, Sends, TimedOut

log = logging.getLogger(__name__)
T = TypeVar("T")

LONGEST_WAIT_S = 300.0
"""A longer Retry-After is the caller's to wait out, not this process's."""
SESSION_S = 45 * 60.0
"""Log in again after this long: the appliance's own default is an hour (contract 2.5)."""
LOGOUT = "/ams/shared/api/security/logout"
SWITCH = "/ams/shared/api/security/organization"


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON object of a good reply (top keys lower-case), the appliance's time, how long."""

    fields: Row
    server_time: datetime | None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """One session: the grant, its cookies and when it began (monotonic seconds)."""

    grant: Grant
    jar: CookieJar
    since: float


class Session:
    """Sends requests as *account*, logging in when needed. Safe to share between threads.

    ``parallel`` bounds the requests under way at once, whoever makes them; a slow appliance
    brings it down (see sma/pace.py).
    """

    def __init__(
        self, transport: Sends, account: Account, clock: Clock, *, dell: bool = False,
        read_only: bool = False, parallel: int = 1,
    ) -> None:  # fmt: skip
        self.transport = transport
        self._pace = Pace(parallel, parallel)
        self._pacing = threading.Lock()
        self._slots = threading.BoundedSemaphore(parallel)
        self.read_only = read_only
        self.account = account
        self.clock = clock
        self._dell = dell
        self._lock = threading.RLock()
        self._held: _Held | None = None
        self._refusal: str | None = None
        self._selected: int | None = None

    @property
    def parallel(self) -> int:
        """How many requests may be under way at once, as the appliance bears them now."""
        return self._pace.parallel

    @property
    def generation(self) -> Generation:
        """The header family the appliance speaks; logs in to find out."""
        return self._current().grant.generation

    @property
    def organization(self) -> str | None:
        """What the appliance says is selected, None where it does not say; logs in."""
        return self._current().grant.organization

    def login(self) -> None:
        """Log in now. Raises LoginRefused; RetryLater where the appliance is not fit."""
        self._current()

    def select_organization(self, number: int) -> None:
        """Show another organization from here on, also after a new login. Raises NotFound."""
        with self._lock:
            self._select(self._current(), number)
            self._selected = number

    def logout(self) -> None:
        """End the session at the appliance, best effort, and close the connections."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            request = Request("GET", LOGOUT, headers=held.grant.headers)
            try:
                self._send(request, held.jar)
            except KaceBridgeError as error:
                log.debug("logout failed", extra={"reason": str(error)})
        self.transport.close()

    def get(self, path: str, query: Query = (), *, shrinkable: bool = False) -> Answer:
        """Read *path*. Raises NotFound, Refused, LoginRefused, RetryLater, UnexpectedReply."""
        request = Request("GET", path, query, shrinkable=shrinkable)

        def read() -> Answer:
            if shrinkable and self._pace.pause_s:
                self.clock.sleep(self._pace.pause_s)
            began = self.clock.monotonic()
            reply = self._exchange(request)
            seconds = self.clock.monotonic() - began
            return Answer(read_object(request, reply, self.mask), reply.date, seconds)

        return self._repeat(request, read)

    def get_bytes(self, path: str, cap: int = BODY_CAP) -> bytes:
        """The raw body of *path*. Raises as ``get``, and TooLarge above *cap* bytes."""
        request = Request("GET", path)

        def read() -> bytes:
            reply = self._exchange(request, cap=cap)
            require_success(request, reply, self.mask)
            return reply.body

        return self._repeat(request, read)

    def write(
        self, method: str, path: str, body: object = None, *, query: Query = (),
        send_by: float | None = None,
    ) -> Row:  # fmt: skip
        """One request that may change the appliance; never repeated.

        A 401 is the exception: it is given before any effect, so one new login and one replay
        follow. Raises NotSent (surely nothing happened), Refused, NotFound, RetryLater (429
        only), OutcomeUnknown, LoginRefused; UsageError where this session only reads.
        """
        if self.read_only:
            raise UsageError(f"{method} {path} was not sent: this client only reads")
        request = Request(method, path, query, body=body)
        problem: NotSent | None = None
        try:
            reply = self._exchange(request, send_by=send_by)
        except NotSent:
            raise
        except (RetryLater, UnexpectedReply) as error:
            # A write itself ends in a reply, NotSent or OutcomeUnknown: this was the login.
            wait = getattr(error, "retry_after", None)
            problem = NotSent(f"{request.name} was not sent: {error}", retry_after=wait)
        if problem is not None:
            raise problem
        return read_object(request, reply, self.mask)

    def mask(self, text: str) -> str:
        """*text* without the secrets of this session, should the appliance echo one."""
        for secret in self._secrets():
            if len(secret) > 3:
                text = text.replace(secret, MASK)
        return text

    def _exchange(
        self, request: Request, *, send_by: float | None = None, cap: int = BODY_CAP
    ) -> Reply:
        held = self._current()
        for _ in range(2):
            granted = replace(request, headers={**held.grant.headers, **request.headers})
            reply = self._send(granted, held.jar, send_by=send_by, cap=cap)
            if not is_session_lost(reply):
                return reply
            held = self._current(stale=held)
        raise LoginRefused(
            f"{self.account.refused('the appliance refused a new session twice')} "
            f"on {request.name}: check the account's role"
        )

    def _send(
        self, request: Request, jar: CookieJar, *, send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:  # fmt: skip
        """The reply; no more than ``parallel`` requests are under way at any moment."""
        with self._slots:
            began = self.clock.monotonic()
            try:
                return self.transport.send(request, jar, send_by=send_by, cap=cap)
            finally:
                if not request.writes:
                    self._note_pace(self.clock.monotonic() - began)

    def _note_pace(self, seconds: float) -> None:
        with self._pacing:
            before, self._pace = self._pace, self._pace.after(seconds)
        if self._pace.parallel < before.parallel:
            log.info("the appliance is slow: one request at a time", extra={"seconds": seconds})

    def _current(self, stale: _Held | None = None) -> _Held:
        """The session to use, not *stale*; threads that arrive meanwhile wait and share it."""
        with self._lock:
            held = self._held
            now = self.clock.monotonic()
            if held is None or held is stale or now - held.since >= SESSION_S:
                held = self._held = self._log_in()
            return held

    def _log_in(self) -> _Held:
        if self._refusal is not None:
            raise LoginRefused(self._refusal)
        jar = CookieJar()
        flow = log_in(self.account, self.clock.now(), self.mask, dell=self._dell)
        try:
            request = next(flow)
            while True:
                request = flow.send(self._send(request, jar))
        except StopIteration as done:
            grant: Grant = done.value
        except LoginRefused as error:
            self._refusal = str(error)
            raise
        self._note_organization(grant)
        log.info("logged in", extra={"generation": grant.generation})
        held = _Held(grant, jar, self.clock.monotonic())
        if self._selected is not None:
            # A new session starts in the first organization: stay where the caller went.
            self._select(held, self._selected)
        return held

    def _select(self, held: _Held, number: int) -> None:
        """Both route forms of contract section 2.2, the query form first."""
        query = (("organizationId", str(number)),)
        for request in (
            Request("POST", f"{SWITCH}/switch", query, held.grant.headers),
            Request("POST", f"{SWITCH}/{number}/switchto", (), held.grant.headers),
        ):
            reply = self._send(request, held.jar)
            if reply.status not in (404, 405):
                break
        read_object(request, reply, self.mask)

    def _note_organization(self, grant: Grant) -> None:
        """A wrong organization shows an empty desk and no error (contract section 8, Q25)."""
        seen, asked = grant.organization, self.account.organization
        if seen and not seen.isdigit() and seen.casefold() != asked.casefold():
            log.warning(
                "the appliance selected organization %s, not %s: check KACE_ORG",
                self.mask(seen[:80]), asked,
            )  # fmt: skip

    def _repeat(self, request: Request, read: Callable[[], T]) -> T:
        """*read*, again where it fails in a way that may pass."""

        def worth_repeating(error: BaseException) -> bool:
            if isinstance(error, TooLarge) or (request.shrinkable and isinstance(error, TimedOut)):
                return False
            if isinstance(error, RetryLater):
                return error.retry_after is None or error.retry_after <= LONGEST_WAIT_S
            return isinstance(error, UnexpectedReply)

        try:
            return read()
        except KaceBridgeError as error:
            if not worth_repeating(error):
                raise
            failed = error
        from kace_bridge.sma.repeat import repeat

        return repeat(read, failed, worth_repeating, self.clock.sleep)

    def _secrets(self) -> Iterator[str]:
        yield self.account.password.reveal()
        if self.account.totp_seed is not None:
            yield self.account.totp_seed.reveal()
        held = self._held
        if held is not None:
            yield from (v.reveal() for v in held.grant.headers.values() if isinstance(v, Secret))
            yield from [cookie.value or "" for cookie in held.jar]
