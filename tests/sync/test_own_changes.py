"""What the bridge writes moves clocks as what people write does."""

from typing import Any

import pytest

from tests.support.desk import Desk


def ladder(clock: str, at: str, **then: Any) -> dict[str, Any]:
    return {"id": f"on-{clock}", "clock": clock, "levels": [{"at": at, "then": then}]}


def mail(template: str, to: str) -> dict[str, Any]:
    return {"to": [to], "template": template}


@pytest.mark.parametrize(
    ("target", "quiet", "late"),
    [
        pytest.param("1bd", {"hours": 3}, {"hours": 16}, id="a target still to come, next morning"),
        pytest.param("1bh", {}, {"minutes": 15}, id="a target long past, at the very next sync"),
    ],
)
def test_a_priority_raised_by_a_level_brings_the_target_of_that_priority(
    desk: Desk, target: str, quiet: dict[str, float], late: dict[str, float]
):
    """High has a shorter target: its level falls due by it, though nobody touches the ticket."""
    desk.config["clocks"]["resolve"] = {
        "calendar": "office", "start": "created", "stop": "closed",
        "target": {"High": target, "*": "5bd"},
    }  # fmt: skip
    raise_it = ladder("respond", "50%", set={"priority": "High"})
    tell = ladder("resolve", "100%", notify=mail("overdue", "owner"))
    desk.config |= {"escalate": [raise_it, tell], "notify": []}
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=5)
    desk.sync()
    assert desk.ticket(ticket)["priority"] == "High"
    if quiet:
        desk.later(**quiet)
        desk.sync()
    assert desk.mails == []
    desk.later(**late)
    desk.sync()
    assert [to for to, _ in desk.mails] == ["adiaz@example.org"]


def test_a_status_set_by_a_level_starts_the_clock_that_waits_for_it(desk: Desk):
    """The bridge asks the submitter; an hour later it reminds them, once."""
    known = {"hd_queue_id": 1, "title": "Old", "submitter": "jdoe", "owner": "adiaz",
             "status": "Need More Info"}  # fmt: skip
    desk.app.load({"tickets": [known]})
    desk.config["clocks"]["silent"] = {
        "calendar": "office", "start": {"status": ["Need More Info"]}, "stop": "submitter_reply",
    }  # fmt: skip
    ask = ladder("respond", "50%", set={"status": "Need More Info"})
    remind = ladder("silent", "1bh", notify=mail("please-reply", "submitter"))
    desk.config |= {"escalate": [ask, remind], "notify": []}
    ticket = desk.submit()
    desk.sync()
    desk.later(hours=5)
    desk.sync()
    assert desk.ticket(ticket)["status"] == "Need More Info"
    tag = f"[TICK:{ticket}]"
    assert not [subject for _, subject in desk.mails if subject.startswith(tag)]
    for _ in range(2):
        desk.later(hours=1)
        desk.sync()
        assert len([subject for _, subject in desk.mails if subject.startswith(tag)]) == 1
