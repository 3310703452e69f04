"""How hard to press an appliance, judged by how long it takes to answer.

One slow answer is enough to go down to one request at a time, with a pause as long as the answer
took; many quick ones in a row bring the others back one by one.
"""

from dataclasses import dataclass

SLOW_S = 5.0
"""An answer that takes so long comes from an appliance with too much to do."""
QUICK_S = 1.0
LONGEST_PAUSE_S = 10.0
CALM = 20
"""So many quick answers in a row let one more request be under way."""
NO_GAIN = 0.75
"""Half the rows in more than this part of the time: the rows are not what takes it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Up to *parallel* requests at once, of *most* configured, and *pause_s* before each page."""

    most: int
    parallel: int
    pause_s: float = 0.0
    quick: int = 0

    def after(self, seconds: float) -> "Pace":
        """The pace after an answer that took *seconds*, or after none came for so long."""
        if seconds >= SLOW_S:
            return Pace(self.most, 1, min(seconds, LONGEST_PAUSE_S))
        if seconds > QUICK_S:
            return Pace(self.most, self.parallel, self.pause_s)
        if self.quick + 1 < CALM:
            return Pace(self.most, self.parallel, 0.0, self.quick + 1)
        return Pace(self.most, min(self.parallel + 1, self.most))


@dataclass(slots=True)
class PageSize:
    """How many rows to ask for: fewer where the rows are what makes answers slow."""

    rows: int
    least: int
    _before_s: float = 0.0
    _settled: bool = False

    def halve(self) -> None:
        """Ask for half as many from now on."""
        self.rows = max(1, self.rows // 2)

    def after(self, asked: int, received: int, seconds: float) -> None:
        """Take note of an answer: *received* of *asked* rows in *seconds*.

        Answers to another size, from threads that began before, and to short pages say nothing.
        """
        if self._settled or asked != self.rows or received <= asked // 2 or seconds < SLOW_S:
            return
        if self._before_s and seconds > NO_GAIN * self._before_s:
            self.rows, self._settled = self.rows * 2, True
        elif self.rows // 2 >= self.least:
            self._before_s = seconds
            self.halve()
