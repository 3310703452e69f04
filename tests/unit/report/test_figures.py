"""Counting what rules did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kace_bridge.model.effect import Mode
from kace_bridge.model.ids import TicketId
from kace_bridge.report.figures import RuleUse, rule_uses, together

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A recorded decision."""

    id: str
    rule: str = "r"
    ticket: TicketId = TicketId(1)  # noqa: RUF009 -- a NewType call is an int
    at: datetime = NOON
    mode: Mode = "enforce"
    state: str = "done"
    trace: Mapping[str, object] = field(default_factory=dict)


def test_decisions_are_counted_by_rule():
    """Fired, on trial, failed, only marked: each in its own figure."""
    later = NOON + timedelta(hours=1)
    rows = [
        Row("a"), Row("b", ticket=TicketId(2), at=later, state="failed"), Row("c", mode="shadow"),
        Row("d", trace={"notes": [{"set": "already so"}]}), Row("e", at=later + timedelta(days=1)),
        Row("f", rule="other"),
    ]  # fmt: skip
    found = rule_uses(rows, frozenset("abcf"))
    assert found["r"] == RuleUse(3, 1, 1, 1, 2, later)
    assert found["other"].matched == 1


def test_withdrawn_decisions_do_not_count():
    """They are judged again, and counted then."""
    assert rule_uses([Row("a", state="withdrawn")], frozenset("a")) == {}


def test_a_level_only_marked_done_is_no_use():
    """A rule that never acted is dead wood, however many levels it passed over."""
    assert not rule_uses([Row("a")], frozenset())["r"].used


def test_names_are_added_up():
    """A renamed rule keeps its history; nothing at all is an unused rule."""
    first, second = RuleUse(1, 0, 0, 1, 1, NOON), RuleUse(2, 3, 1, 0, 2, None)
    assert together([first, second]) == RuleUse(3, 3, 1, 1, 3, NOON)
    assert together([]) == RuleUse()
