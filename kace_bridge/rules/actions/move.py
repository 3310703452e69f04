"""The action ``move``."""

from typing import ClassVar

from pydantic import Field

from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts


class Move(Action):
    """Move the ticket to another queue, by its name.

    Status, priority, category and impact belong to a queue: the ticket keeps their names, looked
    up in the new queue when the move is written. Where the new queue lacks one of them nothing is
    written, and the run reports which; ``set`` beside ``move`` names another. A ticket in a queue
    that the bridge does not watch is out of its sight.

    Example:
        move: {queue: Facilities}
    """

    verb: ClassVar[str] = "move"
    queue: str = Field(min_length=1)

    @classmethod
    def shape(cls, data: object) -> object:
        return {"queue": data} if isinstance(data, str) else data

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        del scene
        present = facts.ticket.value("queue")
        if present is not None and present.casefold() == self.queue.casefold():
            return Lowered(notes=({"move": f"already in {present}"},))
        return Lowered(values={"queue": self.queue})

    def references(self) -> References:
        return References(names=(("queue", self.queue),))
