"""Logging in, driven without a socket."""

import json
from datetime import UTC, datetime

import pytest

from kace_bridge.errors import LoginRefused, RetryLater, UnexpectedReply
from kace_bridge.sma.auth import LOGIN, ME, VERIFY, Account, Grant, log_in
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.secret import Secret
from kace_bridge.sma.totp import one_time_code

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SEED = Secret("JBSWY3DPEHPK3PXP")
ACCOUNT = Account("https://kace", "svc", Secret("pw-canary"), "Default")
KACE, DELL = "x-kace-api-version", "x-dell-api-version"


def reply(status: int = 200, body: object = None, cookies=None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, json.dumps({} if body is None else body).encode(), cookies or {})


def error(status: int, text: str) -> Reply:
    return reply(status, {"errorCode": -1, "errorDescription": text})


def converse(*replies: Reply, account: Account = ACCOUNT, dell: bool = False):
    """Feed *replies* to a login; what it asked, and the grant or the error."""
    flow = log_in(account, NOW, dell=dell)
    asked: list[Request] = [next(flow)]
    for answer in replies:
        try:
            asked.append(flow.send(answer))
        except StopIteration as done:
            return asked, done.value
    raise AssertionError(f"the flow wants more: {asked[-1]}")


def names(request: Request) -> list[str]:
    return sorted(request.headers)


def test_a_modern_login_sends_the_new_name_alone_and_needs_no_csrf():
    """From 12.1 a reply without any CSRF header is a good login (generation C)."""
    asked, grant = converse(reply(), reply(body={"userId": 1}))
    assert [request.path for request in asked] == [LOGIN, ME]
    assert names(asked[0]) == [KACE]
    assert asked[0].body == {
        "userName": "svc",
        "password": Secret("pw-canary"),
        "organizationName": "Default",
    }
    assert isinstance(grant, Grant)
    assert grant.generation == "C"
    assert names(asked[1]) == [KACE]


def test_an_old_appliance_is_asked_again_with_both_names():
    """A 400 to the new name alone is answered with the old name too (generation A)."""
    asked, grant = converse(error(400, "version"), reply(x_dell_csrf_token="t0k"), reply())
    assert [request.path for request in asked] == [LOGIN, LOGIN, ME]
    assert names(asked[1]) == [DELL, KACE]
    assert grant.generation == "A"
    assert grant.headers["x-dell-csrf-token"] == Secret("t0k")
    assert grant.headers["x-kace-csrf-token"] == Secret("t0k")


@pytest.mark.parametrize(
    ("answer", "generation", "echoed"),
    [
        pytest.param(reply(x_kace_csrf_token="t"), "B", {"x-kace-csrf-token"}, id="12.0 header"),
        pytest.param(
            reply(cookies={"KACE_CSRF_TOKEN": "t"}), "B", {"x-dell-csrf-token"}, id="cookie alone"
        ),
        pytest.param(reply(x_dell_csrf_token="t"), "A", {"x-dell-csrf-token"}, id="Dell header"),
        pytest.param(
            reply(x_kace_authorization="t"), "C", {"x-kace-authorization"}, id="authorization"
        ),
    ],
)
def test_what_the_login_gives_is_echoed_and_nothing_else(answer, generation, echoed):
    """Tokens come back on every request when received, never otherwise."""
    _, grant = converse(answer, reply())
    assert grant.generation == generation
    assert echoed <= grant.headers.keys()
    assert all(grant.headers[name] == Secret("t") for name in echoed)
    assert "t" not in repr(grant).replace("Grant", "").split("generation")[0]


def test_a_refused_password_is_tried_once():
    """401 ends the login: no second request carries the password."""
    flow = log_in(ACCOUNT, NOW)
    next(flow)
    with pytest.raises(LoginRefused) as caught:
        flow.send(error(401, "pw-canary is wrong"))
    assert str(caught.value) == (
        "login refused for user 'svc' in organization 'Default' at https://kace: "
        "check KACE_USERNAME, KACE_PASSWORD and KACE_ORG"
    )


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        pytest.param([error(403, "no"), error(403, "no")], LoginRefused, id="403 to both forms"),
        pytest.param([error(200, "Bad user")], LoginRefused, id="an error in a 200"),
        pytest.param([error(404, ""), error(404, "")], UnexpectedReply, id="no such route"),
        pytest.param([Reply(200, {}, b"<html>")], UnexpectedReply, id="a page"),
        pytest.param([Reply(302, {"location": "https://x/"})], UnexpectedReply, id="redirect"),
        pytest.param([error(503, "starting")], RetryLater, id="starting up"),
        pytest.param([error(429, "slow")], RetryLater, id="throttled"),
        pytest.param(
            [reply(), error(401, "no"), reply(), error(401, "no")],
            LoginRefused,
            id="a session that is never good",
        ),
    ],
)
def test_other_replies_to_a_login_say_what_to_do(replies, kind):
    """Refusal, a wrong address and an appliance that is not ready are told apart."""
    with pytest.raises(kind) as caught:
        converse(*replies)
    assert "pw-canary" not in str(caught.value)


def test_a_session_that_fails_at_once_is_tried_with_the_old_names():
    """An appliance that ignores the version at login but not later gets both names."""
    asked, grant = converse(reply(), error(401, "version"), reply(x_dell_csrf_token="t"), reply())
    assert [request.path for request in asked] == [LOGIN, ME, LOGIN, ME]
    assert grant.generation == "A"


PENDING = error(401, "User not fully authenticated.")
WITH_SEED = Account("https://kace", "svc", Secret("pw"), "Default", SEED)


def test_two_factor_sends_the_code_of_the_appliance_time():
    """The code is made for the Date of the reply, so a wrong local clock does no harm."""
    login = Reply(200, {"date": "Mon, 02 Mar 2026 20:00:00 GMT"}, b"{}")
    asked, _ = converse(login, PENDING, reply(), reply(), account=WITH_SEED)
    assert [request.path for request in asked] == [LOGIN, ME, VERIFY[0], ME]
    code = one_time_code(SEED, datetime(2026, 3, 2, 20, tzinfo=UTC))
    assert asked[2].body == {"currentCode": code}


def test_two_factor_tries_the_other_route_name():
    """Sources disagree about the route: a 404 leads to the second name."""
    asked, _ = converse(reply(), PENDING, error(404, ""), reply(), reply(), account=WITH_SEED)
    assert [request.path for request in asked][2:4] == list(VERIFY)
    assert asked[2].body == {"currentCode": one_time_code(SEED, NOW)}


def test_two_factor_without_a_seed_says_what_is_missing():
    """The message names the setting."""
    with pytest.raises(LoginRefused, match="KACE_TOTP_SEED"):
        converse(reply(), PENDING)


def test_a_refused_code_is_not_tried_again():
    """One code, one refusal."""
    with pytest.raises(LoginRefused, match="two-factor code was refused"):
        converse(reply(), PENDING, error(401, "no"), account=WITH_SEED)


def test_old_names_can_be_sent_from_the_start():
    """For appliances that answer 401 to a login without them."""
    asked, _ = converse(reply(), reply(), dell=True)
    assert names(asked[0]) == [DELL, KACE]


def test_the_selected_organization_is_read_where_the_appliance_tells():
    """The cookie is percent-decoded; without it nothing is claimed."""
    _, grant = converse(reply(cookies={"KACE_LAST_ORG_SECURE": "My%20Org"}), reply())
    assert grant.organization == "My Org"
    assert converse(reply(), reply())[1].organization is None
