"""Short ways to talk to an appliance in tests, without a socket."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from kace_bridge.sandbox import Appliance, Reply, Request, Settings

TICKETS = "/api/service_desk/tickets"
LOGIN = "/ams/shared/api/security/login"


class Caller:
    """A client with a cookie jar and remembered headers; nothing clever."""

    def __init__(self, app: Appliance, **headers: str) -> None:
        self.app = app
        self.headers = {"Accept": "application/json", **headers}
        self.cookies: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: dict[str, str] | str = "",
        **extra: str,
    ) -> Reply:
        raw = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        headers = self.headers | {key.replace("_", "-"): value for key, value in extra.items()}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        content = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        reply = self.app.handle(Request(method, path, raw, headers, content))
        for name, value in reply.headers:
            if name == "Set-Cookie":
                key, _, text = value.partition(";")[0].partition("=")
                self.cookies[key] = text
        return reply

    def get(self, path: str, **query: str) -> Reply:
        return self.send("GET", path, query=query)

    def post(self, path: str, body: Any = None, query: dict[str, str] | str = "") -> Reply:
        return self.send("POST", path, body, query)

    def put(self, path: str, body: Any = None) -> Reply:
        return self.send("PUT", path, body)

    def rows(self, path: str = TICKETS, **query: str) -> Any:
        """The envelope's list, for a GET that must succeed."""
        reply = self.get(path, **query)
        assert reply.status == 200, reply.body
        return next(v for k, v in reply.json().items() if isinstance(v, list) and k != "Warnings")

    def ids(self, **query: str) -> list[int]:
        return [row["id"] for row in self.rows(**query)]

    def create(self, **ticket: Any) -> int:
        reply = self.post(TICKETS, {"Tickets": [{"hd_queue_id": 1, **ticket}]})
        assert reply.status == 200, reply.body
        return int(reply.json()["IDs"][0])

    def update(self, number: int, **values: Any) -> Reply:
        return self.put(f"{TICKETS}/{number}", {"Tickets": [values]})

    def ticket(self, number: int, shaping: str = "hd_ticket all") -> dict[str, Any]:
        row: dict[str, Any] = self.rows(f"{TICKETS}/{number}", shaping=shaping)[0]
        return row

    def history(self, number: int) -> Any:
        return self.rows(f"{TICKETS}/{number}/changes")


def make_appliance(**settings: Any) -> Appliance:
    """An appliance standing still at a Monday morning."""
    app = Appliance(Settings(**settings))
    app.clock.set("2026-03-02 09:00:00", frozen=True)
    return app


def log_in(app: Appliance, user: str = "", password: str = "", organization: str = "") -> Caller:
    """A caller with a session, whatever the generation."""
    dell = app.settings.generation == "A"
    caller = Caller(app, **{"x-dell-api-version" if dell else "x-kace-api-version": "8"})
    sent = {
        "userName": user or app.settings.username,
        "password": password or app.settings.password,
    }
    if organization:
        sent["organizationName"] = organization
    reply = caller.post(LOGIN, sent)
    assert reply.status == 200, reply.body
    for name, value in reply.headers:
        if name.endswith("csrf-token") or name == "x-kace-authorization":
            caller.headers[name] = value
    return caller
