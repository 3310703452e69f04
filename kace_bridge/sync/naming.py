"""Values by name: whether a ticket reads so, and what a move to another queue must bring along."""

from collections.abc import Mapping

from kace_bridge.model.ticket import REFERENCES, Ticket

PER_QUEUE = ("status", "priority", "category", "impact")
"""Fields whose values belong to a queue: the same name has another number elsewhere."""
_PEOPLE = frozenset({"owner", "submitter", "approver"})


def is_named(name: str) -> bool:
    """Whether the field *name* is written by number and read by name."""
    return name in REFERENCES or name in _PEOPLE


def reads(ticket: Ticket, name: str, value: str | None) -> bool:
    """Whether *name* reads *value* on *ticket*; names and logins whatever the case."""
    now = ticket.value(name)
    if now is None or value is None or not is_named(name):
        return now == value
    return now.casefold() == value.casefold()


def carried(values: Mapping[str, str | None], fresh: Ticket) -> dict[str, str | None]:
    """*values*, and with a move the names that *fresh* has and the new queue must know.

    Statuses, priorities, categories and impacts belong to a queue, so new numbers go with the
    move in one request (contract section 4.4).
    """
    if values.get("queue") is None:
        return dict(values)
    kept = {name: fresh.value(name) for name in PER_QUEUE}
    return {name: value for name, value in kept.items() if value is not None} | dict(values)
