"""No secret leaves by a log line, an error, its traceback or its context, on any path."""

import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests
import responses

from kace_bridge.errors import KaceBridgeError
from kace_bridge.sma import Sma
from tests.unit.sma.stub import LOGIN, ME, PASSWORD, TICKETS, URL, make_client

SEED = "JBSWY3DPEHPK3PXQ"
COOKIE = "canary-cookie-41c9"
TOKEN = "canary-token-90aa"
CANARIES = (PASSWORD, SEED, COOKIE, TOKEN)
ECHO = f"no: {PASSWORD} {SEED} {COOKIE} {TOKEN}"

ACTS: dict[str, tuple[str, str, Callable[[Sma], object]]] = {
    "get": ("GET", f"{TICKETS}/41", lambda sma: sma.tickets.get(41)),
    "update": ("PUT", f"{TICKETS}/41",
               lambda sma: sma.tickets.update(41, {"title": "x"}, comment="y")),
    "create": ("POST", TICKETS, lambda sma: sma.tickets.create({"hd_queue_id": 1, "title": "x"})),
    "pages": ("GET", TICKETS, lambda sma: list(sma.tickets.pages())),
    "attachment": ("GET", f"{TICKETS}/41/changes/1/attachments/2",
                   lambda sma: sma.tickets.attachment(41, 1, 2)),
    "switch": ("POST", f"{URL}/ams/shared/api/security/organization/switch",
               lambda sma: sma.organizations.switch(2)),
}  # fmt: skip
"""What may go wrong after the login: the request that is spoilt, and who sends it."""


@dataclass(frozen=True)
class Scene:
    """What the appliance answers, and the act of ``ACTS`` that fails by it."""

    prepare: Callable[[responses.RequestsMock], object]
    act: str = "get"


def login(rsps: responses.RequestsMock) -> None:
    headers = [
        ("Set-Cookie", f"kboxid={COOKIE}; path=/"),
        ("x-kace-csrf-token", TOKEN),
        ("x-kace-authorization", TOKEN),
    ]
    rsps.add(responses.Response("POST", LOGIN, json={}, headers=dict(headers)))
    rsps.get(ME, json={"userId": 1})


def spoiled(act: str, **trouble: object) -> Scene:
    method, url, _ = ACTS[act]

    def prepare(rsps: responses.RequestsMock) -> None:
        login(rsps)
        rsps.add(method, url, **trouble)

    return Scene(prepare, act)


def spoiled_login(**trouble: object) -> Scene:
    return Scene(lambda rsps: rsps.add("POST", LOGIN, **trouble))


def speak(text: str) -> dict[str, object]:
    return {"errorCode": -1, "errorDescription": text}


def two_factor(status: int, text: str) -> Scene:
    def prepare(rsps: responses.RequestsMock) -> None:
        login(rsps)
        pending = speak(f"User not fully authenticated. {text}")
        rsps.replace(responses.GET, ME, status=401, json=pending)
        verify = f"{URL}/ams/shared/api/security/verify_2factor"
        rsps.post(verify, status=status, json=speak(text))

    return Scene(prepare)


FOREIGN = [
    requests.exceptions.ConnectionError(ECHO),
    requests.exceptions.ReadTimeout(ECHO),
    requests.exceptions.ConnectTimeout(ECHO),
    requests.exceptions.SSLError(ECHO),
    requests.exceptions.ChunkedEncodingError(ECHO),
    requests.exceptions.InvalidURL(ECHO),
    OSError(ECHO),
]
STATUSES = (200, 302, 400, 401, 403, 404, 405, 409, 422, 429, 500, 503)


def make_scenes(text: str) -> list[object]:
    """Every way each act, a login and a code can go wrong, the appliance saying *text*."""
    page = {"body": text, "content_type": "text/html"}
    moved = {"status": 302, "headers": {"Location": f"https://x/{text.replace(' ', '')}?{text}"}}
    found = []
    for status in STATUSES:
        said = {"status": status, "json": speak(text)}
        # The bytes of an attachment may say anything.
        acts = [act for act in ACTS if (act, status) != ("attachment", 200)]
        found += [pytest.param(spoiled(act, **said), id=f"{act} {status}") for act in acts]
        # Before a login there are no cookies and tokens that an appliance could echo.
        known = text.replace(COOKIE, "").replace(TOKEN, "")
        early = spoiled_login(status=status, json=speak(known))
        found.append(pytest.param(early, id=f"login {status}"))
    for error in FOREIGN:
        name = type(error).__name__
        found += [pytest.param(spoiled(act, body=error), id=f"{act} {name}") for act in ACTS]
        found.append(pytest.param(spoiled_login(body=error), id=f"login {name}"))
    for act in ACTS:
        if act != "attachment":
            found.append(pytest.param(spoiled(act, **page), id=f"{act} page"))
        found.append(pytest.param(spoiled(act, **moved), id=f"{act} moved"))
    found.append(pytest.param(two_factor(401, text), id="refused code"))
    found.append(pytest.param(two_factor(500, text), id="code and 500"))
    return found


def fail(scene: Scene) -> KaceBridgeError:
    """The error of the act the scene spoilt."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        scene.prepare(rsps)
        sma = make_client(totp_seed=SEED)
        try:
            ACTS[scene.act][2](sma)
        except KaceBridgeError as error:
            return error
    raise AssertionError("the scene went well")


def everything_about(error: BaseException, *, with_locals: bool) -> str:
    """All that a careless reporter could print of an error and of what led to it.

    Frames of this file are left out: their variables name the canaries.
    """
    shown, waiting, seen = [], [error], set()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        told = traceback.TracebackException.from_exception(link, capture_locals=with_locals)
        blocks = "".join(told.format(chain=False)).split('  File "')
        shown += [block for block in blocks if not block.startswith(__file__)]
        asked = getattr(link, "request", None)
        shown += [str(link), repr(link), repr(vars(link)), repr(vars(asked) if asked else "")]
        waiting += [item for item in (link.__cause__, link.__context__) if item is not None]
    return "\n".join(shown)


@pytest.mark.catalogue("S04")
@pytest.mark.parametrize("scene", make_scenes(ECHO))
def test_no_secret_shows_when_the_appliance_echoes_them(scene, caplog):
    """None in the DEBUG log with all its fields, in the error, or in the errors behind it."""
    caplog.set_level(logging.DEBUG)
    error = fail(scene)
    logged = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    shown = everything_about(error, with_locals=False)
    for canary in CANARIES:
        assert canary not in logged
        assert canary not in shown


@pytest.mark.catalogue("S04")
@pytest.mark.parametrize("scene", make_scenes("No such thing"))
def test_no_secret_shows_in_the_variables_of_a_traceback(scene):
    """Reporters that print local variables find masked ones only."""
    shown = everything_about(fail(scene), with_locals=True)
    for canary in CANARIES:
        assert canary not in shown


def test_a_client_and_its_parts_show_no_secret():
    """repr of the client, its session, its account and what they hold."""
    with responses.RequestsMock() as rsps:
        login(rsps)
        sma = make_client(totp_seed=SEED)
        sma.login()
    held = sma._session._held
    shown = f"{sma!r} {sma._session!r} {sma._session.account!r} {held.grant!r} {sma._transport!r}"
    assert not [canary for canary in CANARIES if canary in shown]
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(sma._session.account)
