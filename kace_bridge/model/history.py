"""One row of a ticket's history.  Source: contract section 4.6."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.model.ids import ChangeId, TicketId, UserId
from kace_bridge.model.people import Person, to_int
from kace_bridge.model.text import plain_text


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one save did: perhaps a comment, perhaps field changes, by one person.

    ``description`` is a localised sentence for people: never decide anything on its words. It is
    empty where the save changed no field.
    """

    id: ChangeId
    ticket_id: TicketId
    at: datetime
    user_id: UserId | None
    author: Person | None
    comment: str
    owners_only: bool
    description: str
    via_email: bool = False

    @staticmethod
    def from_api(record: Mapping[str, object], zone: tzinfo) -> "HistoryEntry":
        """Read an API row (user and attachments only where shaped).

        Raises ValueError where it has no id or no time.
        """
        fields = record
        if not all(map(str.islower, record)):
            fields = {str(key).lower(): value for key, value in record.items()}
        number = to_int(fields.get("id"))
        at = parse_stamp(fields.get("timestamp"), zone)
        if not number or at is None:
            raise ValueError("a history row without an id or a timestamp")
        user = fields.get("user")
        user_id = to_int(fields.get("user_id"))
        return HistoryEntry(
            id=ChangeId(number),
            ticket_id=TicketId(to_int(fields.get("hd_ticket_id")) or 0),
            at=at,
            user_id=UserId(user_id) if user_id else None,
            author=Person.from_api(user) if isinstance(user, Mapping) else None,
            comment=plain_text(str(fields.get("comment") or "")),
            owners_only=bool(to_int(fields.get("owners_only"))),
            description=str(fields.get("description") or ""),
            via_email=bool(to_int(fields.get("via_email"))),
        )
