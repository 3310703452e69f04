"""The generated week is believable, consistent and repeatable."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from kace_bridge.sandbox import generate
from tests.support.sandbox_calls import log_in, make_appliance

NOW = "2026-03-09 11:00:00"
STARTER_USERS = {
    "adiaz", "bkim", "cwong", "dlee", "epark", "fruiz", "gcho", "hpatel", "iross", "provost",
}  # fmt: skip


@pytest.fixture(scope="module")
def week() -> dict[str, Any]:
    return generate(1, 250, NOW)


def test_the_same_seed_tells_the_same_week(week: dict[str, Any]) -> None:
    """Nothing but the arguments decides."""
    assert generate(1, 250, datetime.fromisoformat(NOW)) == week
    assert generate(2, 250, NOW) != week


def test_everyone_the_starter_configuration_names_is_there(week: dict[str, Any]) -> None:
    """Engineers own the queue; every submitter has a place."""
    names = {user["user_name"] for user in week["users"]}
    assert names >= STARTER_USERS
    assert set(week["queues"][0]["owners"]) >= STARTER_USERS - {"provost"}
    assert all(user["location"] for user in week["users"])


def test_it_holds_every_kind_of_ticket(week: dict[str, Any]) -> None:
    """New, worked on, waiting, closed and reopened; by portal, mail and phone."""
    states = Counter(ticket["status"] for ticket in week["tickets"])
    assert {"New", "Opened", "Closed", "Reopened", "Waiting on Customer"} <= states.keys()
    births = [ticket["changes"][0] for ticket in week["tickets"]]
    assert {row["via_email"] for row in births} == {0, 1}
    assert any(b["user"] != t["submitter"] for b, t in zip(births, week["tickets"], strict=True))
    assert any(row["owners_only"] for t in week["tickets"] for row in t["changes"][1:])


def test_history_and_ticket_agree(week: dict[str, Any]) -> None:
    """Replaying the history gives the ticket; times rise, in working hours, never after now."""
    for ticket in week["tickets"]:
        stamps = [row["timestamp"] for row in ticket["changes"]]
        assert stamps == sorted(stamps)
        assert (stamps[0], stamps[-1]) == (ticket["created"], ticket["modified"])
        assert "2026-03-02 11:00:00" <= stamps[0] <= stamps[-1] <= NOW
        moments = [datetime.fromisoformat(stamp) for stamp in stamps]
        assert all(m.weekday() < 5 and 8 <= m.hour < 17 for m in moments)
        status = "New"
        for row in ticket["changes"]:
            before, status = row.get("changed", {}).get("status", (status, status))
            assert before == status or before != "", "every change starts from a status"
        assert status == ticket["status"]
        assert bool(ticket["owner"]) == (len(stamps) > 1)
        assert ("resolution" in ticket) or status not in ("Closed", "Reopened")


def test_it_loads_and_reads_back(week: dict[str, Any]) -> None:
    """The appliance takes it whole and answers its own sentences for the changes."""
    app = make_appliance()
    app.clock.set(NOW, frozen=True)
    app.load(week)
    caller = log_in(app)
    assert len(caller.ids(paging="limit 0")) == 250
    closed = caller.ids(filtering="status.state eq closed", paging="limit 1")[0]
    texts = [row["description"] for row in caller.history(closed)]
    assert texts[0] == "Ticket Created"
    assert any('to "Closed".' in text for text in texts)


@pytest.mark.parametrize(
    "now", ["2026-03-09 07:00:00", "2026-03-08 12:00:00", "2026-03-06 17:00:00"]
)
def test_any_moment_has_a_week_before_it(now: str) -> None:
    """Early mornings and Sundays have their tickets too."""
    assert len(generate(3, 20, now)["tickets"]) == 20
