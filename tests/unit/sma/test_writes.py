"""Writes: one request each, and what is known when it goes wrong."""

import pytest
import requests

from kace_bridge.errors import NotFound, NotSent, OutcomeUnknown, Refused, RetryLater
from tests.unit.sma.stub import EXPIRED, LOGIN, TICKETS, accept_login, asked, envelope, make_client


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        pytest.param({"status": 500}, OutcomeUnknown, id="500"),
        pytest.param({"status": 503, "headers": {"Retry-After": "1"}}, OutcomeUnknown, id="503"),
        pytest.param({"status": 429, "headers": {"Retry-After": "9"}}, RetryLater, id="429"),
        pytest.param({"status": 400}, Refused, id="400"),
        pytest.param({"status": 404}, NotFound, id="404"),
        pytest.param({"status": 302, "headers": {"Location": "/x"}}, OutcomeUnknown, id="302"),
        pytest.param(
            {"body": requests.exceptions.ConnectionError("x")}, OutcomeUnknown, id="reset"
        ),
        pytest.param({"body": requests.exceptions.ReadTimeout("x")}, OutcomeUnknown, id="timeout"),
        pytest.param(
            {"body": requests.exceptions.ChunkedEncodingError("x")}, OutcomeUnknown, id="cut body"
        ),
        pytest.param({"body": requests.exceptions.ConnectTimeout("x")}, NotSent, id="no connect"),
        pytest.param({"body": "<html>", "content_type": "text/html"}, OutcomeUnknown, id="page"),
        pytest.param({"body": '{"Res'}, OutcomeUnknown, id="broken JSON"),
        pytest.param({"body": ""}, OutcomeUnknown, id="empty"),
    ],
)
def test_a_write_is_sent_once_whatever_comes_back(rsps, trouble, kind):
    """One request on the wire, and the error says what is known about it."""
    accept_login(rsps)
    rsps.put(f"{TICKETS}/41", **trouble)
    with pytest.raises(kind) as caught:
        make_client().tickets.update(41, {"title": "x"})
    assert type(caught.value) is kind
    assert asked(rsps).count(f"PUT {TICKETS}/41") == 1


@pytest.mark.catalogue("A01")
def test_a_write_turned_away_with_401_is_replayed_once(rsps):
    """401 comes before any effect, so one login and one replay are safe."""
    accept_login(rsps)
    rsps.put(f"{TICKETS}/41", status=401, json=EXPIRED)
    accept_login(rsps)
    rsps.put(f"{TICKETS}/41", json={"Result": "Success"})
    make_client().tickets.update(41, {"title": "x"})


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 503, "headers": {"Retry-After": "9"}}, id="starting up"),
        pytest.param({"body": "<html>", "content_type": "text/html"}, id="page"),
        pytest.param({"body": requests.exceptions.ConnectionError("x")}, id="reset"),
    ],
)
def test_a_write_whose_login_fails_was_surely_not_sent(rsps, trouble):
    """The ledger may plan it again: nothing about the ticket left this machine."""
    rsps.post(LOGIN, **trouble)
    with pytest.raises(NotSent, match="PUT /api/service_desk/tickets/41 was not sent"):
        make_client().tickets.update(41, {"title": "x"})


def test_a_passed_send_deadline_sends_nothing(rsps):
    """The deadline is looked at after the login, before the request."""
    accept_login(rsps)
    sma = make_client()
    sma.login()
    with pytest.raises(NotSent, match="deadline"):
        sma.tickets.update(41, {"title": "x"}, send_by=0.0)


def test_put_refused_as_a_verb_becomes_post_from_then_on(rsps):
    """405 is given before any effect; the appliance's verb is remembered."""
    accept_login(rsps)
    rsps.put(f"{TICKETS}/41", status=405)
    rsps.post(f"{TICKETS}/41", json={"Result": "Success"})
    rsps.post(f"{TICKETS}/42", json={"Result": "Success"})
    sma = make_client()
    sma.tickets.update(41, {"title": "x"})
    sma.tickets.update(42, {"title": "x"})


def test_both_verbs_refused_is_refused(rsps):
    """No third guess."""
    accept_login(rsps)
    rsps.put(f"{TICKETS}/41", status=405)
    rsps.post(f"{TICKETS}/41", status=405)
    with pytest.raises(Refused):
        make_client().tickets.update(41, {"title": "x"})


def test_a_create_that_cannot_be_looked_for_stays_unknown(rsps):
    """The answer is lost and the appliance then fails: "try later" would invite a second one."""
    accept_login(rsps)
    rsps.get(TICKETS, json=envelope())
    rsps.post(TICKETS, body=requests.exceptions.ReadTimeout("x"))
    for _ in range(3):
        rsps.get(TICKETS, status=503)
    with pytest.raises(OutcomeUnknown):
        make_client().tickets.create(
            {"hd_queue_id": 1, "title": "x"}, reference=("custom_1", "case-1")
        )


@pytest.mark.parametrize("answer", [{"Result": "Success"}, {"Result": "Success", "IDs": []}])
def test_success_without_an_id_is_not_a_ticket(rsps, answer):
    """A misshapen body is answered so; nothing is claimed about the ticket."""
    accept_login(rsps)
    rsps.post(TICKETS, json=answer)
    with pytest.raises(OutcomeUnknown, match="without a ticket id"):
        make_client().tickets.create({"hd_queue_id": 1, "title": "x"})
