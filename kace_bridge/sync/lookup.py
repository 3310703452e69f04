"""Names to numbers at the moment of writing: in which queue, and what cannot be named there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kace_bridge.errors import NotFound
from kace_bridge.model.ids import QueueId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.names import UnknownName
from kace_bridge.state.rows import EffectRow
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.naming import carried
from kace_bridge.sync.write import Resolver, as_ids


@dataclass(frozen=True, slots=True)
class Named:
    """The effects of one ticket that can be written, and those that cannot, with the reason.

    ``resolve`` looks names up in the queue the ticket will be in.
    """

    writes: tuple[EffectRow, ...]
    refused: tuple[tuple[EffectRow, str], ...]
    resolve: Resolver


@dataclass(slots=True)
class Lookup:
    """Looks up people, queues, and what a queue's fields may hold."""

    sma: Sma
    book: DeskBook
    _queues: dict[str, QueueId] = field(default_factory=dict)

    def sort_out(self, fresh: Ticket, effects: Sequence[EffectRow]) -> Named:
        """Find the queue that counts, and the effects whose names it knows.

        A rule with an unknown name fails alone; a move that cannot be made leaves the ticket's
        own queue to the others.
        """
        refused: list[tuple[EffectRow, str]] = []
        queue = fresh.queue_id
        for effect, target, why in self._moves(fresh, effects):
            if why:
                refused.append((effect, why))
            else:
                queue = target
        resolve = self.resolver(queue)
        immovable = [effect for effect, _ in refused]
        writes = []
        for effect in effects:
            if effect.kind == "message" or effect in immovable:
                continue
            try:
                as_ids(effect.values, resolve)
            except UnknownName as error:
                refused.append((effect, str(error)))
            else:
                writes.append(effect)
        return Named(tuple(writes), tuple(refused), resolve)

    def _moves(
        self, fresh: Ticket, effects: Sequence[EffectRow]
    ) -> Iterator[tuple[EffectRow, QueueId, str]]:
        """Every move that is still to be made, its queue, and why it cannot be made."""
        planned = {name for effect in effects for name in effect.values}
        for effect in effects:
            name = effect.values.get("queue")
            if name is None or fresh.value("queue") != effect.before.get("queue"):
                continue
            along = carried(effect.values, fresh)
            asked = {key: along[key] for key in along if key in effect.values or key not in planned}
            try:
                target = self._queue(name)
                as_ids(asked, self.resolver(target))
            except UnknownName as error:
                yield effect, fresh.queue_id, f"cannot move to {name}: {error}"
            else:
                yield effect, target, ""

    def resolver(self, queue: QueueId) -> Resolver:
        """The number behind a field's name in *queue*; raises UnknownName."""

        def resolve(name: str, value: str) -> int:
            person = self.book.desk.people.get(value) if name in {"owner", "submitter"} else None
            if person is not None and person.id:
                return person.id
            if name == "queue":
                return self._queue(value)
            return self.sma.names.resolve(queue, name, value)

        return resolve

    def _queue(self, name: str) -> QueueId:
        if name not in self._queues:
            try:
                self._queues[name] = self.sma.queues.find(name).id
            except NotFound as error:
                raise UnknownName(str(error)) from error
        return self._queues[name]
