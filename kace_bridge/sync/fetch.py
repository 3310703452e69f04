"""Tickets by number, in bulk, and doubted where some do not come back."""

from collections.abc import Iterable

from kace_bridge.errors import Refused, UnexpectedReply
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes


def fetch(
    sma: Sma, ids: Iterable[TicketId], also: Iterable[TicketId] = ()
) -> tuple[dict[TicketId, Ticket], Changes | None]:
    """The tickets of *ids* that exist, with their histories as ``Tickets.get_many`` gives them.

    A ticket left out is given up for gone, so the list is not taken at its word: one of those
    missing is asked for by its own route; those of *also* may be missing. Raises UnexpectedReply
    where it is there.
    """
    wanted = list(ids)
    fresh, changes = sma.tickets.get_many([*wanted, *also])
    missing = next((ticket for ticket in wanted if ticket not in fresh), None)
    if missing is None:
        return fresh, changes
    try:
        sma.tickets.get(missing)
    except Refused:
        return fresh, changes
    raise UnexpectedReply(
        f"the appliance's list leaves out ticket {missing}, which is there: the list is not "
        "believed and nothing was given up; try later"
    )
