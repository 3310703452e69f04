"""A person's choice of owner is respected: the router does not take it back."""

from collections.abc import Sequence

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sla.calendar import ALWAYS


def hands_off(rules: RuleSet, facts: Facts, events: Sequence[Event]) -> str:
    """Why routing must leave this ticket's owner alone; empty where it need not.

    A person who names an owner, when logging the ticket or later, has decided; routing may
    decide again only once the ``hands_off`` time has passed since.
    """
    owner = facts.ticket.value("owner")
    if owner is None:
        return ""
    fresh = next((event for event in events if event.kind is EventKind.CREATED), None)
    if fresh is not None:
        return f"hands off: {owner} was made owner when the ticket was logged"
    if rules.hands_off is None:
        return ""
    calendar = rules.calendars.get(rules.calendar or "", ALWAYS)
    for event in reversed(facts.timeline):
        change = event.change_of("owner")
        if change is None or event.own or change.after is None:
            continue
        if facts.now < calendar.add(event.at, rules.hands_off):
            return f"hands off: {event.author or 'somebody'} chose {change.after}"
        return ""
    return ""
