"""Logging in, as a conversation: a generator that yields requests and receives replies.

Pure: no socket, no clock. Whoever drives it sends what it yields and gives back the reply.
Sources: contract sections 1.1 to 1.4 (header generations) and 2.1 to 2.3 (login, two-factor).
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from urllib.parse import unquote

from kace_bridge.errors import KaceBridgeError, LoginRefused, UnexpectedReply
from kace_bridge.sma.exchange import Header, Reply, Request
from kace_bridge.sma.replies import (
    Mask,
    is_code_wanted,
    is_session_lost,
    read_error,
    read_object,
    require_success,
)
from kace_bridge.sma.secret import Secret
from kace_bridge.sma.totp import one_time_code

VERSION = "8"
"""The oldest version header seen working; newer appliances run their newest implementation."""
LOGIN = "/ams/shared/api/security/login"
VERIFY = ("/ams/shared/api/security/verify_2factor", "/ams/shared/api/security/verify_2fa")
ME = "/api/users/me"

Generation = Literal["A", "B", "C"]


@dataclass(frozen=True, slots=True)
class Account:
    """Who logs in and where; ``url`` is for messages."""

    url: str
    username: str
    password: Secret
    organization: str
    totp_seed: Secret | None = None

    def refused(self, what: str) -> LoginRefused:
        return LoginRefused(
            f"{what} for user {self.username!r} in organization {self.organization!r} at {self.url}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """A session: the headers each request must carry besides the cookies.

    ``organization`` is what the appliance says was selected, None where it does not say.
    """

    generation: Generation
    headers: Mapping[str, Header] = field(repr=False)
    organization: str | None = None


Flow = Generator[Request, Reply, Grant]


def log_in(account: Account, now: datetime, mask: Mask = str, *, dell: bool = False) -> Flow:
    """Yield the requests of one login; return the Grant.

    The password is sent once, and once more only where an appliance before 12.0 turned the
    request away unread for want of the old header names. *now* serves two-factor where the
    appliance does not tell its own time. *dell* sends the old names from the start.

    Raises LoginRefused, or RetryLater and UnexpectedReply where the appliance is not fit.
    """
    request = _login_request(account, dell=dell)
    reply = yield request
    if not dell and _is_unread(reply):
        # 12.0 and older reject a request without the header name they know.
        return (yield from log_in(account, now, mask, dell=True))
    _check_login(account, request, reply, mask)
    grant = _read_grant(reply, dell=dell)
    probe = yield Request("GET", ME, headers=grant.headers)
    if is_code_wanted(probe):
        yield from _verify_code(account, grant, reply.date or now)
        probe = yield Request("GET", ME, headers=grant.headers)
    if not is_session_lost(probe):
        told = grant.organization or _read_organization(probe)
        return replace(grant, organization=told)
    if not dell:
        return (yield from log_in(account, now, mask, dell=True))
    raise account.refused("the appliance refuses its own new session")


def _login_request(account: Account, *, dell: bool) -> Request:
    body = {
        "userName": account.username,
        "password": account.password,
        "organizationName": account.organization,
    }
    return Request("POST", LOGIN, headers=_version_headers(dell=dell), body=body)


def _is_unread(reply: Reply) -> bool:
    """Whether the appliance stopped at the headers, so that the password was not judged."""
    if reply.status == 200:
        return "version" in (read_error(reply) or "").lower()
    return 400 <= reply.status < 500 and reply.status not in (401, 429)


def _version_headers(*, dell: bool) -> dict[str, Header]:
    headers: dict[str, Header] = {"x-kace-api-version": VERSION}
    if dell:
        headers["x-dell-api-version"] = VERSION
    return headers


def _check_login(account: Account, request: Request, reply: Reply, mask: Mask) -> None:
    cure = "check KACE_USERNAME, KACE_PASSWORD and KACE_ORG"
    if reply.status == 404:
        raise UnexpectedReply(f"{account.url} has no login route: is this a KACE SMA?")
    if 400 <= reply.status < 500 and reply.status not in (408, 429):
        raise LoginRefused(f"{account.refused('login refused')}: {cure}")
    require_success(request, reply, mask)
    if reply.status == 200 and read_error(reply) is not None:
        raise LoginRefused(f"{account.refused('login refused')}: {cure}")
    read_object(request, reply, mask)


def _read_grant(reply: Reply, *, dell: bool) -> Grant:
    headers = _version_headers(dell=dell)
    generation: Generation = "C"
    token = reply.headers.get("x-dell-csrf-token") or ""
    if token:
        generation = "A"
    else:
        token = reply.headers.get("x-kace-csrf-token") or reply.cookies.get("KACE_CSRF_TOKEN", "")
        generation = "B" if token else "C"
    if token:
        # Both names: releases disagree on which they read (contract section 1.4).
        headers["x-dell-csrf-token"] = headers["x-kace-csrf-token"] = Secret(token)
    if carried := reply.headers.get("x-kace-authorization"):
        headers["x-kace-authorization"] = Secret(carried)
    selected = reply.cookies.get("KACE_LAST_ORG_SECURE")
    return Grant(generation, headers, unquote(selected) if selected else None)


def _read_organization(me: Reply) -> str | None:
    """What users/me names as its organization, where it does; releases without the cookie may."""
    try:
        named = read_object(Request("GET", ME), me).get("organization")
    except KaceBridgeError:
        # An account that may not ask who it is can still be good for tickets.
        return None
    return named if isinstance(named, str) and named else None


def _verify_code(account: Account, grant: Grant, now: datetime) -> Generator[Request, Reply, None]:
    if account.totp_seed is None:
        raise LoginRefused(
            f"{account.refused('a two-factor code is wanted')}: "
            "set KACE_TOTP_SEED, or use an account without two-factor"
        )
    body = {"currentCode": one_time_code(account.totp_seed, now)}
    for path in VERIFY:
        reply = yield Request("POST", path, headers=grant.headers, body=body)
        if reply.status not in (404, 405):
            break
    if not 200 <= reply.status < 300 or read_error(reply) is not None:
        raise LoginRefused(
            f"{account.refused('the two-factor code was refused')}: "
            "check KACE_TOTP_SEED and the clock of the appliance"
        )
