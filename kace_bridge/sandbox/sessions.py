"""Sessions: what proves them on each generation, and when they end. Source: contract 1.1, 2.5."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from kace_bridge.sandbox.exchange import ApiError, Reply, Request
from kace_bridge.sandbox.settings import Settings

CSRF_HEADERS = {"A": "x-dell-csrf-token", "B": "x-kace-csrf-token"}
VERSION_HEADERS = {"A": "x-dell-api-version", "B": "x-kace-api-version"}
NOT_AUTHENTICATED = "User not authenticated."
NOT_FULLY = "User not fully authenticated."
EXPIRED = "Expired token"


@dataclass(slots=True)
class Session:
    """*pending* waits for a one-time code; *dell* was opened with the old header names."""

    token: str
    jwt: str
    csrf: str
    user_name: str
    organization_id: int
    used: datetime
    pending: bool
    dell: bool
    ended: bool = False

    @property
    def jwt_cookie(self) -> str:
        return "x-dell-auth-jwt" if self.dell else "x-kace-auth-jwt"


@dataclass(slots=True)
class Sessions:
    """All sessions of an appliance; tokens are repeatable for one seed."""

    settings: Settings
    random: random.Random
    opened: dict[str, Session] = field(default_factory=dict)

    def open(self, user_name: str, organization_id: int, now: datetime, dell: bool) -> Session:
        token, jwt, csrf = (f"{self.random.getrandbits(128):032x}" for _ in range(3))
        pending = self.settings.two_factor
        session = Session(token, jwt, csrf, user_name, organization_id, now, pending, dell)
        self.opened[token] = session
        return session

    def of(self, request: Request, now: datetime, *, pending_allowed: bool = False) -> Session:
        """The session the request proves; ApiError 401, or the CSRF status."""
        cookies = request.cookies()
        session = self.opened.get(cookies.get("kboxid", ""))
        if session is None or cookies.get(session.jwt_cookie) != session.jwt:
            raise ApiError(401, NOT_AUTHENTICATED)
        if session.ended or now - session.used > timedelta(seconds=self.settings.session_ttl_s):
            raise ApiError(401, EXPIRED)
        if self.settings.kace_authorization == "required" and (
            request.header("x-kace-authorization") != session.jwt
        ):
            raise ApiError(401, NOT_AUTHENTICATED)
        self._check_csrf(request, cookies, session)
        if session.pending and not pending_allowed:
            raise ApiError(401, NOT_FULLY)
        if self.settings.session_slides:
            session.used = now
        return session

    def _check_csrf(self, request: Request, cookies: dict[str, str], session: Session) -> None:
        name = CSRF_HEADERS.get(self.settings.generation)
        if name is None:
            return
        sent = request.header(name)
        if not sent or sent != cookies.get("KACE_CSRF_TOKEN") or sent != session.csrf:
            raise ApiError(self.settings.csrf_status, "Invalid CSRF token.")

    def check_version(self, request: Request) -> None:
        """ApiError 400 for a missing or senseless version header, where one is required."""
        generation = self.settings.generation
        required = self.settings.require_version_header
        if required is None:
            required = generation != "C"
        if not required:
            return
        names = [VERSION_HEADERS.get(generation, "x-kace-api-version")]
        if generation == "C":
            names.append("x-dell-api-version")
        value = next((v for v in map(request.header, names) if v), "")
        try:
            sound = float(value) >= 1
        except ValueError:
            sound = False
        if not sound:
            raise ApiError(400, f"Missing or invalid header {names[0]}.")

    def end(self, request: Request) -> None:
        """Expire the session the request carries, as a fault does."""
        session = self.opened.get(request.cookies().get("kboxid", ""))
        if session is not None:
            session.ended = True

    def close(self, session: Session) -> None:
        del self.opened[session.token]

    def greet(self, reply: Reply, session: Session, organization: str) -> None:
        """Put the generation's cookies and headers on a login answer."""
        cookies = {"kboxid": session.token, session.jwt_cookie: session.jwt}
        if self.settings.generation in CSRF_HEADERS:
            cookies["KACE_CSRF_TOKEN"] = session.csrf
            cookies["KACE_LAST_ORG_SECURE"] = organization
            cookies["KACE_LAST_USER_SECURE"] = session.user_name
            reply.headers.append((CSRF_HEADERS[self.settings.generation], session.csrf))
        for name, value in cookies.items():
            reply.headers.append(set_cookie(name, value))
        if self.settings.kace_authorization != "off":
            reply.headers.append(("x-kace-authorization", session.jwt))


def set_cookie(name: str, value: str) -> tuple[str, str]:
    return "Set-Cookie", f"{name}={quote(value)}; path=/; HttpOnly"
