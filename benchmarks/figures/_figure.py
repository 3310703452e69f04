"""What a figure is asked with, and what it answers."""

from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """How to measure. ``small`` is for trying that it runs: its figures mean nothing.

    ``rounds`` is at least 5 for figures anybody may quote. ``peers`` is a folder with a module
    ``peers`` whose ``PEERS`` maps names to adapters of other engines; None measures none.
    """

    small: bool = False
    rounds: int = 7
    peers: Path | None = None

    def pick(self, whole: int, small: int) -> int:
        """The size to work with."""
        return small if self.small else whole


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. All times are in ``unit``; ``ratio`` is what the goal speaks of.

    ``ratio`` is None where the goal is about ``ours`` itself. A goal of None only informs.
    ``at_least`` turns the goal round. ``floor`` and ``peer`` stand beside ours for comparison,
    with their own ratios to ours where they were measured in the same rounds.
    """

    figure: str
    what: str
    ours: float
    unit: str
    goal: float | None = None
    ratio: float | None = None
    floor: float | None = None
    floor_name: str = ""
    peer: float | None = None
    peer_name: str = ""
    peer_ratio: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        value = self.ours if self.ratio is None else self.ratio
        return value >= self.goal if self.at_least else value <= self.goal

    def as_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {**asdict(self), "met": self.met}
