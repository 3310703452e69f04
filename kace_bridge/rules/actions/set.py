"""The action ``set``."""

from typing import ClassVar

from pydantic import Field

from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts


class SetFields(Action):
    """Set fields of the ticket by name; nothing to do where it already reads so.

    Example:
        set: {priority: High, custom_3: VIP}
    """

    verb: ClassVar[str] = "set"
    values: dict[str, str | int | None] = Field(min_length=1)

    @classmethod
    def shape(cls, data: object) -> object:
        return {"values": data}

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        del scene
        wanted = {key: None if value is None else str(value) for key, value in self.values.items()}
        changed = {key: value for key, value in wanted.items() if facts.ticket.value(key) != value}
        kept = sorted(wanted.keys() - changed.keys())
        notes = ({"set": f"{', '.join(kept)}: already so"},) if kept else ()
        return Lowered(values=changed, notes=notes)

    def references(self) -> References:
        names = tuple((key, value) for key, value in self.values.items() if isinstance(value, str))
        return References(fields=tuple(self.values), names=names)
