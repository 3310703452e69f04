"""Queues and their fields.  Source: contract sections 4.10 and 6."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kace_bridge.model.ids import QueueId


@dataclass(frozen=True, slots=True)
class QueueField:
    """One field of a queue.

    ``key`` is the JSON key of a ticket; ``required`` is none, all, opened, closed or stalled.
    """

    key: str
    label: str
    kind: str
    required: str
    visible: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A ticket queue; statuses, priorities, categories and impacts belong to it by id."""

    id: QueueId
    name: str
    fields: tuple[QueueField, ...] = ()
    record: Mapping[str, object] = field(default_factory=dict, compare=False)
