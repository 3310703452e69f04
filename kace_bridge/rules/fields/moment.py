"""The moment at which the rules are asked."""

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Kind, Value, field


@field("now", Kind.DATE)
def now(facts: Facts) -> Value:
    """The moment at which the rules are asked, not the one at which things happened.

    Example:
        now: {in_calendar: office}
    """
    return facts.now
