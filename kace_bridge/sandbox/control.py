"""The control surface under /sandbox: what tests, the demo and people steer the sandbox with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from kace_bridge.sandbox.exchange import ApiError, Reply, Request, answer_error, answer_json
from kace_bridge.sandbox.faults import read_faults
from kace_bridge.sandbox.routes import not_allowed

if TYPE_CHECKING:
    from kace_bridge.sandbox.appliance import Appliance

_AS = re.compile(r"^/sandbox/as/([^/]+)(/api/.+)$")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def answer(app: Appliance, request: Request, path: str) -> Reply:
    """Answer a request below /sandbox; errors have the appliance's own body."""
    try:
        playing = _AS.match(path)
        if playing:
            return app.act(playing[1], request, playing[2])
        verbs = _ROUTES.get(path.removeprefix("/sandbox/"))
        if verbs is None:
            raise ApiError(404, f"No control route {path}; there are {', '.join(sorted(_ROUTES))}.")
        if request.method not in verbs:
            raise not_allowed(request.method, list(verbs))
        return verbs[request.method](app, request)
    except ApiError as error:
        return answer_error(error)
    except ValueError as error:
        return answer_error(ApiError(400, str(error)))


def read_span(text: str) -> timedelta:
    """``8h``, ``1h30m``, ``2d``, or seconds; ValueError for anything else."""
    text = str(text).strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return timedelta(seconds=float(text))
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        raise ValueError(f"'{text}' is no span of time; write 90s, 30m, 8h or 2d")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body or b"null")
    except ValueError as error:
        raise ApiError(400, f"The body is not valid JSON: {error}") from None


def _get_clock(app: Appliance, _: Request) -> Reply:
    now = app.clock.now()
    return answer_json(
        {
            "now": app.clock.stamp(now),
            "timezone": app.settings.timezone,
            "utc_offset": now.strftime("%z"),
            "frozen": app.clock.frozen,
        }
    )


def _set_clock(app: Appliance, request: Request) -> Reply:
    sent = _json(request)
    if not isinstance(sent, dict) or not {"now", "advance", "frozen"} & sent.keys():
        raise ApiError(400, "Send 'now', 'advance' or 'frozen'.")
    if "now" in sent:
        app.clock.set(str(sent["now"]), frozen=bool(sent.get("frozen", False)))
    elif "frozen" in sent:
        app.clock.freeze(bool(sent["frozen"]))
    if "advance" in sent:
        app.clock.advance(read_span(sent["advance"]))
    return _get_clock(app, request)


def _load(app: Appliance, request: Request) -> Reply:
    sent = _json(request)
    if not isinstance(sent, dict):
        raise ApiError(400, "Send an object with users, queues or tickets.")
    return answer_json({"loaded": app.load(sent)})


def _dump(app: Appliance, request: Request) -> Reply:
    name = parse_qs(request.query).get("organization", [""])[-1]
    return answer_json(app.dump(name))


def _get_faults(app: Appliance, _: Request) -> Reply:
    return answer_json([asdict(fault) for fault in app.faults])


def _add_faults(app: Appliance, request: Request) -> Reply:
    app.faults.extend(read_faults(_json(request)))
    return _get_faults(app, request)


def _drop_faults(app: Appliance, _: Request) -> Reply:
    app.faults.clear()
    return answer_json([])


def _get_requests(app: Appliance, _: Request) -> Reply:
    return answer_json([asdict(logged) for logged in app.requests])


def _drop_requests(app: Appliance, _: Request) -> Reply:
    app.requests.clear()
    return answer_json([])


def _get_mail(app: Appliance, _: Request) -> Reply:
    return answer_json([asdict(mail) for mail in app.mail])


def _drop_mail(app: Appliance, _: Request) -> Reply:
    for organization in app.security.organizations:
        organization.desk.mail.clear()
    return answer_json([])


_ROUTES: dict[str, dict[str, Callable[[Appliance, Request], Reply]]] = {
    "clock": {"GET": _get_clock, "POST": _set_clock},
    "load": {"POST": _load},
    "dump": {"GET": _dump},
    "faults": {"GET": _get_faults, "POST": _add_faults, "DELETE": _drop_faults},
    "requests": {"GET": _get_requests, "DELETE": _drop_requests},
    "mail": {"GET": _get_mail, "DELETE": _drop_mail},
}
