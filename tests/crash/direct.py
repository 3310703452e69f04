"""A transport without a network: straight to an appliance in this process, on its clock."""

from collections.abc import Callable
from datetime import datetime

from kace_bridge.clock import Clock
from kace_bridge.errors import NotSent, OutcomeUnknown, RetryLater
from kace_bridge.sandbox import Reply as Answer
from kace_bridge.sandbox import Request as Asked
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.secret import Secret
from kace_bridge.sma.transport import BODY_CAP, CookieJar, encode_body, encode_query


class Direct:
    """Raises what the network's transport raises for a connection lost and an answer cut short.

    ``heeds_deadline`` is switched off only to show what the send deadline is for.
    """

    def __init__(
        self, answer: Callable[[Asked], Answer], clock: Clock, *, heeds_deadline: bool = True
    ) -> None:
        self.server_time: datetime | None = None
        self.requests_made = 0
        self._answer = answer
        self._clock = clock
        self._heeds_deadline = heeds_deadline

    def send(
        self,
        request: Request,
        jar: CookieJar,
        *,
        send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:
        del cap
        self.requests_made += 1
        if send_by is not None and self._heeds_deadline and self._clock.monotonic() >= send_by:
            raise NotSent(f"{request.name} was not sent: its send deadline passed")
        answer = self._answer(_as_asked(request, jar))
        if answer.drop or answer.truncate is not None:
            if request.writes:
                raise OutcomeUnknown(f"{request.name}: the connection was closed")
            raise RetryLater(f"{request.name}: the connection was closed; try later")
        reply = _as_reply(request, answer, jar)
        self.server_time = reply.date or self.server_time
        return reply

    def close(self) -> None:
        """Nothing to close."""


def _as_asked(request: Request, jar: CookieJar) -> Asked:
    headers = {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in request.headers.items()
    }
    if len(jar):
        headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    query = encode_query(request.query)[1:]
    return Asked(request.method, request.path, query, headers, encode_body(request.body) or b"")


def _as_reply(request: Request, answer: Answer, jar: CookieJar) -> Reply:
    for name, value in answer.headers:
        if name == "Set-Cookie":
            key, _, text = value.partition(";")[0].partition("=")
            jar.set(key, text)
    headers = {name.lower(): value for name, value in answer.headers}
    shown = jar if request.path.startswith("/ams/") else ()
    cookies = {cookie.name: cookie.value or "" for cookie in shown}
    return Reply(answer.status, headers, answer.body, cookies)
