"""What a channel is: configuration that turns a message into one delivery, and does no I/O."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kace_bridge.discover import import_all
from kace_bridge.model.ids import TicketId
from kace_bridge.model.message import Delivery, Message


@dataclass(frozen=True, slots=True)
class Sending:
    """What every message of an installation shares.

    ``instance`` is the host part of Message-IDs. ``ticket_url`` is the address of a ticket
    with ``{id}`` for its number, or empty.
    """

    instance: str
    ticket_url: str = ""

    def link(self, ticket: TicketId) -> str:
        """The address of *ticket*, or empty."""
        return self.ticket_url.replace("{id}", str(ticket))


class Channel(BaseModel):
    """One way out, as configured. A new kind is one file in ``channels/`` with a subclass.

    A subclass declares ``kind: Literal["its name"]`` and `delivery`. ``personal`` is False for
    a channel with a fixed target, which needs no recipient.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        regex_engine="python-re",
    )
    personal: ClassVar[bool] = True

    @abstractmethod
    def delivery(self, message: Message, sending: Sending) -> Delivery:
        """How *message* leaves: the same message gives the same delivery.

        Raises Unsendable where it cannot leave this way at all.
        """

    @property
    def own_addresses(self) -> frozenset[str]:
        """Addresses that are ours, to which nothing must ever be sent."""
        return frozenset()

    @property
    def reaches_private(self) -> bool:
        """Whether deliveries may go to this host and to private networks."""
        return False


def channel_kinds() -> dict[str, type[Channel]]:
    """Every channel there is, by kind: the public subclasses in ``channels/``."""
    from kace_bridge.notify import channels

    found = {
        kind
        for module in import_all(channels)
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Channel)
        and kind.__module__ == module.__name__
    }
    return {_kind(one): one for one in sorted(found, key=_kind)}


@cache
def channel_adapter() -> TypeAdapter[Any]:
    """Validates one channel of a configuration, whatever its kind."""
    union: Any = reduce(or_, channel_kinds().values())
    hidden = ConfigDict(hide_input_in_errors=True)
    return TypeAdapter(Annotated[union, Field(discriminator="kind")], config=hidden)


def _kind(channel: type[Channel]) -> str:
    (name,) = channel.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
    return str(name)
