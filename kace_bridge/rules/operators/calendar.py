"""Whether a moment falls into working hours."""

from datetime import datetime

from kace_bridge.rules.issue import Unfit, suggest
from kace_bridge.rules.operators._registry import Answer, Case, Slot, operator, unknown
from kace_bridge.rules.operators._values import read_texts
from kace_bridge.rules.verdict import Verdict


def read_calendars(raw: object, slot: Slot) -> tuple[str, ...]:
    """One or more names of configured calendars."""
    names = read_texts(raw, slot)
    known = slot.known.calendars
    for name in names:
        if known is not None and name not in known:
            raise Unfit(f"unknown calendar '{name}'", suggest(name, known))
    return names


@operator("in_calendar", expects=(datetime,), value=read_calendars)
def in_calendar(actual: datetime, expected: tuple[str, ...], case: Case) -> Answer:
    """The moment falls into the opening hours of a calendar; of a list, of any one.

    The minute of closing does not. ``now`` is the moment at which the rules are asked, which for
    a level is when the bridge gets to it.

    Example:
        now: {in_calendar: office}
    """
    calendars = case.facts.calendars
    for name in expected:
        if name in calendars and calendars[name].is_open(actual):
            return Answer(Verdict.YES, f"matched: {name}")
    strange = next((name for name in expected if name not in calendars), None)
    if strange is not None:
        return unknown(f"there is no calendar '{strange}'")
    return Answer(Verdict.NO)
