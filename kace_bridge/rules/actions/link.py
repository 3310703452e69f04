"""The action ``link``."""

from typing import ClassVar

from pydantic import Field, field_validator

from kace_bridge.model.effect import AddComment
from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._registry import find_field
from kace_bridge.rules.issue import Known
from kace_bridge.rules.parent import OF_APPLIANCE as PARENT
from kace_bridge.rules.parent import parent_of, read_number


class Link(Action):
    """Note on the ticket which other one it belongs to, for the staff only.

    ``to`` is a field that holds a ticket's number (``4411``, ``#4411`` or ``TICK:4411``), or
    ``parent``. It is a comment and not the appliance's own See Also: whether the API takes that
    is not proved, and asking for it has broken an appliance.

    Source: contract section 4.13 (related_tickets) and section 8, Q12.

    Example:
        link: {to: custom_4}
    """

    verb: ClassVar[str] = "link"
    to: str = Field(min_length=1)

    @classmethod
    def shape(cls, data: object) -> object:
        return {"to": data} if isinstance(data, str) else data

    @field_validator("to")
    @classmethod
    def _is_field(cls, value: str) -> str:
        if value != PARENT:
            find_field(value, Known())
        return value

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        del scene
        number = self._number(facts)
        if number is None:
            return Lowered(notes=({"link": f"{self.to} holds no ticket number"},))
        if number == facts.ticket.id:
            return Lowered(notes=({"link": f"{self.to} names the ticket itself"},))
        words = "Belongs to" if self.to == PARENT else "See also"
        return Lowered(effects=(AddComment(facts.ticket.id, f"{words} ticket {number}."),))

    def _number(self, facts: Facts) -> int | None:
        if self.to == PARENT:
            return parent_of(facts.ticket, PARENT)
        return read_number(str(find_field(self.to, Known()).read(facts)))

    def references(self) -> References:
        return References(fields=() if self.to == PARENT else (self.to,))
