"""A person's choice of owner is respected: the router does not take it back."""

from collections.abc import Sequence

from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.sla.calendar import ALWAYS


def hands_off(
    rules: RuleSet, facts: Facts, events: Sequence[Event], rule: Rule | None = None
) -> str:
    """Why routing, or *rule*, must leave this ticket's owner alone; empty where it need not.

    A person who names an owner, when logging the ticket or later, has decided; routing may
    decide again only once the ``hands_off`` time of the rule, or else of the site, has passed.
    """
    owner = facts.ticket.value("owner")
    own = rule.hands_off if rule is not None else None
    if owner is None or own is False:
        return ""
    fresh = next((event for event in events if event.kind is EventKind.CREATED), None)
    if fresh is not None:
        return f"hands off: {owner} was made owner when the ticket was logged"
    quiet = own or rules.hands_off
    if quiet is None:
        return ""
    calendar = rules.calendars.get(rules.calendar or "", ALWAYS)
    for event in reversed(facts.timeline):
        change = event.change_of("owner")
        if change is None or event.own or change.after is None:
            continue
        if facts.now < calendar.add(event.at, quiet):
            return f"hands off: {event.author or 'somebody'} chose {change.after}"
        return ""
    return ""
