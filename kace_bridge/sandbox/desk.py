"""One organisation's data and the indexes that keep a large desk quick."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from kace_bridge.sandbox.data import (
    Asset,
    Category,
    Change,
    Impact,
    Location,
    Machine,
    Mail,
    Priority,
    Queue,
    Status,
    Ticket,
    User,
)
from kace_bridge.sandbox.hours import Hours


@dataclass(slots=True)
class Desk:
    """Tables keyed by id. Tickets are added, touched and removed only by the methods here."""

    hours: Hours
    users: dict[int, User] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    queues: dict[int, Queue] = field(default_factory=dict)
    statuses: dict[int, Status] = field(default_factory=dict)
    priorities: dict[int, Priority] = field(default_factory=dict)
    impacts: dict[int, Impact] = field(default_factory=dict)
    categories: dict[int, Category] = field(default_factory=dict)
    machines: dict[int, Machine] = field(default_factory=dict)
    assets: dict[int, Asset] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    archive: dict[int, Ticket] = field(default_factory=dict)
    mail: list[Mail] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)  # sorted
    by_modified: list[tuple[str, int]] = field(default_factory=list)  # sorted
    referrers: dict[int, set[int]] = field(default_factory=dict)
    due: list[tuple[float, int, str]] = field(default_factory=list)  # heap: moment, ticket, what
    last_ticket_id: int = 0
    last_change_id: int = 900
    last_attachment_id: int = 0
    revision: int = 0  # moves with every change, so answers can be remembered safely
    _names: dict[str, User] | None = None

    def next_ticket_id(self) -> int:
        self.last_ticket_id += 1
        return self.last_ticket_id

    def next_change_id(self) -> int:
        self.last_change_id += 1
        return self.last_change_id

    def user_named(self, user_name: str) -> User | None:
        """The user of that name, ignoring case; names are the stable key of users."""
        if self._names is None:
            self._names = {user.user_name.casefold(): user for user in self.users.values()}
        return self._names.get(user_name.casefold())

    def name_user(self, user: User) -> None:
        """Make a new user findable by name."""
        if self._names is not None:
            self._names[user.user_name.casefold()] = user

    def state_of(self, ticket: Ticket) -> str:
        """opened, closed or stalled; empty for a ticket without a status."""
        status = self.statuses.get(ticket.status_id)
        return status.state if status else ""

    def forget_names(self) -> None:
        """To be called after users were renamed or replaced."""
        self._names = None
        self.revision += 1

    def add(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        insort(self.ids, ticket.id)
        insort(self.by_modified, (ticket.modified, ticket.id))
        self._refer(ticket)
        self.last_ticket_id = max(self.last_ticket_id, ticket.id)
        self.revision += 1

    def add_all(self, tickets: list[Ticket]) -> None:
        """Many at once, replacing those with the same id; one sort instead of many inserts."""
        for ticket in tickets:
            if ticket.id in self.tickets:
                self.relate(self.tickets[ticket.id], [])
            self.tickets[ticket.id] = ticket
            self._refer(ticket)
        self.ids = sorted(self.tickets)
        self.by_modified = sorted((t.modified, t.id) for t in self.tickets.values())
        self.last_ticket_id = max([self.last_ticket_id, *self.ids[-1:]])
        self.revision += 1

    def touch(self, ticket: Ticket, stamp: str) -> None:
        """Move the ticket's ``modified`` to *stamp*; also announces any other edit of it."""
        if stamp != ticket.modified:
            self._forget_stamp(ticket)
            ticket.modified = stamp
            insort(self.by_modified, (stamp, ticket.id))
        self.revision += 1

    def remove(self, ticket: Ticket) -> None:
        del self.tickets[ticket.id]
        del self.ids[bisect_left(self.ids, ticket.id)]
        self._forget_stamp(ticket)
        self.relate(ticket, [])
        self.revision += 1

    def relate(self, ticket: Ticket, related: list[int]) -> None:
        """Set "See Also"; the other side's referrers follow."""
        for other in ticket.related:
            self.referrers.get(other, set()).discard(ticket.id)
        ticket.related = related
        self._refer(ticket)

    def change(self, change_id: int, ticket: Ticket) -> Change | None:
        return next((change for change in ticket.changes if change.id == change_id), None)

    def _refer(self, ticket: Ticket) -> None:
        for other in ticket.related:
            self.referrers.setdefault(other, set()).add(ticket.id)

    def _forget_stamp(self, ticket: Ticket) -> None:
        del self.by_modified[bisect_left(self.by_modified, (ticket.modified, ticket.id))]
