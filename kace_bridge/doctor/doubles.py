"""Mails that two sides would send: the appliance's own e-mail events, and our rules."""

from collections.abc import Iterator

from kace_bridge.doctor.check import Check, ok, warning
from kace_bridge.doctor.queues import actions_of
from kace_bridge.model.event import EventKind
from kace_bridge.rules.actions.notify import Notify
from kace_bridge.rules.events import EventPattern
from kace_bridge.rules.ruleset import Rule, RuleSet

UNSEEN = "what the appliance mails by itself cannot be read over its API"
RECEIPT = "email_ticket_ack"
_LOOK = "where the queue has that event on, keep one of the two"
_ROLES = {"submitter": "submitter", "owner": "owner", "new_owner": "owner"}


def check_doubles(rules: RuleSet) -> Iterator[Check]:
    """One warning for each rule that says what the appliance can say too.

    Source: contract section 6 (recipients and events) and 7.4 (API writes fire them as well).
    """
    found: dict[tuple[str, str], list[str]] = {}
    for rule in rules.rules:
        if rules.mode_of(rule) != "off":
            for double in dict.fromkeys(_doubles(rule)):
                found.setdefault(double, []).append(f"'{rule.id}' ({rule.place})")
    if found:
        yield ok("doubles", f"{UNSEEN}; look at each queue's E-mail on Events")
    for (event, role), named in found.items():
        noun = "rules" if len(named) > 1 else "rule"
        what = f"{noun} {', '.join(named)} would double the appliance's {event} mail to the {role}"
        yield warning("doubles", what, _LOOK)
    if not found:
        yield ok("doubles", f"no rule mails what the appliance usually does; {UNSEEN}")


def _doubles(rule: Rule) -> Iterator[tuple[str, str]]:
    """The appliance's event, and whom it tells."""
    told = {
        _ROLES[role]
        for action in actions_of(rule)
        if isinstance(action, Notify)
        for role in action.to
        if role in _ROLES
    }
    for pattern in rule.event.patterns if rule.event else ():
        for event in _usual(pattern):
            for role in sorted(told):
                # Only who wrote in is told that it arrived.
                if not (event == RECEIPT and role == "owner"):
                    yield event, role


def _usual(pattern: EventPattern) -> Iterator[str]:
    """The appliance's events for what *pattern* waits for."""
    if pattern.of_parent:
        return  # the appliance tells the parent's own submitter
    match pattern.kind:
        case EventKind.CREATED:
            yield RECEIPT
        case EventKind.COMMENTED if pattern.public is not False:
            yield "comment"
        case EventKind.CLOSED | EventKind.REOPENED:
            yield "status_change"
        case EventKind.CHANGED:
            fields = {change.field.name for change in pattern.changes}
            if fields & {"status", "state"}:
                yield "status_change"
            if "owner" in fields:
                yield "owner_change"
            if not fields:
                yield "any_change"
