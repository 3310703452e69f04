"""What happened to a ticket, in the words rules and clocks use."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kace_bridge.model.ids import TicketId, UserName


class EventKind(StrEnum):
    """The closed list of things a rule may react to."""

    CREATED = "created"
    CHANGED = "changed"
    COMMENTED = "commented"
    CLOSED = "closed"
    REOPENED = "reopened"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, by name. ``state`` is reported beside ``status``."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One happening, identified by appliance data alone.

    ``cause`` names the history row (``row:905``), the creation (``created``) or, for a change
    without a row, the digest (``digest:3fa9...``): the same whatever store or worker sees it.
    ``staff``: the author is a team member or the ticket's owner. ``public``: the submitter can
    read it. ``own``: written by this bridge; such events never feed classify or route.
    ``automatic``: a comment by an answering machine, nobody's reply; such events only notify.
    """

    kind: EventKind
    ticket: TicketId
    at: datetime
    cause: str
    author: UserName | None = None
    staff: bool = False
    public: bool = True
    own: bool = False
    via_email: bool = False
    comment: str = ""
    changes: tuple[FieldChange, ...] = field(default=())
    automatic: bool = False

    def change_of(self, name: str) -> FieldChange | None:
        """The change of the field *name* in this event, if any."""
        return next((change for change in self.changes if change.field == name), None)
