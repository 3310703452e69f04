"""What happened to tickets before, read from the store once somebody wants to know.

Most rules ask what a ticket is, not what happened to it; then nothing is read.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from kace_bridge.model.event import Event
from kace_bridge.model.ids import TicketId
from kace_bridge.state import Store


class Timelines:
    """The stored timelines of some tickets: all read together when the first is wanted."""

    def __init__(self, store: Store, tickets: Sequence[TicketId]) -> None:
        self._store = store
        self._tickets = tickets

    @cached_property
    def _read(self) -> dict[TicketId, tuple[Event, ...]]:
        return self._store.timelines(self._tickets)

    def of(self, ticket: TicketId, told: Sequence[Event] = ()) -> "Timeline":
        """The timeline of *ticket*, followed by those of *told* that are not on it."""
        return Timeline(self, ticket, told)

    def stored(self, ticket: TicketId) -> tuple[Event, ...]:
        """What the store tells of *ticket*."""
        return self._read.get(ticket, ())


class Timeline(Sequence[Event]):
    """The events of one ticket, oldest first."""

    def __init__(self, source: Timelines, ticket: TicketId, told: Sequence[Event]) -> None:
        self._source = source
        self._ticket = ticket
        self._told = told

    @cached_property
    def _whole(self) -> tuple[Event, ...]:
        stored = self._source.stored(self._ticket)
        return (*stored, *(event for event in self._told if event not in stored))

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, place: int | slice) -> Event | tuple[Event, ...]:
        return self._whole[place]

    def __len__(self) -> int:
        return len(self._whole)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._whole)

    def __contains__(self, event: object) -> bool:
        return event in self._whole
