"""Why a ticket got what it got: the rule, its verdict, and the words that matched."""

import json

import pytest

from kace_bridge.errors import NotFound
from kace_bridge.sync.explain import Explanation, explain
from tests.support.desk import Desk


def ask(desk: Desk, ticket: int, rule: str | None = None) -> Explanation:
    with desk.bridge() as bridge:
        return explain(bridge, ticket, rule)


def fired(found: Explanation) -> set[str]:
    return {verdict.rule.id for verdict in found.verdicts if verdict.fired}


def rule(found: Explanation, name: str) -> dict:
    """One rule's verdict as ``explain --json`` prints it."""
    data = json.loads(json.dumps(found.as_data()))
    return next(row for row in data["rules"] if row["rule"] == name)


def test_before_any_sync_it_says_what_would_be_done(desk: Desk):
    """A ticket no sync has seen: the rules that would fire, with the word that matched."""
    ticket = desk.submit(title="Neither vpn nor anything works")
    found = ask(desk, ticket)
    assert not found.known
    assert fired(found) == {"network-words", "receipt"}
    assert "vpn" in json.dumps(rule(found, "network-words")["condition"])
    assert found.stored == ()


def test_after_the_sync_it_says_what_was_done_and_why(desk: Desk):
    """Decision, effects and outcome are there, and the rule still reads as the one that fired."""
    ticket = desk.submit(title="Neither vpn nor anything works")
    desk.sync()
    desk.later(minutes=5)
    desk.sync()
    found = ask(desk, ticket)
    assert found.known
    assert fired(found) == {"network-words", "receipt"}
    assert "vpn" in json.dumps(rule(found, "network-words")["condition"])
    data = found.as_data()
    done = {row["rule"]: row for row in data["decisions"]}
    assert set(done) == {"network-words", "receipt"}
    assert "vpn" in json.dumps(done["network-words"]["trace"])
    (effect,) = done["network-words"]["effects"]
    assert (effect["state"], effect["set"]) == ("applied", {"owner": "gcho"})


def test_why_not_is_answered_too(desk: Desk):
    """A rule that did not fire says at which condition it failed."""
    ticket = desk.submit(title="Mouse broken")
    desk.sync()
    verdict = rule(ask(desk, ticket), "network-words")
    assert (verdict["fired"], verdict["reason"]) == (False, "condition: no")


def test_one_rule_can_be_asked_about(desk: Desk):
    """With a rule named, only that one is told of."""
    ticket = desk.submit(title="No vpn")
    desk.sync()
    found = ask(desk, ticket, "receipt")
    assert {verdict.rule.id for verdict in found.verdicts} == {"receipt"}
    assert {row.rule for row in found.stored} == {"receipt"}


def test_an_escalation_still_to_come_is_not_called_fired(desk: Desk):
    """A level not reached says that none is due."""
    ticket = desk.submit()
    desk.sync()
    assert rule(ask(desk, ticket), "no-first-answer")["reason"] == "no level is due"


def test_a_failed_write_says_why(desk: Desk):
    """The reason of an effect that did not work is part of the explanation."""
    ticket = desk.submit()
    desk.fail(status=403)
    desk.sync()
    data = ask(desk, ticket).as_data()
    effect = next(e for row in data["decisions"] for e in row["effects"] if e["kind"] == "update")
    assert effect["state"] == "failed"
    assert "403" in effect["reason"]


def test_asking_changes_nothing(desk: Desk):
    """Explaining is reading: no write to the appliance, no row in the store."""
    ticket = desk.submit()
    with desk.bridge() as bridge:
        before = (bridge.store.decisions(), bridge.store.snapshot(ticket))
    ask(desk, ticket)
    with desk.bridge() as bridge:
        assert (bridge.store.decisions(), bridge.store.snapshot(ticket)) == before
    assert desk.puts == []


def test_a_ticket_that_is_not_there_is_said_not_to_be(desk: Desk):
    """NotFound, naming the ticket."""
    with pytest.raises(NotFound, match="999"):
        ask(desk, 999)
