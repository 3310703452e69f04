"""Recorded history turned back and played again under other rules."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.sync.recorded import Past, read_pasts, states_of, stored_desk
from kace_bridge.sync.replay import Replay, replay
from tests.support.desk import Desk

ZONE = ZoneInfo("America/New_York")
SINCE = datetime(2026, 3, 2, tzinfo=ZONE)


def pasts_of(desk: Desk) -> list[Past]:
    with desk.bridge(read_only=True) as bridge:
        return list(read_pasts(bridge.store, ZONE, stored_desk(bridge.site.rules, bridge.store)))


def again(desk: Desk, until: str = "2026-03-06T17:00", **changed: Any) -> Replay:
    """What the rules, with *changed* parts, make of everything recorded so far."""
    desk.config |= changed
    with desk.bridge(read_only=True) as bridge:
        rules, store = bridge.site.rules, bridge.store
        people = stored_desk(rules, store)
        pasts = list(read_pasts(store, ZONE, people, SINCE))
        end = datetime.fromisoformat(until).replace(tzinfo=ZONE)
        return replay(rules, pasts, people, states_of(pasts), SINCE, end)


def history(desk: Desk) -> tuple[int, int, int]:
    """A morning: one ticket answered at once, one answered late, one nobody answers."""
    quick = desk.submit(title="No vpn")
    late, silent = desk.submit(), desk.submit("provost")
    desk.sync()
    desk.later(minutes=30)
    desk.edit("gcho", quick, "Restart it, please.")
    desk.sync()
    desk.later(hours=25)
    desk.sync()
    desk.edit("bkim", late, "Sorry, I was away.")
    desk.sync()
    return quick, late, silent


def test_the_beginning_is_found_again(desk: Desk):
    """What rules and people changed since is taken back; people's acts are kept in order."""
    ticket = desk.submit("provost")
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, "On it.", status=1)
    desk.sync()
    desk.later(minutes=5)
    desk.edit("adiaz", ticket, owner="epark", status=2)
    desk.sync()
    past = next(past for past in pasts_of(desk) if past.first.id == ticket)
    first = past.first
    assert (first.value("owner"), first.value("priority")) == (None, "Medium")
    assert (first.value("status"), first.state) == ("New", "stalled")
    assert [(act.author, dict(act.values), act.comment) for act in past.acts] == [
        ("adiaz", {"status": "Opened", "state": "opened"}, "On it."),
        ("adiaz", {"owner": "epark", "status": "Closed", "state": "closed"}, ""),
    ]


def test_a_closed_ticket_learnt_late_begins_as_a_fresh_one(desk: Desk):
    """Who owned it, and how it was closed, happened before we looked: rules get it whole."""
    (past,) = pasts_of(desk)
    assert (past.first.value("owner"), past.first.value("status")) == (None, "New")
    assert dict(past.acts[-1].values) == {"status": "Closed", "state": "closed"}


def test_the_same_rules_repeat_what_happened(desk: Desk):
    """Replaying what was in force gives the same owners, levels and messages."""
    history(desk)
    with desk.bridge(read_only=True) as bridge:
        really = [(row.ticket, row.rule, row.level) for row in bridge.store.decisions()
                  if row.phase != "command"]  # fmt: skip
        sent = len([e for e in bridge.store.effects() if e.kind == "message"])
    found = again(desk, until="2026-03-03T10:35")
    played = [
        (fate.ticket, decision.rule, decision.level)
        for fate in found.fates
        for _, decision in fate.decisions
    ]
    assert sorted(played, key=str) == sorted(really, key=str)
    assert sum(found.messages.values()) == sent
    assert [fate.really for fate in found.fates] == [fate.now for fate in found.fates]
    assert (found.saved, found.caused, found.problems) == ([], [], [])


def test_other_rules_send_tickets_elsewhere(desk: Desk):
    """Who really had it, who would have, and the rule that says so."""
    quick, late, _ = history(desk)
    route = [
        {"id": "all-to-css", "event": "created", "then": {"assign": {"team": "css"}}},
    ]  # fmt: skip
    found = again(desk, route=route)
    fates = {fate.ticket: fate for fate in found.fates}
    assert (fates[quick].really, fates[quick].now, fates[quick].rule) == (
        "gcho", "dlee", "all-to-css",
    )  # fmt: skip
    assert (fates[late].really, fates[late].now) == ("adiaz", "epark")


def test_loads_are_those_of_the_moment(desk: Desk):
    """A closed ticket no longer counts: the next one goes to whoever has the fewest by then."""
    tickets = [desk.submit() for _ in range(4)]
    desk.sync()
    desk.later(minutes=5)
    desk.edit("cwong", tickets[2], "Done", status=2)
    desk.sync()
    desk.later(minutes=5)
    desk.submit()
    desk.sync()
    found = again(desk)
    assert [fate.now for fate in found.fates] == ["adiaz", "bkim", "cwong", "adiaz", "cwong"]
    assert [fate.really for fate in found.fates] == [fate.now for fate in found.fates]


def test_what_was_there_before_is_taken_over(desk: Desk):
    """An older ticket keeps its owner and its past levels; those to come are the new rules'."""
    ticket = desk.submit()
    desk.sync()
    with desk.bridge(read_only=True) as bridge:
        rules, people = bridge.site.rules, stored_desk(bridge.site.rules, bridge.store)
        noon = datetime(2026, 3, 2, 15, 0, tzinfo=ZONE)
        pasts = list(read_pasts(bridge.store, ZONE, people, noon))
        past = next(past for past in pasts if past.first.id == ticket)
        found = replay(rules, pasts, people, states_of(pasts), noon, noon.replace(day=6))
    assert (past.first.value("owner"), past.acts) == ("adiaz", ())
    assert {event.own for event in past.before} == {True, False}
    assert (found.fates, found.rules) == ([], {"no-first-answer": 1})
    assert found.messages == {"escalated": 1}


def test_breaches_are_counted_against_the_truth(desk: Desk):
    """A rule that closes what is silent saves a breach; one announced before is told apart."""
    _, late, silent = history(desk)
    found = again(desk)
    assert {breach.ticket for breach in found.breaches} == {late, silent}
    assert all(breach.told is not None for breach in found.breaches)
    levels = [{"at": "60%", "then": {"set": {"status": "Closed"}}}]
    saving = again(desk, escalate=[{"id": "give-up", "clock": "respond", "levels": levels}])
    assert {breach.ticket for breach in saving.saved} == {late, silent}
    assert all(breach.told is None for breach in saving.breaches)


def test_a_shorter_pause_causes_breaches(desk: Desk):
    """A rule that opens what was closed at once lets its clock run on: caused, not saved."""
    desk.config["clocks"]["solve"] = {
        "calendar": "office", "start": "created", "stop": "closed", "target": "1bd",
    }  # fmt: skip
    desk.config["escalate"].append(
        {"id": "slow", "clock": "solve",
         "levels": [{"at": "100%", "then": {"notify": {"to": ["owner"]}}}]}
    )  # fmt: skip
    ticket = desk.submit(title="No vpn")
    desk.sync()
    desk.later(hours=2)
    desk.edit("gcho", ticket, "Done", status=2)
    desk.sync()
    assert again(desk).caused == []
    undone = {
        "id": "not-so-fast", "event": {"commented": {"by": "staff"}},
        "if": {"state": {"is": "closed"}}, "then": {"set": {"status": "Opened"}},
    }  # fmt: skip
    found = again(desk, classify=[undone])
    assert (ticket, "solve") in [(breach.ticket, breach.clock) for breach in found.caused]


def test_only_the_time_asked_for_is_reported(desk: Desk):
    """Tickets that came in before count as load, not as cases."""
    history(desk)
    found = again(desk, until="2026-03-02T08:00")
    assert (found.fates, found.breaches, found.messages) == ([], [], {})


def test_replaying_changes_nothing(desk: Desk):
    """Neither the appliance nor the store."""
    history(desk)
    desk.app.requests.clear()
    with desk.bridge(read_only=True) as bridge:
        before = (bridge.store.decisions(), bridge.store.turns(), bridge.store.runs())
    again(desk)
    assert desk.requests == []
    with desk.bridge(read_only=True) as bridge:
        assert (bridge.store.decisions(), bridge.store.turns(), bridge.store.runs()) == before


@pytest.mark.parametrize("rounds", [1, 3])
def test_two_replays_agree(desk: Desk, rounds: int):
    """The same history under the same rules always gives the same."""
    for _ in range(rounds):
        history(desk)
    assert again(desk) == again(desk)
