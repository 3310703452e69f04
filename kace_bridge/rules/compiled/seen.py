"""What a matcher has read of a ticket, at hand for the traces of what matched."""

from collections.abc import Mapping

from kace_bridge.rules.compiled.answers import UNREAD, View
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import Field, Kind, Reader, Value


class Seen:
    """The view of the facts asked last. ``slots`` says where in a view a field is kept.

    Where a rule fires, its trace shows the same fields of the same facts next: a text that took
    longer to clean than all its keywords to find, times reckoned from dates.
    """

    __slots__ = ("slots", "view")

    def __init__(self, slots: Mapping[object, int]) -> None:
        self.slots = slots
        self.view: View | None = None

    def reader(self, field: Field) -> Reader:
        """What gives the value of *field*, read only where it was not before."""
        slot = self.slots.get(field.name)
        if slot is None or field.kind in (Kind.NAME, Kind.PERSON):  # kept by name alone
            return field.read
        place = slot

        def read(facts: Facts) -> Value:
            view = self.view
            if view is None or (view.facts is not facts and not facts.same_as(view.facts)):
                return field.read(facts)
            value = view.values[place]
            return field.read(facts) if value is UNREAD else value  # type: ignore[return-value]

        return read
