"""What keeps rules from a ticket: somebody has it in hand, its parent is open, teams hand it on."""

from datetime import datetime
from functools import cached_property

from kace_bridge.model.event import EventKind
from kace_bridge.rules.acknowledge import Acknowledgement, acknowledged
from kace_bridge.rules.bounced import Stop, stopped
from kace_bridge.rules.parent import RECHECK, quieted
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import Rule, RuleSet


class Brakes:
    """Found out when first asked: for most tickets nothing fires that could be kept back."""

    def __init__(self, rules: RuleSet, picture: Picture) -> None:
        self._rules = rules
        self._seen = picture

    @cached_property
    def _in_hand(self) -> Acknowledgement | None:
        return acknowledged(self._seen.timeline, self._seen.now)

    @cached_property
    def _quiet(self) -> str:
        return quieted(self._rules.parent, self._seen.ticket, self._seen.parent)

    @cached_property
    def _stop(self) -> Stop | None:
        seen = self._seen
        owner = seen.ticket.value("owner")
        return stopped(self._rules, seen.timeline, seen.desk, seen.now, owner)

    def held(self, state: str | None) -> str:
        """What keeps every escalation of the ticket waiting once it has the *state* planned for it.

        Empty where nothing does.
        """
        if self._in_hand is not None:
            return self._in_hand.told(self._seen.ticket.zone)
        if state == "closed" and self._seen.ticket.state != "closed":
            return "and a rule closes the ticket"
        return self._quiet

    def held_until(self) -> datetime | None:
        """When to look at the escalations again; None where nothing keeps them."""
        ends = [self._in_hand.until] if self._in_hand else []
        ends += [self._seen.now + RECHECK] if self._quiet else []
        return max(ends, default=None)

    def stays(self, rule: Rule) -> str:
        """Why *rule* may not move the ticket; a rule about just this (``bounced``) may."""
        if self._stop is None or (rule.event and rule.event.kinds == {EventKind.BOUNCED}):
            return ""
        return self._stop.told(self._seen.ticket.zone)
