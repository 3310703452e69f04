"""The look at what may have changed without a stamp: what is open, and what was closed lately."""

from typing import Any

import pytest

from kace_bridge.errors import KaceBridgeError
from kace_bridge.sandbox import Reply, Request
from kace_bridge.state import open_store
from kace_bridge.sync.cycle import sync
from kace_bridge.sync.preview import preview
from kace_bridge.sync.report import SyncReport
from tests.support.desk import TICKETS, Desk

LIST = f"GET {TICKETS}"
CLOSED = {
    "hd_queue_id": 1, "title": "Solved", "submitter": "jdoe", "owner": "adiaz",
    "status": "Closed", "priority": "Low", "created": "2025-11-03 10:00:00",
    "modified": "2025-11-04 10:00:00",
}  # fmt: skip
LATELY = CLOSED | {"modified": "2026-02-25 10:00:00"}
OPEN = CLOSED | {"status": "Opened"}


@pytest.fixture
def site(fresh: Desk) -> Desk:
    """Forty tickets closed long ago, four closed lately, six open and untouched for months."""
    fresh.config["escalate"] = []
    fresh.config["limits"] = {"changes_per_run": 100}
    fresh.config["notify"] = [
        {"id": "raised", "event": {"changed": {"priority": {"to": "High"}}},
         "then": {"notify": {"to": ["submitter"], "template": "nudge"}}},
        {"id": "closed-mail", "event": {"changed": {"status": {"to": {"state": "closed"}}}},
         "then": {"notify": {"to": ["submitter"], "template": "closed"}}},
    ]  # fmt: skip
    rows = [*[CLOSED] * 40, *[LATELY] * 4, *[OPEN] * 6]
    fresh.app.load({"tickets": [row | {"id": place + 1} for place, row in enumerate(rows)]})
    assert fresh.sync().baseline
    return fresh


OLD, LATE, IDLE = range(1, 41), range(41, 45), range(45, 51)


def silently(desk: Desk, ticket: int, **values: Any) -> None:
    """A rule's own SQL changes a ticket: no stamp, no row."""
    for name, value in values.items():
        setattr(desk.app.desk.tickets[ticket], name, value)


def look(desk: Desk, **given: Any) -> SyncReport:
    """The next sync that is due to look."""
    desk.later(hours=7)
    return desk.sync(**given)


def asked(desk: Desk) -> list[str]:
    """The filters of the lists asked for by the last sync, as the appliance reads them."""
    queries = [entry.query for entry in desk.app.requests if entry.path == TICKETS]
    return [query.split("&")[0].replace("%20", " ") for query in queries]


def gone(desk: Desk) -> set[int]:
    with open_store(desk.state, desk.clock) as store:
        return {int(each.ticket) for each in store.all_snapshots(0, 999) if each.gone_at}


def test_what_was_closed_long_ago_is_not_read_again(site: Desk):
    """Three questions: what carries a newer stamp, what is open, what was closed lately."""
    report = look(site)
    assert report.pulled <= len(LATE) + len(LATE) + len(IDLE)
    first, opened, closed = asked(site)
    assert "modified ge" in first
    assert opened.endswith("status.state neq closed")
    assert "status.state eq closed,modified ge 2026-01-31" in closed
    site.later(hours=1)
    site.sync()
    assert len(asked(site)) == 1


@pytest.mark.catalogue("A22")
def test_silent_changes_are_found_where_tickets_live(site: Desk):
    """On an open one and on one closed lately; on the others when everything is asked for."""
    for ticket in (OLD[0], LATE[0], IDLE[0]):
        silently(site, ticket, priority_id=2)
    assert look(site).messages == 2
    assert look(site).messages == 0
    assert site.sync(full=True).messages == 1


@pytest.mark.catalogue("A22")
def test_what_was_silently_closed_is_asked_for_by_number(site: Desk):
    """Closed without a stamp it is on neither list: not gone, but closed."""
    status = site.app.desk.tickets[OLD[0]].status_id
    silently(site, IDLE[0], status_id=status)
    report = look(site)
    assert (report.messages, gone(site)) == (1, set())
    assert site.mails[-1][1].endswith("has been closed.")
    assert look(site).messages == 0


@pytest.mark.catalogue("A15")
def test_archived_tickets_of_long_ago_are_not_missed(site: Desk):
    """However many: the look could not have shown them."""
    for ticket in OLD[:30]:
        site.delete(ticket)
    assert look(site).exit_code == 0
    assert gone(site) == set()
    with open_store(site.state, site.clock) as store:
        assert store.doubt() == {}


@pytest.mark.catalogue("A15")
def test_what_the_look_should_have_shown_is_missed(site: Desk):
    """One that was open and one closed lately are noted as gone."""
    site.delete(IDLE[0])
    site.delete(LATE[0])
    assert look(site).exit_code == 0
    assert gone(site) == {IDLE[0], LATE[0]}


@pytest.mark.catalogue("A41")
def test_many_that_should_have_been_shown_are_doubted(site: Desk):
    """More than five of ten: nothing is given up."""
    for ticket in IDLE:
        site.delete(ticket)
    with pytest.raises(KaceBridgeError, match="6 of 10 known tickets are on no list") as stopped:
        look(site)
    assert (stopped.value.exit_code, gone(site)) == (4, set())


@pytest.mark.catalogue("A41")
def test_tickets_moved_to_a_queue_of_others_are_no_sign_of_loss(site: Desk):
    """They are there, by their numbers: gone from here, and nothing stops."""
    site.app.load({"queues": [{"id": 9, "name": "Elsewhere"}]})
    for ticket in IDLE:
        silently(site, ticket, hd_queue_id=9)
    assert look(site).exit_code == 0
    assert gone(site) == set(IDLE)


@pytest.mark.parametrize(
    ("cut", "left"),
    [
        pytest.param("id gt 0,hd_queue_id eq 1,status.state neq",
                     ["id gt 0", f"id gt {IDLE[3]}", "id gt 0"], id="at once"),
        pytest.param(f"id gt {IDLE[3]},hd_queue_id eq 1,status.state neq",
                     [f"id gt {IDLE[3]}", "id gt 0"], id="after a page of the open ones"),
        pytest.param("id gt 0,hd_queue_id eq 1,status.state eq", ["id gt 0"],
                     id="after the open ones"),
    ],
)  # fmt: skip
def test_a_look_that_is_cut_off_goes_on(site: Desk, cut: str, left: list[str]):
    """What was answered of it is not asked for again, and the next look comes in its time."""
    site.config["appliance"]["page_size"] = 4
    silently(site, IDLE[-1], priority_id=2)
    silently(site, LATE[-1], priority_id=2)
    answer = site.app.handle

    def die(request: Request) -> Reply:
        if cut in request.query.replace("%20", " "):
            raise KeyboardInterrupt
        return answer(request)

    site.app.handle = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        look(site)
    site.app.handle = answer  # type: ignore[method-assign]
    site.later(minutes=5)
    site.sync()
    parts = [query for query in asked(site) if "status.state" in query]
    assert [query.split(",")[0].removeprefix("filtering=") for query in parts][: len(left)] == left
    assert len(site.mails) == 2
    site.later(minutes=5)
    site.sync()
    assert not any("status.state" in query for query in asked(site))


def test_a_look_cut_off_long_ago_begins_anew(site: Desk):
    """Where everything was compared since, what it had read by then says nothing."""
    site.before(LIST, 2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        look(site)
    site.sync(full=True)
    look(site)
    opened = next(query for query in asked(site) if "neq closed" in query)
    assert opened.startswith("filtering=id gt 0,")


def test_an_appliance_that_does_not_filter_by_state_is_read_whole(site: Desk):
    """Refused, the part is not asked for in vain: every ticket is compared."""
    silently(site, OLD[0], priority_id=2)
    site.fail("GET", TICKETS, after=1, times=1, status=400)
    report = look(site)
    assert (report.messages, report.exit_code) == (1, 0)
    site.delete(OLD[1])
    site.fail("GET", TICKETS, after=1, times=1, status=400)
    look(site)
    assert gone(site) == {OLD[1]}


def test_the_preview_looks_as_the_sync_does(site: Desk):
    """And judges no ticket twice."""
    silently(site, IDLE[0], priority_id=2)
    site.later(hours=7)
    site.edit("adiaz", LATE[0], priority=1)
    site.app.requests.clear()
    with site.bridge() as bridge:
        found = preview(bridge)
    assert len(asked(site)) == 3
    with site.bridge() as bridge:
        report = sync(bridge)
    assert len(found.decisions) == report.decisions


def interrupt() -> None:
    raise KeyboardInterrupt
