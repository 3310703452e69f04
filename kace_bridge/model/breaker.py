"""A circuit breaker: what fails again and again is left alone for a while, longer each time.

Closed while fewer than `LIMIT` faults came in a row and no more than half of the last `WINDOW`
attempts failed; then open until a moment; after that the next attempt is the probe: an answer
closes it, a fault opens it for twice as long. Who is gone is asked again only on a person's word.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

LIMIT = 5
"""So many faults in a row open it."""
WINDOW = 20
"""Of so many attempts more than half must have failed to open it."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(minutes=15)
_FAULT, _ANSWER = "x", "."


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of the other side.

    ``faults``: in a row, at least `LIMIT` while open; ``until``: nothing is asked before (aware);
    ``why``: the last fault; ``recent``: the last attempts, oldest first, from the first fault on;
    ``gone``: it said that it wants nothing any more.
    """

    faults: int = 0
    until: datetime | None = None
    why: str = ""
    recent: str = ""
    gone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether faults opened it and no answer has closed it since."""
        return self.gone or self.faults >= LIMIT

    @property
    def story(self) -> str:
        """What opened it: "after 5 faults in a row"."""
        if self.gone or not self.is_open:
            return "as it asked"
        row = len(self.recent) - len(self.recent.rstrip(_FAULT))
        if row < LIMIT and _is_failing(self.recent):
            number = self.recent.count(_FAULT)
            return f"after {number} faults in the last {len(self.recent)} attempts"
        if row == 1:
            return "after a fault"
        return f"after {row}{' or more' if row == WINDOW else ''} faults in a row"

    def rests_until(self, now: datetime) -> datetime | None:
        """The moment before which nothing is to be asked; None where asking is right.

        A moment further away than any wait comes of a clock that was set back: it is past.
        """
        if self.gone:
            return now + LONGEST
        if self.until is None or not now < self.until <= now + LONGEST:
            return None
        return self.until

    def answered(self) -> "Breaker":
        """The state after an answer: closed. Once it was open, it begins anew."""
        if self.is_open:
            return CLOSED
        return Breaker(recent=(self.recent + _ANSWER)[-WINDOW:].lstrip(_ANSWER))

    def failed(
        self, now: datetime, why: str, *, asked_s: float | None = None, at_once: bool = False
    ) -> "Breaker":
        """The state after a fault; *at_once* opens it whatever came before.

        Where the other side is well and asks for a wait of *asked_s* seconds, that is kept, up to
        `LONGEST`, and is no fault.
        """
        if asked_s:
            until = now + min(timedelta(seconds=asked_s), LONGEST)
            return replace(self, until=until, why=why)
        recent = (self.recent + _FAULT)[-WINDOW:]
        opens = at_once or _is_failing(recent)
        faults = max(self.faults + 1, LIMIT if opens else 0)
        if faults < LIMIT:
            return Breaker(faults, None, why, recent)
        until = now + min(FIRST * 2 ** min(faults - LIMIT, 9), LONGEST)
        return Breaker(faults, until, why, recent)

    def left(self, why: str) -> "Breaker":
        """The state after word that nothing is wanted any more."""
        return replace(self, until=None, why=why, gone=True)

    def as_text(self) -> str:
        """What `read_breaker` reads."""
        until = self.until.isoformat() if self.until else None
        told = {"faults": self.faults, "until": until, "why": self.why, "recent": self.recent}
        return json.dumps(told | {"gone": self.gone})


def _is_failing(recent: str) -> bool:
    return recent.count(_FAULT) > WINDOW // 2


CLOSED = Breaker()


def read_breaker(text: str | None) -> Breaker:
    """The state *text* tells; closed where it tells none: then the other side is asked."""
    try:
        told: Any = json.loads(text or "")
        until = datetime.fromisoformat(told["until"]) if told["until"] else None
        if until is not None and until.tzinfo is None:
            return CLOSED
        faults = int(told["faults"])
        # A store may be older than the list of attempts.
        recent = str(told.get("recent", _FAULT * min(faults, WINDOW)))
        if recent.strip(_FAULT + _ANSWER):
            return CLOSED
        return Breaker(faults, until, str(told["why"]), recent[-WINDOW:], told.get("gone") is True)
    except (ValueError, TypeError, KeyError):
        return CLOSED
