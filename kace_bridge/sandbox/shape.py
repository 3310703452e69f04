"""Rows as JSON shows them. Source: contract sections 3.4 and 4.13."""

from dataclasses import dataclass, field
from typing import Any

from kace_bridge.sandbox.columns import ALL, EXTENDED, LIMITED, NEVER, STANDARD, TIMES, Entity
from kace_bridge.sandbox.data import Change, Queue, Ticket, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.entities import base_entity
from kace_bridge.sandbox.roles import is_staff
from kace_bridge.sandbox.sla import sla_dates

Row = dict[str, Any]
LINKED = ("related_tickets", "referring_tickets")


@dataclass(slots=True)
class Shaper:
    """Builds the rows of one answer; small sub-rows are built once and shared."""

    desk: Desk
    viewer: User
    levels: dict[str, int]
    times_shown: bool = False
    hide_custom: bool = False
    staff: bool = False
    _built: dict[tuple[str, int, int], Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.staff = is_staff(self.desk, self.viewer)

    def level(self, name: str, default: int = NEVER) -> int:
        return self.levels.get(name, default)

    def ticket(self, ticket: Ticket) -> Row:
        level = self.level("hd_ticket", STANDARD)
        row = shape_row(base_entity("hd_ticket").entity, ticket, level)
        if level >= STANDARD:
            row["sla_dates"] = sla_dates(self.desk, ticket)
        if level >= EXTENDED and not self.hide_custom:
            for number, value in sorted(ticket.custom.items()):
                row[f"custom_{number}"] = value
        if level >= ALL:
            self._add_approval(ticket, row)
            if self.times_shown:
                row |= {name: value for name in TIMES if (value := getattr(ticket, name))}
        self._add_subs("hd_ticket", ticket, row)
        if "changes" in self.levels:
            row["changes"] = self.changes(ticket, self.levels["changes"])
        return row

    def _add_approval(self, ticket: Ticket, row: Row) -> None:
        if ticket.approver_id:
            row["approval_info"] = {
                "approver": {"id": ticket.approver_id},
                "approve_state": ticket.approve_state,
            }
            if ticket.approval_note:
                row["approval_info"]["approval_note"] = ticket.approval_note

    def _add_subs(self, base: str, thing: object, row: Row) -> None:
        """Sub-entities named in shaping; one that is not there leaves no key behind."""
        for name, sub in base_entity(base).subs.items():
            level = self.level(name)
            if level == NEVER or name == "changes":
                continue
            found = sub.read(self.desk, thing)
            if sub.many:
                row[name] = [shape_row(sub.entity, one, min(level, STANDARD)) for one in found]
            elif found is not None:
                row[name] = self._sub_row(sub.entity, found, level)

    def _sub_row(self, entity: Entity, thing: Any, level: int) -> Row:
        key = (entity.base, thing.id, level)
        row = self._built.get(key)
        if row is None:
            row = self._built[key] = shape_row(entity, thing, level)
            if isinstance(thing, User) and level >= ALL:
                self._add_location(thing, row)
        return row

    def _add_location(self, user: User, row: Row) -> None:
        location = self.desk.locations.get(user.location_id)
        if location:
            row["location"] = {"id": location.id, "name": location.name}

    def changes(self, ticket: Ticket, level: int) -> list[Row]:
        """History, oldest first, without what the viewer may not read."""
        rows = [c for c in ticket.changes if self.staff or not c.owners_only]
        return [self.change(change, level) for change in rows]

    def change(self, change: Change, level: int) -> Row:
        row = shape_row(base_entity("hd_ticket_change").entity, change, level)
        if not self.staff:
            row.pop("owners_only_description", None)
        user = self.desk.users.get(change.user_id)
        if "user" in self.levels and user is not None:
            row["user"] = self._sub_row(base_entity("user").entity, user, self.levels["user"])
        if "attachments" in self.levels:
            row["attachments"] = [
                {"id": a.id, "file_name": a.file_name, "file_size": len(a.content)}
                for a in change.attachments
            ]
        return row

    def user(self, user: User) -> Row:
        level = self.level("user", STANDARD)
        row = shape_row(base_entity("user").entity, user, level)
        if level >= ALL or "location" in self.levels:
            self._add_location(user, row)
        return row

    def queue(self, queue: Queue) -> Row:
        row = shape_row(base_entity("hd_queue").entity, queue, self.level("hd_queue", STANDARD))
        if "fields" in self.levels:
            sub = base_entity("hd_queue").subs["fields"]
            row["fields"] = [
                shape_row(sub.entity, one, LIMITED) for one in sub.read(self.desk, queue)
            ]
        return row


def shape_row(entity: Entity, thing: object, level: int) -> Row:
    """The columns of that level; unset dates and references are left out, not null."""
    row: Row = {}
    for column in entity.shown[level]:
        value = column.read(thing)
        if value or column.blank:
            row[column.key] = column.show(value) if column.show else value
    return row
