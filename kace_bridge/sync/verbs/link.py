"""Saying which ticket others belong to: in the field that the configuration names."""

from kace_bridge.errors import NotFound, UsageError
from kace_bridge.model.ids import TicketId
from kace_bridge.rules.parent import OF_APPLIANCE, parent_of
from kace_bridge.sync.verbs.carry_out import carry_out, open_book
from kace_bridge.sync.verbs.scene import Scene
from kace_bridge.sync.verbs.tickets import Ids
from kace_bridge.sync.verbs.wish import Answer, CommandResult, Declined, Order, Wish
from kace_bridge.sync.wire import Bridge


def link(
    bridge: Bridge, ids: Ids, *, to: TicketId | None, person: str, reason: str = "",
    dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Make *to* the parent of the tickets; None takes their parent away.

    Raises UsageError where the configuration names no field that can be written, where there is
    no such ticket, or where it has a parent itself: families are one level deep.
    """
    field = bridge.site.rules.parent
    if field in {"", OF_APPLIANCE}:
        raise UsageError(
            f"{bridge.site.path.name} names no field for it: add 'parent: custom_4' with a custom"
            " field that is free"
        )
    book = open_book(bridge)
    if to is not None:
        _may_be_a_parent(bridge, to, field)

    def decide(scene: Scene) -> Answer:
        before = parent_of(scene.ticket, field)
        if to == scene.ticket.id:
            return Declined("a ticket cannot belong to itself", fails=True)
        if before == to:
            return Declined(f"it belongs to ticket {to} already" if to else "it has no parent")
        if to is not None and bridge.store.children([scene.ticket.id]):
            return Declined("it has children itself: link those instead", fails=True)
        word = f"Belongs to ticket {to}" if to else f"Belongs to ticket {before} no longer"
        why = f": {reason}" if reason else "."
        return Wish({field: str(to) if to else None}, f"{word}, says {person}{why}")

    return carry_out(bridge, book, ids, Order("link", person, reason), decide, dry_run=dry_run)


def _may_be_a_parent(bridge: Bridge, number: TicketId, field: str) -> None:
    try:
        parent = bridge.sma.tickets.get(number)
    except NotFound as error:
        raise UsageError(f"--to: {error}") from None
    above = parent_of(parent, field)
    if above is not None:
        raise UsageError(f"ticket {number} belongs to ticket {above} itself: link to that one")
    if parent.state == "closed":
        raise UsageError(f"ticket {number} is closed: nothing would be told of it")
