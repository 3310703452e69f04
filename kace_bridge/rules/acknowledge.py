"""Somebody has a ticket in hand and said so: its escalations wait until a time-out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from kace_bridge.model.event import Event, EventKind, FieldChange

FIELD = "acknowledged"
"""The field whose change, on the ticket's timeline alone, tells of it."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has it in hand, and when escalation resumes."""

    by: str
    until: datetime

    def told(self, zone: tzinfo) -> str:
        """``acknowledged by bkim until 2026-03-02 15:00``."""
        at = self.until.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        return f"acknowledged by {self.by} until {at}"


def acknowledged(timeline: Sequence[Event], now: datetime) -> Acknowledgement | None:
    """What holds escalation back at *now*; a re-opening or a later word ends it."""
    for event in reversed(timeline):
        if event.kind is EventKind.REOPENED:
            return None
        change = event.change_of(FIELD)
        if change is not None:
            until = datetime.fromisoformat(change.after) if change.after else None
            if until is None or until <= now:
                return None
            return Acknowledgement(event.author or "somebody", until)
    return None


def as_change(until: datetime | None) -> FieldChange:
    """The change to put on the timeline: held back *until* then, or no longer."""
    return FieldChange(FIELD, None, until.isoformat() if until else None)
