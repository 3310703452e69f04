"""Raw requests and replies within one session, so that odd answers can be looked at."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from kace_bridge import __version__
from kace_bridge.clock import Clock
from kace_bridge.config.light import Account
from kace_bridge.errors import KaceBridgeError, RetryLater
from kace_bridge.sma import Secret, auth
from kace_bridge.sma.address import check_address
from kace_bridge.sma.auth import Grant, log_in
from kace_bridge.sma.exchange import Header, Reply, Request
from kace_bridge.sma.replies import is_session_lost
from kace_bridge.sma.session import LOGOUT
from kace_bridge.sma.transport import CookieJar, Limits, Transport

VERSION_HEADERS = ("x-kace-api-version", "x-dell-api-version")
TOKEN_HEADERS = ("x-kace-csrf-token", "x-dell-csrf-token")


class Conversation:
    """One login, then requests as they are given; replies of every status come back as such.

    ``login`` is the reply that opened the session, ``code_route`` the two-factor route that was
    used. Raises LoginRefused (never repeated), RetryLater, ConfigError.
    """

    def __init__(self, account: Account, environ: Mapping[str, str], clock: Clock) -> None:
        bundle = account.ca_bundle or environ.get("KACE_CA_BUNDLE")
        address = check_address(account.url, ca_bundle=bundle, insecure_host=account.insecure_host)
        self.clock = clock
        self.code_route: str | None = None
        self.login = Reply(0)
        self._transport = Transport(address, clock, Limits(), f"kace-bridge/{__version__}")
        self._jar = CookieJar()
        try:
            self.grant = self._log_in(account, address.url)
        except BaseException:
            self._transport.close()
            raise

    @property
    def cookies(self) -> list[str]:
        """The names of the session's cookies."""
        return [cookie.name for cookie in self._jar]

    def get(self, path: str, **query: str) -> Reply:
        """Read *path*. Raises RetryLater where the session is lost or nothing answers."""
        return self._known(self.send(Request("GET", path, tuple(query.items()))))

    def write(self, method: str, path: str, body: object) -> Reply:
        """Send once. Raises OutcomeUnknown, NotSent, RetryLater."""
        return self._known(self.send(Request(method, path, body=body)))

    def get_without(self, path: str, *names: str, **instead: str) -> Reply:
        """Read *path* leaving out the headers *names*, or with other values for some."""
        headers = {k: v for k, v in self.grant.headers.items() if k not in names}
        return self._transport.send(Request("GET", path, headers=headers | instead), self._jar)

    def send(self, request: Request) -> Reply:
        headers: dict[str, Header] = {**self.grant.headers}
        granted = Request(
            request.method, request.path, request.query, headers=headers, body=request.body
        )
        return self._transport.send(granted, self._jar)

    def now(self) -> datetime:
        """The appliance's clock at its latest answer, else this machine's."""
        return self._transport.server_time or self.clock.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log out, best effort: a session that does not end so ends with its age."""
        with suppress(KaceBridgeError):
            self.send(Request("GET", LOGOUT))
        self._transport.close()

    def _known(self, reply: Reply) -> Reply:
        if is_session_lost(reply):
            raise RetryLater("the session ended while measuring; run it again")
        return reply

    def _log_in(self, account: Account, url: str) -> Grant:
        seed = Secret(account.totp) if account.totp else None
        who = auth.Account(
            url, account.username, Secret(account.password), account.organization, seed
        )
        flow = log_in(who, self.clock.now())
        try:
            request = next(flow)
            while True:
                reply = self._transport.send(request, self._jar)
                if request.path == auth.LOGIN:
                    self.login = reply
                elif request.path in auth.VERIFY:
                    self.code_route = request.path.rpartition("/")[2]
                request = flow.send(reply)
        except StopIteration as done:
            grant: Grant = done.value
            return grant
