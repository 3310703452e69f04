"""The report: facts as JSON that can be sent to strangers."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kace_bridge import __version__
from kace_bridge.doctor.probe.fact import Fact

WITHHELD = "(withheld)"
SHORTEST, LONG = 3, 6
"""A word of fewer letters may be part of an innocent key: only the whole text counts then."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on *day*; ``generation`` is the header family (contract section 1.1)."""

    day: date
    generation: str
    facts: Sequence[Fact]

    @property
    def measured(self) -> int:
        """How many facts have an answer."""
        return sum(fact.answer is not None for fact in self.facts)

    def as_data(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "report": "kace-bridge probe",
            "format": 1,
            "program": __version__,
            "day": self.day.isoformat(),
            "generation": self.generation,
            "facts": [
                {"id": fact.id, "question": fact.question, "answer": fact.answer}
                | ({"note": fact.note} if fact.note else {})
                for fact in self.facts
            ],
        }

    def as_text(self) -> str:
        """The report as JSON, laid out to be read before it is sent."""
        return json.dumps(self.as_data(), indent=1)


def without_private(facts: Sequence[Fact], private: Collection[str]) -> list[Fact]:
    """*facts* with every text withheld that is or contains one of *private*.

    A second fence: nothing private should have come this far.
    """
    words = {word.casefold() for word in private if len(word) >= SHORTEST}
    return [Fact(fact.id, fact.question, _scrub(fact.answer, words), fact.note) for fact in facts]


def _scrub(value: Any, words: Collection[str]) -> Any:
    if isinstance(value, str):
        text = value.casefold()
        hidden = any(word == text or (len(word) >= LONG and word in text) for word in words)
        return WITHHELD if hidden else value
    if isinstance(value, list):
        return [_scrub(item, words) for item in value]
    if isinstance(value, dict):
        return {_scrub(key, words): _scrub(item, words) for key, item in value.items()}
    return value
