"""The /ams routes: login, one-time code, logout, organisations. Source: contract section 2."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from kace_bridge.sandbox.data import User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.exchange import ApiError, Reply, Request, answer_json
from kace_bridge.sandbox.sessions import Session, Sessions, set_cookie
from kace_bridge.sandbox.settings import Settings
from kace_bridge.sandbox.totp import accepts_code

SYSTEM = "System"  # the organisation of the appliance itself: it has no service desk


@dataclass(slots=True)
class Organization:
    id: int
    name: str
    desk: Desk


@dataclass(slots=True)
class Security:
    """Answers everything under /ams/shared/api."""

    settings: Settings
    sessions: Sessions
    organizations: list[Organization]

    def login(self, request: Request, now: datetime) -> Reply:
        """ApiError 400 for another body than the documented one, 401 for refused credentials."""
        sent = _body(request)
        name, password = sent.get("userName"), sent.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise ApiError(400, "userName and password are required.")
        organization = self.named(str(sent.get("organizationName") or self.settings.organization))
        user = organization.desk.user_named(name) if organization else None
        if organization is None or user is None or not _knows(user, password):
            raise ApiError(401, "Invalid user name, password or organization.")
        # On 12.1 and later the old header asks for the old cookie names (contract section 1.4).
        dell = self.settings.generation == "A" or bool(
            self.settings.generation == "C"
            and request.header("x-dell-api-version")
            and not request.header("x-kace-api-version")
        )
        session = self.sessions.open(user.user_name, organization.id, now, dell)
        reply = answer_json({"organization": {"id": organization.id, "name": organization.name}})
        self.sessions.greet(reply, session, organization.name)
        return reply

    def verify_code(self, request: Request, now: datetime) -> Reply:
        session = self.sessions.of(request, now, pending_allowed=True)
        code = str(_body(request).get("currentCode") or "")
        if not accepts_code(self.settings.totp_seed, code, now):
            raise ApiError(401, "Invalid verification code.")
        session.pending = False
        return answer_json({"Result": "Success"})

    def logout(self, request: Request, now: datetime) -> Reply:
        self.sessions.close(self.sessions.of(request, now, pending_allowed=True))
        return answer_json({"Result": "Success"})

    def refresh(self, request: Request, now: datetime) -> Reply:
        self.sessions.of(request, now)
        return answer_json({"Result": "Success"})

    def list_organizations(self, request: Request, now: datetime) -> Reply:
        session = self.sessions.of(request, now)
        rows = [{"id": o.id, "name": o.name} for o in self._open_to(session)]
        return answer_json({"Count": len(rows), "Warnings": [], "Organizations": rows})

    def switch(self, request: Request, now: datetime, wanted: str = "") -> Reply:
        """Show another organisation's data from here on."""
        session = self.sessions.of(request, now)
        asked = wanted or parse_qs(request.query).get("organizationId", [""])[-1]
        found = [o for o in self._open_to(session) if str(o.id) == asked]
        if not found:
            raise ApiError(404, f"Organization '{asked}' not found.")
        session.organization_id = found[0].id
        reply = answer_json({"Result": "Success"})
        reply.headers.append(set_cookie("KACE_LAST_ORG_SECURE", found[0].name))
        return reply

    def named(self, name: str) -> Organization | None:
        wanted = name.casefold()
        return next((o for o in self.organizations if o.name.casefold() == wanted), None)

    def organization_of(self, session: Session) -> Organization:
        return next(o for o in self.organizations if o.id == session.organization_id)

    def user_of(self, session: Session) -> tuple[Organization, User]:
        organization = self.organization_of(session)
        user = organization.desk.user_named(session.user_name)
        if user is None or user.is_archived:
            raise ApiError(401, "Expired token")
        return organization, user

    def _open_to(self, session: Session) -> list[Organization]:
        return [o for o in self.organizations if o.desk.user_named(session.user_name)]

    def routes(self) -> dict[str, tuple[str, Callable[..., Reply]]]:
        """Path below /ams/shared/api to verb and handler."""
        paths: dict[str, tuple[str, Callable[..., Reply]]] = {
            "security/login": ("POST", self.login),
            "security/logout": ("GET", self.logout),
            "security/refreshcontext": ("GET", self.refresh),
            "security/organization/switch": ("POST", self.switch),
            "organizations": ("GET", self.list_organizations),
        }
        for name in self.settings.two_factor_routes:
            paths[f"security/{name}"] = ("POST", self.verify_code)
        return paths


def _knows(user: User, password: str) -> bool:
    known = bool(user.password) and not user.is_archived
    return known and hmac.compare_digest(user.password.encode(), password.encode())


def _body(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(request.body or b"null")
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise ApiError(400, "The request body must be a JSON object.")
    return sent
