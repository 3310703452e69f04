"""A client before canned replies, for answers no well-behaved appliance gives."""

from datetime import UTC, datetime
from typing import Any

import responses

from kace_bridge.clock import ManualClock
from kace_bridge.sma import Sma

URL = "https://kace.example.org"
PASSWORD = "canary-password-8f3b"
TICKETS = f"{URL}/api/service_desk/tickets"
LOGIN = f"{URL}/ams/shared/api/security/login"
ME = f"{URL}/api/users/me"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
EXPIRED = {"errorCode": -1, "errorDescription": "Expired token"}
DATE = {"Date": "Mon, 02 Mar 2026 14:00:00 GMT"}


def make_client(**changes: Any) -> Sma:
    """A client with a hand-turned clock: waiting costs nothing."""
    settings: dict[str, Any] = {
        "username": "svc",
        "password": PASSWORD,
        "timezone": "America/New_York",
        "clock": ManualClock(NOW),
    }
    return Sma(URL, **(settings | changes))


def accept_login(rsps: responses.RequestsMock, times: int = 1) -> None:
    """Answer *times* logins of a 12.1 appliance."""
    for _ in range(times):
        rsps.post(LOGIN, json={"ok": 1}, headers={"Set-Cookie": "kboxid=canary-cookie-77; path=/"})
        rsps.get(ME, json={"userId": 10, "permissions": {"helpdesk": "WRITE"}}, headers=DATE)


def row(number: int, **changes: object) -> dict[str, object]:
    """One ticket row."""
    return {
        "id": number,
        "title": f"Ticket {number}",
        "hd_queue_id": 1,
        "created": "2026-03-02 09:00:00",
        "modified": "2026-03-02 09:00:00",
        **changes,
    }


def envelope(*rows: object, count: int | None = None) -> dict[str, object]:
    return {"Count": len(rows) if count is None else count, "Warnings": [], "Tickets": list(rows)}


def asked(rsps: responses.RequestsMock) -> list[str]:
    """Method and URL of every request, in order, without queries."""
    return [f"{call.request.method} {call.request.url.partition('?')[0]}" for call in rsps.calls]
