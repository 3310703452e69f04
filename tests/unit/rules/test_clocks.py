"""Levels on clocks: which are due, in what order, and which comes next."""

from datetime import datetime, timedelta

import pytest

from kace_bridge.model.effect import decision_id
from kace_bridge.model.event import Event
from kace_bridge.rules.clocks import RECHECK, due_levels, next_due, read_clocks
from kace_bridge.rules.ruleset import RuleSet
from tests.unit.rules.rulebook import BASE, MONDAY, book, event, make_ticket

LEVELS = """
escalate:
  - id: e
    clock: respond
    catch_up: each
    levels:
      - {at: 50%, then: {comment: half}}
      - {at: 100%, then: {comment: full}}
      - {at: {end_of: 2bd}, then: {comment: close}}
"""
TICKET = make_ticket()
ANSWER = event("commented", at=MONDAY + timedelta(hours=6), author="bkim", staff=True)


def rules(catch_up: str = "each") -> RuleSet:
    """Three levels: half a working day, a whole one, the close of Wednesday."""
    return book(LEVELS.replace("catch_up: each", f"catch_up: {catch_up}"))


def steps(
    now: datetime, *timeline: Event, catch_up: str = "each", done: tuple[int, ...] = ()
) -> list[tuple[int, bool, float]]:
    """Number, whether it fires, and lateness in hours, of each level due at *now*."""
    book_ = rules(catch_up)
    rule = book_.find("e")
    assert rule is not None
    reading = read_clocks(book_, TICKET, [event(), *timeline], now)["respond"]
    taken = frozenset(decision_id(TICKET.id, "e", number, "created") for number in done)
    return [
        (step.number, step.fires, step.late_s / 3600)
        for step in due_levels(rule, reading, TICKET.id, taken, now)
    ]


def at(hours: float) -> datetime:
    """So many hours after Monday at nine."""
    return MONDAY + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param(4.99, [], id="before the first"),
        pytest.param(5, [(1, True, 0.0)], id="to the second"),
        pytest.param(24, [(1, True, 19.0), (2, True, 0.0)], id="both, the older one late"),
        pytest.param(56, [(1, True, 51.0), (2, True, 32.0), (3, True, 0.0)],
                     id="the close of the second working day after"),
    ],
)  # fmt: skip
def test_levels_fall_due_in_order(hours: float, expected: list[tuple[int, bool, float]]) -> None:
    """Every level reached, oldest first, with how late it is."""
    assert steps(at(hours)) == expected


@pytest.mark.parametrize(
    ("catch_up", "fires"),
    [
        pytest.param("each", [True, True, True], id="each takes all"),
        pytest.param("latest", [False, False, True], id="latest takes the last"),
        pytest.param("none", [False, False, False], id="none takes none of several"),
    ],
)
def test_catching_up(catch_up: str, fires: list[bool]) -> None:
    """After a break of the bridge the rule says which of several levels still matter."""
    assert [step[1] for step in steps(at(60), catch_up=catch_up)] == fires


@pytest.mark.parametrize("catch_up", ["each", "latest", "none"])
def test_a_single_level_always_fires(catch_up: str) -> None:
    """Catching up is about several; on time there is one."""
    assert steps(at(24), catch_up=catch_up, done=(1,)) == [(2, True, 0.0)]


def test_nobody_is_chased_for_what_is_settled() -> None:
    """A level noticed only after the answer is marked done and does nothing."""
    assert steps(at(7), ANSWER) == [(1, False, 2.0)]


def test_what_is_done_stays_done() -> None:
    """A level taken in this episode does not come back."""
    assert steps(at(24), done=(1, 2)) == []


class TestNextDue:
    def due(self, hours: float, *done: int, text: str = LEVELS) -> list[tuple[int, datetime]]:
        """Level and instant of what comes next, so many hours after Monday at nine."""
        found = book(text)
        readings = read_clocks(found, TICKET, [event()], at(hours))
        taken = frozenset(decision_id(TICKET.id, "e", number, "created") for number in done)
        return [(d.level, d.at) for d in next_due(found, readings, taken, TICKET, at(hours))]

    def test_it_is_the_earliest_level_not_taken(self) -> None:
        """One level per rule, with the instant it is reached if nothing happens."""
        assert self.due(0) == [(1, at(5))]
        assert self.due(6, 1) == [(2, at(24))]
        assert self.due(25, 1, 2) == [(3, at(56))]
        assert self.due(60, 1, 2, 3) == []

    def test_a_level_that_could_not_fire_is_looked_at_again(self) -> None:
        """Not at every run: after a while."""
        assert self.due(6) == [(1, at(6) + RECHECK)]

    def test_a_clock_that_has_stopped_has_nothing_due(self) -> None:
        """An answered ticket is not looked at again every hour for ever."""
        found = book(LEVELS)
        readings = read_clocks(found, TICKET, [event(), ANSWER], at(30))
        assert next_due(found, readings, frozenset(), TICKET, at(30)) == ()

    def test_a_rule_switched_off_has_nothing_due(self) -> None:
        """No wake-up for what will not happen."""
        assert self.due(0, text=LEVELS.replace("clock:", "mode: off\n    clock:")) == []

    def test_a_clock_that_has_not_started_has_nothing_due(self) -> None:
        """A clock on a status waits for the status."""
        base = BASE + "  silent: {start: {status: [Need More Info]}, stop: submitter_reply}\n"
        text = LEVELS.replace("respond", "silent").replace("50%", "1h").replace("100%", "2h")
        found = book(text, base)
        readings = read_clocks(found, TICKET, [event()], at(0))
        assert next_due(found, readings, frozenset(), TICKET, at(0)) == ()


def test_only_clocks_in_use_are_read() -> None:
    """A clock no escalation uses costs nothing."""
    assert read_clocks(book(), TICKET, [event()], at(1)) == {}
    assert list(read_clocks(rules(), TICKET, [event()], at(1))) == ["respond"]
