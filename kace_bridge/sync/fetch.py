"""Tickets by number, in bulk, and doubted where some do not come back."""

from collections.abc import Container, Iterable

from kace_bridge.errors import Refused, UnexpectedReply
from kace_bridge.model.ids import TicketId
from kace_bridge.model.ticket import Ticket
from kace_bridge.sma import Sma
from kace_bridge.sma.endpoints.history import Changes


def fetch(sma: Sma, ids: Iterable[TicketId]) -> tuple[dict[TicketId, Ticket], Changes | None]:
    """The tickets of *ids* that exist, with their histories as ``Tickets.get_many`` gives them.

    Raises UnexpectedReply where the list leaves out one that is there.
    """
    wanted = list(ids)
    fresh, changes = sma.tickets.get_many(wanted)
    doubt(sma, wanted, fresh)
    return fresh, changes


def doubt(sma: Sma, wanted: Iterable[TicketId], fresh: Container[TicketId]) -> None:
    """Ask for one of *wanted* that is not among the *fresh* by its own route.

    A ticket left out is given up for gone, so the list is not taken at its word. Raises
    UnexpectedReply where the ticket is there.
    """
    missing = next((ticket for ticket in wanted if ticket not in fresh), None)
    if missing is None:
        return
    try:
        sma.tickets.get(missing)
    except Refused:
        return
    raise UnexpectedReply(
        f"the appliance's list leaves out ticket {missing}, which is there: the list is not "
        "believed and nothing was given up; try later"
    )
