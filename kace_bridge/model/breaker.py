"""A circuit breaker: what fails again and again is left alone for a while, longer each time.

Closed while fewer than `LIMIT` faults came in a row; then open until a moment; after that the next
attempt is the probe: a success closes it, a fault opens it for twice as long.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

LIMIT = 5
"""So many faults in a row open it."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Breaker:
    """How many faults came in a row, until when nothing is asked (aware), and the last fault."""

    faults: int = 0
    until: datetime | None = None
    why: str = ""

    def rests_until(self, now: datetime) -> datetime | None:
        """The moment before which nothing is to be asked; None where asking is right.

        A moment further away than any wait comes of a clock that was set back: it is past.
        """
        if self.until is None or not now < self.until <= now + LONGEST:
            return None
        return self.until

    def failed(
        self, now: datetime, why: str, *, asked_s: float | None = None, at_once: bool = False
    ) -> "Breaker":
        """The state after a fault; *at_once* opens it whatever came before.

        Where the other side is well and asks for a wait of *asked_s* seconds, that is kept, up to
        `LONGEST`, and is no fault.
        """
        if asked_s:
            return Breaker(self.faults, now + min(timedelta(seconds=asked_s), LONGEST), why)
        faults = max(self.faults + 1, LIMIT if at_once else 0)
        if faults < LIMIT:
            return Breaker(faults, None, why)
        return Breaker(faults, now + min(FIRST * 2 ** min(faults - LIMIT, 9), LONGEST), why)

    def as_text(self) -> str:
        """What `read_breaker` reads."""
        until = self.until.isoformat() if self.until else None
        return json.dumps({"faults": self.faults, "until": until, "why": self.why})


CLOSED = Breaker()


def read_breaker(text: str | None) -> Breaker:
    """The state *text* tells; closed where it tells none: then the other side is asked."""
    try:
        told = json.loads(text or "")
        until = datetime.fromisoformat(told["until"]) if told["until"] else None
        if until is not None and until.tzinfo is None:
            return CLOSED
        return Breaker(int(told["faults"]), until, str(told["why"]))
    except (ValueError, TypeError, KeyError):
        return CLOSED
