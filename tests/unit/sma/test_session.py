"""Sessions: when to log in, what to repeat, what never."""

import threading
from datetime import timedelta

import pytest
import requests
import responses

from kace_bridge.errors import (
    LoginRefused,
    NotFound,
    Refused,
    RetryLater,
    UnexpectedReply,
)
from tests.unit.sma.stub import (
    EXPIRED,
    LOGIN,
    ME,
    TICKETS,
    URL,
    accept_login,
    asked,
    envelope,
    make_client,
    row,
)


def test_nothing_is_sent_before_the_first_question(rsps):
    """Making, using as a context and closing a client that asks nothing costs nothing."""
    with make_client() as sma:
        assert sma.requests_made == 0
        assert sma.server_time is None
    assert asked(rsps) == []


@pytest.mark.catalogue("A01")
def test_an_expired_session_is_renewed_once_and_the_read_replayed(rsps):
    """401, one login, one replay."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", status=401, json=EXPIRED)
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    assert make_client().tickets.get(41).title == "Ticket 41"


def test_an_error_about_the_token_in_a_200_counts_as_expired(rsps):
    """Contract section 8, Q27."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", json=EXPIRED)
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    assert make_client().tickets.get(41).id == 41


@pytest.mark.parametrize("verb", ["GET", "PUT"])
def test_a_session_refused_twice_ends_without_a_loop(rsps, verb):
    """The second 401 is an error that names account and organization."""
    for _ in range(2):
        accept_login(rsps)
        rsps.add(verb, f"{TICKETS}/41", status=401, json=EXPIRED)
    accept_login(rsps)
    sma = make_client()
    with pytest.raises(LoginRefused, match=r"'svc' in organization 'Default' at https://kace"):
        sma.tickets.get(41) if verb == "GET" else sma.tickets.update(41, {"title": "x"})


@pytest.mark.catalogue("A03")
def test_a_refused_password_is_sent_once_however_often_asked(rsps):
    """The account is not locked out: later questions repeat the error, not the login."""
    rsps.post(LOGIN, status=401, json={"errorCode": -1, "errorDescription": "Invalid"})
    sma = make_client()
    for question in (sma.login, sma.login, lambda: sma.tickets.get(1), lambda: sma.generation):
        with pytest.raises(LoginRefused, match="check KACE_USERNAME, KACE_PASSWORD and KACE_ORG"):
            question()
    assert asked(rsps) == [f"POST {LOGIN}"]


def test_a_session_is_renewed_before_it_ages(rsps):
    """After 45 minutes a login comes first, so that no request runs into the expiry."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    sma = make_client()
    sma.tickets.get(41)
    sma._session.clock.advance(timedelta(minutes=45))
    sma.tickets.get(41)


def test_threads_share_one_login():
    """Eight first questions at once: one login, eight answers."""
    with responses.RequestsMock() as rsps:
        accept_login(rsps)
        rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
        sma = make_client()
        found: list[int] = []
        barrier = threading.Barrier(8)

        def read() -> None:
            barrier.wait()
            found.append(sma.tickets.get(41).id)

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [41] * 8
        assert asked(rsps).count(f"POST {LOGIN}") == 1


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"status": 503}, id="503"),
        pytest.param({"status": 429}, id="429"),
        pytest.param({"body": requests.exceptions.ConnectionError("reset")}, id="reset"),
        pytest.param({"body": requests.exceptions.ReadTimeout("slow")}, id="timeout"),
        pytest.param({"body": "<html>proxy</html>", "content_type": "text/html"}, id="page"),
        pytest.param({"body": '{"Tickets": [', "content_type": "application/json"}, id="cut"),
    ],
)
def test_a_read_is_tried_three_times(rsps, trouble):
    """Two failures and a good answer make a good answer."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", **trouble)
    rsps.get(f"{TICKETS}/41", **trouble)
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    assert make_client().tickets.get(41).id == 41


def test_a_read_that_keeps_failing_is_given_up(rsps):
    """Three tries, then the last error."""
    accept_login(rsps)
    for _ in range(3):
        rsps.get(f"{TICKETS}/41", status=503)
    with pytest.raises(RetryLater, match="failed with status 503"):
        make_client().tickets.get(41)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (403, Refused), (404, NotFound), (405, Refused)]
)
def test_a_refused_read_is_not_repeated(rsps, status, kind):
    """A no is a no."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", status=status)
    with pytest.raises(kind):
        make_client().tickets.get(41)


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        pytest.param("7", 7.0, 7.5, id="seconds"),
        pytest.param("Mon, 02 Mar 2026 14:01:00 GMT", 60.0, 60.5, id="date"),
        pytest.param("300", 300.0, 300.5, id="as long as is waited for"),
        pytest.param("soon", 0.0, 8.0, id="garbage: own backoff"),
        pytest.param("-3", 0.0, 8.0, id="negative: own backoff"),
    ],
)
def test_the_wait_the_appliance_asks_for_is_kept(rsps, retry_after, least, most):
    """Retry-After in either form; where it cannot be read, a short wait of our own."""
    accept_login(rsps)
    date = "Mon, 02 Mar 2026 14:00:00 GMT"
    rsps.get(f"{TICKETS}/41", status=503, headers={"Retry-After": retry_after, "Date": date})
    rsps.get(f"{TICKETS}/41", json=envelope(row(41)))
    sma = make_client()
    sma.tickets.get(41)
    assert least <= sma._session.clock.monotonic() <= most


@pytest.mark.catalogue("A31")
def test_a_long_wait_is_left_to_the_caller(rsps):
    """More than five minutes: the error says how long, nobody sleeps."""
    accept_login(rsps)
    rsps.get(f"{TICKETS}/41", status=503, headers={"Retry-After": "301"})
    sma = make_client()
    with pytest.raises(RetryLater) as caught:
        sma.tickets.get(41)
    assert caught.value.retry_after == 301
    assert sma._session.clock.monotonic() == 0


@pytest.mark.catalogue("A39")
def test_redirects_are_never_followed(rsps):
    """The target is named without its query; the password does not travel there."""
    rsps.post(LOGIN, status=301, headers={"Location": "https://elsewhere.example/login?x=1"})
    with pytest.raises(UnexpectedReply, match=r"sent on to https://elsewhere\.example/login; use"):
        make_client().login()


def test_logging_out_ends_the_session_and_never_fails(rsps):
    """Best effort: an appliance that is gone does not turn a finished run into an error."""
    accept_login(rsps)
    rsps.get(f"{URL}/ams/shared/api/security/logout", status=500)
    with make_client() as sma:
        sma.login()
    assert asked(rsps)[-1].endswith("/logout")


def test_the_appliance_clock_and_the_requests_are_told(rsps):
    """server_time is the Date of the latest answer, aware."""
    accept_login(rsps)
    sma = make_client()
    sma.login()
    assert sma.server_time.isoformat() == "2026-03-02T14:00:00+00:00"
    assert sma.requests_made == 2
    assert sma.generation == "C"
    assert asked(rsps) == [f"POST {LOGIN}", f"GET {ME}"]


def test_another_organization_than_asked_for_is_said(rsps, caplog):
    """A wrong organization shows an empty desk and no error: warn at login."""
    cookie = {"Set-Cookie": "KACE_LAST_ORG_SECURE=Sales; path=/"}
    rsps.post(LOGIN, json={}, headers=cookie)
    rsps.get(ME, json={"userId": 1})
    sma = make_client()
    assert sma.selected_organization == "Sales"
    assert "selected organization Sales, not Default" in caplog.text


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        pytest.param([row(1, changes=[]), row(2, changes=[])], {1: (), 2: ()}, id="all inline"),
        pytest.param([row(1, changes=[]), row(2)], None, id="one without"),
        pytest.param([row(1, changes=None)], None, id="null"),
        pytest.param([], {}, id="no ticket"),
    ],
)
def test_inline_histories_are_complete_or_not_given(rsps, rows, given):
    """A caller never mistakes a history that was not given for an empty one."""
    accept_login(rsps)
    rsps.get(TICKETS, json=envelope(*rows))
    (page,) = make_client().tickets.pages()
    assert page.changes == given


def test_a_history_row_that_cannot_be_read_is_left_out_and_said(rsps, caplog):
    """One odd row does not cost the ticket."""
    good = {"id": 9, "timestamp": "2026-03-02 09:00:00", "comment": "hi"}
    accept_login(rsps)
    rsps.get(TICKETS, json=envelope(row(1, changes=[{"id": 8}, "odd", good])))
    (page,) = make_client().tickets.pages()
    assert [entry.id for entry in page.changes[1]] == [9]
    assert page.changes[1][0].ticket_id == 1
    assert "a history row cannot be read" in caplog.text
