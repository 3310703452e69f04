"""The ping-pong stop: counted from the timeline, kept by every rule, told once."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.event import Event
from kace_bridge.rules.bounced import stopped, team_moves
from tests.unit.rules.rulebook import MONDAY, ask, book, desk_of, event, make_ticket

RULES = book("""
bounced: {moves: 3, within: 2bd}
route:
  - {id: by-words, event: {commented: {by: submitter}}, then: {assign: {team: css}}}
escalate:
  - id: slow
    clock: respond
    levels: [{at: 1bd, then: {assign: {team: css}, notify: {to: [owner], template: escalated}}}]
notify:
  - {id: stuck, event: bounced, then: {notify: {to: [lead], template: bounced}}}
""")
DESK = desk_of(RULES)


def move(hours: float, before: str | None, after: str | None, **more: object) -> Event:
    """A change of hands so many hours after Monday at nine."""
    at, row = MONDAY + timedelta(hours=hours), 910 + int(hours * 10)
    return event("changed", ("owner", before, after), at=at, row=row, author="adiaz", **more)


BOUNCED = (
    event(), move(0.1, None, "bkim", own=True), move(1, "bkim", "dlee"), move(2, "dlee", "bkim"),
    move(3, "bkim", "fruiz"),
)  # fmt: skip
WROTE = event("commented", row=990, at=MONDAY + timedelta(hours=4), comment="Hello?")


def stop_at(*timeline: Event, hours: float = 4, owner: str | None = "fruiz") -> str:
    """What keeps rules off so many hours after Monday at nine; empty where nothing does."""
    now = MONDAY + timedelta(hours=hours)
    stop = stopped(RULES, timeline, DESK, now, owner)
    return stop.told(MONDAY.tzinfo) if stop else ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("timeline", "hours", "kept"),
    [
        pytest.param(BOUNCED[:-1], 4, False, id="twice is not three times"),
        pytest.param(BOUNCED, 4, True, id="three times"),
        pytest.param((*BOUNCED[:-1], move(3, "bkim", "cwong")), 4, False, id="within the team"),
        pytest.param((*BOUNCED[:-1], move(3, "bkim", None)), 4, False, id="dropped"),
        pytest.param((*BOUNCED, event("reopened", row=980, at=MONDAY + timedelta(hours=3.5))), 4,
                     False, id="a re-opening starts over"),
        pytest.param(BOUNCED, 48.9, True, id="for two working days from the first move"),
        pytest.param(BOUNCED, 49.1, False, id="and no longer"),
    ],
)  # fmt: skip
def test_moves_that_count(timeline: tuple[Event, ...], hours: float, kept: bool) -> None:
    """Only going from team to team counts, since the last re-opening and within the window."""
    assert bool(stop_at(*timeline, hours=hours)) is kept


def test_the_reason_says_how_often_since_when_and_with_whom() -> None:
    """``explain``, ``show`` and ``timeline`` tell it in one line."""
    told = "moved between teams 3 times since 2026-03-02 10:00: it stays with fruiz"
    assert stop_at(*BOUNCED) == told


def test_a_ticket_nobody_has_may_be_given_to_somebody() -> None:
    """The stop keeps a ticket where it is; it never leaves one lying."""
    assert stop_at(*BOUNCED, owner=None) == ""


def test_routing_stops() -> None:
    """A route rule that matches does nothing, and says why."""
    found = ask(RULES, make_ticket(owner="fruiz"), [WROTE], timeline=(*BOUNCED, WROTE),
                now=MONDAY + timedelta(hours=40))  # fmt: skip
    assert found.values() == {}
    assert "moved between teams 3 times" in found.reason("by-words")


def test_an_escalation_tells_but_does_not_move() -> None:
    """What else the level does is done; nobody's turn is used up."""
    found = ask(RULES, make_ticket(owner="fruiz"), [], timeline=BOUNCED,
                now=MONDAY + timedelta(hours=25))  # fmt: skip
    assert (found.values(), found.mails()) == ({}, [("escalated", "fruiz@example.org")])
    assert "stays with fruiz" in str(found.decision("slow").trace["notes"])
    assert found.found.desk.turns == {}


def test_the_lead_is_told_at_the_third_move() -> None:
    """With the moves: who, when, from which team to which."""
    found = ask(RULES, make_ticket(owner="fruiz"), BOUNCED[-1:], timeline=BOUNCED,
                now=MONDAY + timedelta(hours=3))  # fmt: skip
    assert found.mails() == [("bounced", "gcho@example.org")]
    text = found.decision("stuck").effects[0].text  # type: ignore[union-attr]
    assert "2026-03-02 11:00 Adiaz: Specialists -> Service Desk" in text


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(move(3.5, "fruiz", "dlee"), id="a fourth move"),
        pytest.param(move(3.5, "fruiz", "gcho"), id="within the team"),
    ],
)
def test_nobody_is_told_again(last: Event) -> None:
    """A ticket that is stopped already is no news."""
    assert ask(RULES, make_ticket(owner="gcho"), [last], timeline=(*BOUNCED, last)).mails() == []


def test_a_rule_that_makes_the_third_move_is_told_of() -> None:
    """The escalation that goes too far is the last one that moves it."""
    timeline = BOUNCED[:-1]
    found = ask(RULES, make_ticket(owner="bkim"), [], timeline=timeline,
                now=MONDAY + timedelta(hours=25))  # fmt: skip
    assert found.values() == {"owner": "dlee"}
    assert ("bounced", "dlee@example.org") in found.mails()


def test_a_rule_about_it_may_move_it() -> None:
    """Where a rule waits for just this, the admin has said where such tickets end."""
    last = "{id: end, event: bounced, hands_off: false, then: {assign: {to: gcho}}}"
    rules = book(f"bounced: {{moves: 3}}\nroute: [{last}]\n")
    found = ask(rules, make_ticket(owner="fruiz"), BOUNCED[-1:], timeline=BOUNCED)
    assert found.values() == {"owner": "gcho"}


def test_without_the_setting_nothing_stops() -> None:
    """A site that does not ask for it keeps its rules as they are."""
    assert stopped(book(), BOUNCED, DESK, MONDAY + timedelta(hours=4), "fruiz") is None


WHO = st.sampled_from(["adiaz", "bkim", "dlee", "epark", "fruiz", "jdoe", None])


@given(st.lists(WHO, max_size=12))
def test_moves_are_what_a_reader_of_the_history_counts(owners: list[str | None]) -> None:
    """As many as the list of teams, people without one left out, has changes in it."""
    hands = zip([None, *owners], owners, strict=False)
    timeline = [move(n, before, after) for n, (before, after) in enumerate(hands)]
    teams = [team.name for who in owners if (team := DESK.team_of(who))]
    expected = sum(one != other for one, other in pairwise(teams))
    assert len(team_moves(timeline, DESK)) == expected
