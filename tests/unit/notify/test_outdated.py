"""Whether a message has been overtaken."""

from datetime import timedelta
from typing import Any

import pytest

from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId
from kace_bridge.notify.outdated import can_be_outdated, outdated
from tests.unit.notify.messages import DATE, make_message

DECIDED = DATE - timedelta(minutes=2)
BETWEEN = DATE - timedelta(minutes=1)
LATER = DATE + timedelta(minutes=1)


def event(kind: str, **changes: Any) -> Event:
    """Something that happened after the message was queued, unless *changes* say otherwise."""
    fields = {"at": LATER, "cause": "row:9", "author": "bkim", "staff": True} | changes
    return Event(EventKind(kind), TicketId(41), **fields)


def owner(**changes: Any) -> Event:
    return event("changed", changes=(FieldChange("owner", "bkim", "gcho"),), **changes)


def status(**changes: Any) -> Event:
    return event("changed", changes=(FieldChange("status", "Need More Info", "Opened"),), **changes)


@pytest.mark.parametrize(
    ("template", "happened", "words"),
    [
        pytest.param("nudge", event("closed"), "the ticket was closed since", id="closed"),
        pytest.param("nudge", event("closed", own=True), "the ticket was closed since",
                     id="closed by a rule later on"),
        pytest.param("nudge", event("closed", own=True, at=BETWEEN), "",
                     id="closed by the rule that tells of it"),
        pytest.param("nudge", event("closed", at=BETWEEN), "the ticket was closed since",
                     id="closed by a person after the rule looked"),
        pytest.param("nudge", event("closed", at=DECIDED), "", id="the rule knew"),
        pytest.param("nudge", event("commented"), "the ticket was answered since", id="answered"),
        pytest.param("nudge", event("commented", public=False), "", id="a note for colleagues"),
        pytest.param("nudge", event("commented", own=True), "", id="our own comment"),
        pytest.param("nudge", event("commented", staff=False), "", id="the submitter asks again"),
        pytest.param("nudge", event("commented", automatic=True), "",
                     id="the owner's machine says that they are away"),
        pytest.param("please-reply", event("commented", staff=False, automatic=True), "",
                     id="the submitter's machine says so"),
        pytest.param("nudge-vip", event("commented"), "the ticket was answered since",
                     id="a variety of the site's own"),
        pytest.param("escalated", event("commented"), "the ticket was answered since",
                     id="an escalation that was answered"),
        pytest.param("escalated", owner(), "", id="an escalation that moved on"),
        pytest.param("overdue", event("closed"), "the ticket was closed since", id="overdue"),
        pytest.param("please-reply", event("commented", staff=False),
                     "the submitter has answered since", id="the answer came"),
        pytest.param("please-reply", event("commented"), "", id="staff wrote once more"),
        pytest.param("please-reply", status(), "the ticket waits no more", id="no longer waiting"),
        pytest.param("last-reminder", event("closed"), "the ticket was closed since",
                     id="closed before the last reminder"),
        pytest.param("assigned", owner(), "the owner has changed since", id="moved on"),
        pytest.param("assigned", owner(own=True, at=BETWEEN), "", id="this very assignment"),
        pytest.param("assigned", event("commented"), "", id="yours, and answered"),
        pytest.param("taken", owner(), "the owner has changed since", id="taken by another"),
        pytest.param("receipt", event("closed"), "", id="a receipt stays true"),
        pytest.param("closed", event("reopened"), "", id="a closing mail stays true"),
        pytest.param("closed-no-reply", event("commented", staff=False), "", id="so does this"),
        pytest.param("reopened", event("closed"), "", id="an alert is never held back"),
        pytest.param("updated", event("closed"), "", id="news is news"),
        pytest.param("need-info", event("closed"), "", id="a question carries a person's words"),
        pytest.param("generic", event("closed"), "", id="nothing is known of the site's own"),
    ],
)  # fmt: skip
def test_what_overtakes_what(template: str, happened: Event, words: str) -> None:
    """Each kind of message by what would make it untrue, and by nothing else."""
    message = make_message(template=template)
    assert outdated(message, DECIDED, [happened]) == words
    assert outdated(message, DECIDED, []) == ""
    assert can_be_outdated(template) or not words


def test_a_ticket_opened_again_does_not_bring_a_reminder_back() -> None:
    """Its clocks have started anew: the old reminder is gone with the old episode."""
    timeline = [event("closed"), event("reopened", at=LATER + timedelta(hours=1))]
    assert outdated(make_message(template="nudge"), DECIDED, timeline)
