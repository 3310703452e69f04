"""Six endpoints, twenty-two faults: whatever breaks once, each ticket gets its one effect."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.ids import TicketId
from kace_bridge.sandbox import Reply, Request
from kace_bridge.sandbox.faults import read_faults
from tests.support.desk import TICKETS, Desk
from tests.sync.test_faults import done_once, until_idle

LOGIN = "/ams/shared/api/security/login"
ENDPOINTS: Mapping[str, tuple[str, str, str]] = {
    "login": ("POST", LOGIN, ""),
    "list": ("GET", TICKETS, "modified"),
    "get": ("GET", TICKETS, "id%20in"),
    "changes": ("GET", f"{TICKETS}/*/changes", ""),
    "put": ("PUT", f"{TICKETS}/*", ""),
    "meta": ("GET", "/api/service_desk/queues*", ""),
}
"""Method, path and a part of the query that tells the request."""

FAULTS: Mapping[str, dict[str, Any]] = {
    **{str(status): {"status": status}
       for status in (400, 401, 403, 404, 405, 409, 422, 429, 500, 502, 503, 504)},
    "a proxy's page with 200": {"html": True},
    "a proxy's page with 502": {"status": 502, "html": True},
    "an empty object": {"body": {}},
    "a list": {"body": []},
    "no JSON": {"body": '{"Tickets": [NaN, '},
    "lost before": {"drop_before": True},
    "lost after": {"drop_after": True},
    "cut short": {"truncate": 5},
    "session expired": {"expire_session": True},
    "too slow": {"delay_s": 3600},
}  # fmt: skip
FINAL = frozenset({"400", "403", "404", "409", "422", "an empty object"})
"""Answers to a write that end it: a failure on record, not sent again. 405 is not among them (the
other verb is tried); an empty object is a yes that reading back proves untrue."""


def once_broken(desk: Desk, endpoint: str, fault: str) -> None:
    """The next such request fails so, once."""
    method, path, query = ENDPOINTS[endpoint]
    row = {"match": {"method": method, "path": path, "query": query}, "do": FAULTS[fault]}
    desk.app.faults.extend(read_faults([row]))


def without_inline_histories(desk: Desk) -> None:
    """An appliance that gives no history in lists: each ticket's has to be asked for."""
    answer = desk.app.handle

    def strip(asked: Request) -> Reply:
        reply = answer(asked)
        if asked.path == TICKETS and asked.method == "GET" and b'"changes"' in reply.body:
            told = json.loads(reply.body)
            for row in told.get("Tickets", []):
                row.pop("changes", None)
            reply = replace(reply, body=json.dumps(told).encode())
        return reply

    desk.app.handle = strip  # type: ignore[method-assign]


def run_until_quiet(desk: Desk) -> list[KaceBridgeError]:
    """Syncs until one has nothing to do; what they ended with on the way."""
    errors: list[KaceBridgeError] = []
    for _ in range(4):
        try:
            until_idle(desk)
        except KaceBridgeError as error:
            errors.append(error)
        else:
            return errors
    raise AssertionError(f"the desk does not come to rest: {errors}")


def test_the_matrix_is_whole() -> None:
    """132 cells: with mail, web, store and clock faults 180."""
    assert len(ENDPOINTS) * len(FAULTS) == 132


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_whatever_breaks_once_each_ticket_gets_its_one_effect(
    fresh: Desk, endpoint: str, fault: str
) -> None:
    """An error of ours or none; then exactly one effect, or a failure on record; then silence."""
    desk = fresh
    if endpoint == "changes":
        without_inline_histories(desk)
    if endpoint != "meta":
        desk.sync()
    first, second = desk.submit(), desk.submit(title="VPN drops")
    once_broken(desk, endpoint, fault)
    errors = run_until_quiet(desk)
    assert desk.app.faults == [], "the fault was never met"
    assert all(error.exit_code in {1, 75, 77} for error in errors)
    assert len(errors) <= 1
    if endpoint == "meta":
        # The first sync learns what is there and fires nothing for it.
        first = second = desk.submit(title="after the first sync")
        until_idle(desk)
    settled = [ticket for ticket in {first, second} if done_once(desk, ticket)]
    refused = [ticket for ticket in {first, second} if gave_up(desk, ticket)]
    assert len(settled) + len(refused) == len({first, second})
    assert (len(refused) == 1) == (endpoint == "put" and fault in FINAL)
    desk.later(minutes=5)
    mails = len(desk.mails)
    desk.sync()
    assert (desk.puts, len(desk.mails)) == ([], mails), "an idle sync writes and sends nothing"


def gave_up(desk: Desk, ticket: int) -> bool:
    """Nothing was done, and the store says so and why."""
    with desk.bridge(read_only=True) as bridge:
        failed = bridge.store.effects(states=("failed",), ticket=TicketId(ticket))
    return bool(failed) and all(effect.reason for effect in failed) and not desk.marks(ticket)
