"""The appliance misbehaving at every request."""

import pytest

from kace_bridge.errors import KaceBridgeError, LoginRefused, OutcomeUnknown, RetryLater
from kace_bridge.sandbox import Appliance
from tests.sma.data import QUEUE

TICKET = "/api/service_desk/tickets/43"


def break_next(app: Appliance, method: str, path: str, times: int | None = 1, **do: object) -> None:
    from kace_bridge.sandbox.faults import read_faults

    fault = {"match": {"method": method, "path": path}, "do": do}
    app.faults.extend(read_faults([fault | {"times": times}]))


READ_FAULTS = [
    pytest.param({"status": 500}, id="500"),
    pytest.param({"status": 503, "headers": {"Retry-After": "3"}}, id="503"),
    pytest.param({"html": True}, id="page"),
    pytest.param({"drop_before": True}, id="dropped"),
    pytest.param({"drop_after": True}, id="answer dropped"),
    pytest.param({"truncate": 10}, id="cut"),
    pytest.param({"expire_session": True}, id="session expired"),
]


@pytest.mark.parametrize("do", READ_FAULTS)
def test_a_reading_survives_any_single_fault(sma, app, do):
    """Login apart, whichever request fails: the pages are complete all the same."""
    sma.login()
    break_next(app, "GET", "/api/service_desk/tickets", **do)
    ids = [found.id for page in sma.tickets.pages(queues=[QUEUE]) for found in page.tickets]
    assert ids == [41, 42, 43]


@pytest.mark.unless("update_verbs")
@pytest.mark.parametrize(
    ("do", "error", "applied"),
    [
        pytest.param({"status": 500}, OutcomeUnknown, False, id="500"),
        pytest.param({"html": True}, OutcomeUnknown, False, id="page"),
        pytest.param({"drop_before": True}, OutcomeUnknown, False, id="dropped before"),
        pytest.param({"drop_after": True}, OutcomeUnknown, True, id="applied, answer lost"),
        pytest.param({"truncate": 5}, OutcomeUnknown, True, id="applied, answer cut"),
        pytest.param({"status": 429}, RetryLater, False, id="throttled"),
    ],
)
def test_a_write_is_never_sent_twice(sma, app, do, error, applied):
    """One request; whether it was carried out is for a reading to find out."""
    sma.login()
    break_next(app, "PUT", TICKET, times=None, **do)
    with pytest.raises(error):
        sma.tickets.update(43, {"title": "changed"})
    assert [entry.method for entry in app.requests].count("PUT") == 1
    app.faults.clear()
    assert (sma.tickets.get(43).title == "changed") is applied


def test_a_write_in_an_expired_session_is_carried_out_once(sma, app):
    """401 before effect, one login, one replay, one history row."""
    sma.login()
    rows = len(sma.tickets.history(43))
    break_next(app, "PUT", TICKET, expire_session=True)
    sma.tickets.update(43, {"title": "changed"}, comment="once")
    assert len(sma.tickets.history(43)) == rows + 1


def test_a_lost_create_is_found_by_its_reference(sma, app):
    """The answer is lost, the ticket is there: its id is given, no second one is made."""
    sma.login()
    break_next(app, "POST", "/api/service_desk/tickets", drop_after=True)
    values = {"hd_queue_id": QUEUE, "title": "EDR alert"}
    number = sma.tickets.create(values, reference=("custom_1", "case-7"))
    assert sma.tickets.get(number).text("custom_1") == "case-7"
    break_next(app, "POST", "/api/service_desk/tickets", drop_before=True)
    with pytest.raises(OutcomeUnknown):
        sma.tickets.create(values, reference=("custom_1", "case-8"))


@pytest.mark.catalogue("A01")
def test_a_session_that_expires_at_every_request_ends(sma, app):
    """No login loop, whatever the appliance does."""
    sma.login()
    break_next(app, "GET", TICKET, times=None, expire_session=True)
    with pytest.raises(LoginRefused, match="refused a new session twice"):
        sma.tickets.get(43)
    logins = [entry for entry in app.requests if entry.path.endswith("/security/login")]
    assert len(logins) <= 6


@pytest.mark.catalogue("A30")
@pytest.mark.parametrize("settings", [{"errors_in_200": True}, {"kace_authorization": "required"}])
def test_odd_releases_are_served_too(sma):
    """Errors inside a 200, and a session header that must be echoed."""
    assert sma.tickets.get(43).id == 43
    with pytest.raises(KaceBridgeError):
        sma.tickets.get(999)
