"""What every strategy is: a pure choice of one person among those present."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.schema import MapSpec, RotationSpec


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was picked and why; ``desk`` is the desk after the pick (loads and turns moved on)."""

    person: str | None
    reason: str
    candidates: tuple[str, ...] = ()
    loads: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    desk: Desk | None = None

    def as_data(self) -> dict[str, object]:
        """The pick as the trace keeps it, for the fairness ledger."""
        return {
            "picked": self.person,
            "candidates": list(self.candidates),
            "loads": dict(self.loads),
            "absent": list(self.absent),
        }


@dataclass(frozen=True, slots=True)
class Candidates:
    """A team's members who are present, in the team's order; never empty."""

    team: str
    present: tuple[str, ...]
    everybody: tuple[str, ...]
    loads: Mapping[str, int]
    weights: Mapping[str, float]
    last: str | None
    rotation: RotationSpec | None
    now: datetime
    mapped: MapSpec | None = None


Strategy = Callable[[Candidates, Facts], tuple[str, str]]
"""Names one of ``present`` and says why, in a few words."""

STRATEGIES: dict[str, Strategy] = {}


def strategy(name: str) -> Callable[[Strategy], Strategy]:
    """Register a strategy under the name that ``pick`` uses."""

    def register(choose: Strategy) -> Strategy:
        STRATEGIES[name] = choose
        return choose

    return register


def following(order: Sequence[str], last: str | None) -> list[str]:
    """*order* turned so that it starts after *last*; as it is where *last* is not in it."""
    folded = [person.casefold() for person in order]
    if last is None or last.casefold() not in folded:
        return list(order)
    start = folded.index(last.casefold()) + 1
    return [*order[start:], *order[:start]]
