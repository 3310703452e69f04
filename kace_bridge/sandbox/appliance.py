"""The appliance itself: one object that answers requests."""

import random
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any
from urllib.parse import unquote

from kace_bridge.sandbox import control
from kace_bridge.sandbox.call import Call
from kace_bridge.sandbox.clock import Clock
from kace_bridge.sandbox.data import Mail, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.dump import dump_desk
from kace_bridge.sandbox.exchange import ApiError, Reply, Request, answer_error, answer_html
from kace_bridge.sandbox.faults import Fault, take_fault
from kace_bridge.sandbox.fresh import fresh_desk
from kace_bridge.sandbox.load import load_desk
from kace_bridge.sandbox.routes import find_route, not_allowed
from kace_bridge.sandbox.schedule import run_due
from kace_bridge.sandbox.search import Memory
from kace_bridge.sandbox.security import SYSTEM, Organization, Security
from kace_bridge.sandbox.sessions import Sessions
from kace_bridge.sandbox.settings import Settings

LOGGED = 200_000
_AMS = "/ams/shared/api/"
_SWITCH_TO = re.compile(r"^security/organization/(\d+)/switchto$")


@dataclass(slots=True)
class Logged:
    """One appliance request; *status* is None where no answer was sent."""

    at: str
    method: str
    path: str
    query: str
    status: int | None


@dataclass(slots=True)
class Late:
    """A write whose effect happens once real time reaches *at*."""

    at: float
    apply: Callable[[], Reply]


class Appliance:
    """A small SMA. Safe to call from several threads: one lock guards all state."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.clock = Clock(self.settings.timezone)
        self.lock = RLock()
        self.faults: list[Fault] = []
        self.requests: deque[Logged] = deque(maxlen=LOGGED)
        self._late: list[Late] = []
        self._memory = Memory()
        self.security = self._start()

    def _start(self) -> Security:
        settings, stamp = self.settings, self.clock.stamp()
        names = [settings.organization, *settings.more_organizations]
        organizations = [
            Organization(number, name, fresh_desk(settings, stamp))
            for number, name in enumerate(names, start=1)
        ]
        system = fresh_desk(settings, stamp)
        system.queues.clear()
        organizations.append(Organization(0, SYSTEM, system))
        tokens = random.Random(settings.seed)  # noqa: S311 -- repeatable on purpose
        return Security(settings, Sessions(settings, tokens), organizations)

    @property
    def desk(self) -> Desk:
        """The default organisation's data."""
        return self.security.organizations[0].desk

    @property
    def mail(self) -> list[Mail]:
        """What the appliance itself would have mailed, all organisations, oldest first."""
        with self.lock:
            self._catch_up()
            mails = [m for o in self.security.organizations for m in o.desk.mail]
            return sorted(mails, key=lambda mail: mail.timestamp)

    def organization(self, name: str = "") -> Organization:
        """ApiError 404 for an organisation there is none of; empty is the default one."""
        found = self.security.named(name or self.settings.organization)
        if found is None:
            raise ApiError(404, f"Organization '{name}' not found.")
        return found

    def load(self, data: dict[str, Any]) -> dict[str, int]:
        """Add or replace users, queues, tickets and the rest; how many of each.

        Names or ids are accepted for every reference. Raises ValueError, naming the place, for
        data that does not fit; nothing is loaded then.
        """
        with self.lock:
            desk = self.organization(str(data.get("organization") or "")).desk
            return load_desk(desk, self.settings, data, self.clock.stamp())

    def dump(self, organization: str = "") -> dict[str, Any]:
        """The whole state in the form ``load`` takes."""
        with self.lock:
            self._catch_up()
            return dump_desk(self.organization(organization).desk)

    def handle(self, request: Request) -> Reply:
        """Answer one request; delays and drops are for the caller to carry out."""
        path = unquote(request.path).rstrip("/") or "/"
        with self.lock:
            self._catch_up()
            if path == "/sandbox" or path.startswith("/sandbox/"):
                reply = control.answer(self, request, path)
            else:
                reply = self._answer_logged(request, path)
            reply.headers.append(("Date", self.clock.http_date()))
        return reply

    def _answer_logged(self, request: Request, path: str) -> Reply:
        at = self.clock.stamp()
        reply = self._answer_faulted(request, path, take_fault(self.faults, request, path))
        status = None if reply.drop else reply.status
        self.requests.append(Logged(at, request.method, path, request.query, status))
        return replace(reply, delay_s=reply.delay_s + self.settings.latency_s)

    def _answer_faulted(self, request: Request, path: str, fault: Fault | None) -> Reply:
        if fault is None:
            return self._answer(request, path)
        do = fault.do
        if do.get("expire_session"):
            self.security.sessions.end(request)
        if do.get("drop_before"):
            return Reply(0, drop=True)
        if fault.is_answer():
            reply = fault.answer()
        else:
            ignored = frozenset(map(str, do.get("ignore_fields") or ()))
            late = float(do["apply_late_s"]) if "apply_late_s" in do else None
            reply = self._answer(request, path, ignored, late)
        reply.headers.extend(
            (name, str(value)) for name, value in (do.get("headers") or {}).items()
        )
        truncate = int(do["truncate"]) if "truncate" in do else None
        drop = reply.drop or bool(do.get("drop_after"))
        return replace(reply, delay_s=float(do.get("delay_s", 0)), drop=drop, truncate=truncate)

    def _answer(
        self,
        request: Request,
        path: str,
        ignored: frozenset[str] = frozenset(),
        late: float | None = None,
    ) -> Reply:
        """The appliance's own answer; with *late*, accepted now and done that many seconds on."""
        try:
            if path.startswith(_AMS):
                return self._answer_ams(request, path.removeprefix(_AMS))
            if not path.startswith("/api/"):
                return answer_html("404 Not Found", 404)
            work = self._accept(request, path, ignored)
            if late is None:
                return work()
            self._late.append(Late(time.monotonic() + late, work))
            return Reply(0, drop=True)
        except ApiError as error:
            quiet = self.settings.errors_in_200 and error.status not in (401, 404, 405)
            return answer_error(error, 200 if quiet else None)

    def _accept(self, request: Request, path: str, ignored: frozenset[str]) -> Callable[[], Reply]:
        """Check version, session and route; what is left to do."""
        self.security.sessions.check_version(request)
        session = self.security.sessions.of(request, self.clock.now())
        organization, user = self.security.user_of(session)
        handler, parts = find_route(request.method, path)
        if organization.name == SYSTEM and path.startswith("/api/service_desk"):
            raise ApiError(404, "The System organization has no service desk.")

        return lambda: handler(
            self._call(request, organization, user, parts, playing=False, ignored=ignored)
        )

    def act(self, user_name: str, request: Request, path: str) -> Reply:
        """Answer a ticket route as that user of the default organisation, without a session."""
        organization = self.organization()
        user = organization.desk.user_named(user_name)
        if user is None:
            raise ApiError(404, f"No user '{user_name}'.")
        handler, parts = find_route(request.method, path)
        return handler(self._call(request, organization, user, parts, playing=True))

    def _call(
        self,
        request: Request,
        organization: Organization,
        user: User,
        parts: dict[str, str],
        *,
        playing: bool,
        ignored: frozenset[str] = frozenset(),
    ) -> Call:
        return Call(
            request,
            self.settings,
            organization.desk,
            user,
            self.clock.stamp(),
            self._memory,
            organization.name,
            parts,
            playing,
            ignored,
        )

    def _answer_ams(self, request: Request, route: str) -> Reply:
        self.security.sessions.check_version(request)
        now = self.clock.now()
        switch = _SWITCH_TO.match(route)
        if switch:
            if request.method != "POST":
                raise not_allowed(request.method, ["POST"])
            return self.security.switch(request, now, switch[1])
        verb, handler = self.security.routes().get(route, ("", None))
        if handler is None:
            raise ApiError(404, f"No route for {_AMS}{route}.")
        if request.method != verb:
            raise not_allowed(request.method, [verb])
        return handler(request, now)

    def _catch_up(self) -> None:
        """Do what fell due since the last request: late writes, then what time brings."""
        moment = time.monotonic()
        due = [late for late in self._late if late.at <= moment]
        self._late = [late for late in self._late if late.at > moment]
        for late in due:
            try:
                late.apply()
            except ApiError:
                continue  # refused like any other write; nobody is left to be told
        now = self.clock.now()
        for organization in self.security.organizations:
            run_due(organization.desk, self.settings, now)
