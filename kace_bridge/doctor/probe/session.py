"""Facts of the session: what the login gives, and what the appliance asks of every request."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from kace_bridge.doctor.probe.conversation import TOKEN_HEADERS, VERSION_HEADERS, Conversation
from kace_bridge.doctor.probe.fact import (
    Fact,
    fields_of,
    guarded,
    key_names,
    kinds,
    raw_of,
    shape_of,
)
from kace_bridge.model.people import to_int
from kace_bridge.sma.auth import ME
from kace_bridge.sma.endpoints.users import read_right
from kace_bridge.sma.exchange import Request

_ROUTES = {
    "users": "/api/users/users",
    "machines": "/api/inventory/machines",
    "assets": "/api/asset/assets",
    "queues": "/api/service_desk/queues",
    "organizations": "/ams/shared/api/organizations",
}


def measure_session(talk: Conversation) -> Iterator[Fact]:
    """What can be told of the login and the account, by reading."""
    yield Fact("U2", "Body of the login answer: keys and kinds", kinds(raw_of(talk.login)))
    yield Fact(
        "U3",
        "Lifetime a session token states of itself, in seconds",
        _stated_lifetime(talk),
        "the real lifetime takes an hour to measure",
    )
    yield Fact("U4", "Two-factor route that was used, if any", talk.code_route or "none asked")
    yield Fact("U5", "Names of cookies and tokens", _tokens(talk))
    yield from guarded("U19", "What the account may do and reach", lambda: _account(talk))
    yield from guarded(
        "1.2",
        "Status without a version header",
        lambda: talk.get_without(ME, *VERSION_HEADERS).status,
    )


def measure_tokens(talk: Conversation) -> Iterator[Fact]:
    """How requests without their CSRF token are answered; last, it may cost the session."""
    question = "Answers to a missing and to a wrong CSRF token"
    if talk.grant.generation == "C":
        yield Fact("U1", question, "no token is used")
        return
    wrong = dict.fromkeys(TOKEN_HEADERS, "wrong")
    yield from guarded(
        "U1",
        question,
        lambda: {
            "missing": shape_of(talk.get_without(ME, *TOKEN_HEADERS)),
            "wrong": shape_of(talk.get_without(ME, *TOKEN_HEADERS, **wrong)),
        },
    )


def my_number(talk: Conversation) -> int:
    """The id of the account in use; 0 where it is not told. Never reported."""
    fields = fields_of(talk.get(ME))
    return to_int(fields.get("userid", fields.get("id"))) or 0


def _tokens(talk: Conversation) -> dict[str, Any]:
    answered = talk.login.headers
    return {
        "cookies": key_names(talk.cookies),
        "csrf_header": next((name for name in TOKEN_HEADERS if name in answered), "none"),
        "x-kace-authorization": "x-kace-authorization" in answered,
    }


def _account(talk: Conversation) -> dict[str, Any]:
    reply = talk.get(ME)
    fields = fields_of(reply)
    areas = fields.get("permissions")
    return {
        "users/me": kinds(raw_of(reply)),
        "permissions": key_names(areas) if isinstance(areas, dict) else None,
        "helpdesk": read_right(fields),
        "routes": {
            name: talk.send(Request("GET", path, (("paging", "limit 1 offset 0"),))).status
            for name, path in _ROUTES.items()
        },
    }


def _stated_lifetime(talk: Conversation) -> int | None:
    """``exp`` minus ``iat`` of the token cookie, where it is a JSON web token that says so."""
    for name, value in talk.login.cookies.items():
        if "jwt" not in name.lower() or value.count(".") != 2:
            continue
        part = value.split(".")[1]
        try:
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            return int(claims["exp"]) - int(claims["iat"])
        except (ValueError, KeyError, TypeError):
            return None
    return None
