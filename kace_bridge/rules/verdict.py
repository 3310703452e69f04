"""Three outcomes instead of two: a condition that cannot be judged is neither met nor failed."""

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """What judging a condition comes to. UNKNOWN never fires a rule, not even under ``not``."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"

    @staticmethod
    def of(answer: bool) -> "Verdict":
        """The verdict of a plain yes or no."""
        return Verdict.YES if answer else Verdict.NO


def negate(verdict: Verdict) -> Verdict:
    """The opposite; the opposite of UNKNOWN is UNKNOWN."""
    return _OPPOSITE[verdict]


def conjoin(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene's *and*: one NO decides, else one UNKNOWN leaves it open. YES for no verdicts.

    Stops at the first NO.
    """
    found = Verdict.YES
    for verdict in verdicts:
        if verdict is Verdict.NO:
            return verdict
        if verdict is Verdict.UNKNOWN:
            found = verdict
    return found


def disjoin(verdicts: Iterable[Verdict]) -> Verdict:
    """Kleene's *or*: one YES decides, else one UNKNOWN leaves it open. NO for no verdicts.

    Stops at the first YES.
    """
    found = Verdict.NO
    for verdict in verdicts:
        if verdict is Verdict.YES:
            return verdict
        if verdict is Verdict.UNKNOWN:
            found = verdict
    return found


_OPPOSITE = {
    Verdict.YES: Verdict.NO,
    Verdict.NO: Verdict.YES,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
}
