"""A ticket: the typed reading of one API record.

The record is kept whole, so unknown fields survive, and every property is read on demand:
a sync looks at thousands of tickets and at few fields of most of them.
Source of every key: contract section 4.13; of the quirks handled: section 8, Q1-Q5, Q7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Literal, Self, cast

from kace_bridge.model.appliance_time import parse_stamp
from kace_bridge.model.ids import QueueId, TicketId
from kace_bridge.model.people import Person, to_int
from kace_bridge.model.text import clean_text, html_to_text

State = Literal["opened", "closed", "stalled"]
Record = Mapping[str, object]
_NOTHING: Record = MappingProxyType({})
_PEOPLE = frozenset({"owner", "submitter", "approver"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A named thing a ticket points to (category, impact, machine ...); ids are per queue."""

    name: str
    id: int | None = None
    ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class Status(Reference):
    """A status; only ``state`` is stable, names are the site's own (contract section 6)."""

    state: State | None = None


class Ticket:
    """One ticket. Absent, null and zero references are None; dates are aware.

    ``record`` is the API object with lower-case keys; treat it as read-only.
    """

    __slots__ = ("record", "zone")

    def __init__(self, record: Record, zone: tzinfo) -> None:
        self.record = record
        self.zone = zone

    @classmethod
    def from_api(cls, record: Record, zone: tzinfo) -> Self:
        """Read an API *record*; keys in other casings are accepted.

        Raises ValueError where it has no positive id: that is no ticket.
        """
        number = record.get("id")
        if not isinstance(number, int) or number <= 0:
            record = {key.lower(): value for key, value in record.items()}
            number = to_int(record.get("id"))
            if not number or number < 0:
                raise ValueError("a ticket record without an id")
            record = {**record, "id": number}
        return cls(record, zone)

    @property
    def id(self) -> TicketId:
        return cast("TicketId", self.record["id"])

    @property
    def queue_id(self) -> QueueId:
        return QueueId(to_int(self.record.get("hd_queue_id")) or 0)

    @property
    def title(self) -> str:
        return self.text("title")

    @property
    def summary(self) -> str:
        """The first description, as plain text; the raw markup is ``record["summary"]``."""
        return html_to_text(clean_text(self.text("summary")))

    @property
    def resolution(self) -> str:
        plain = self.text("resolution_plaintext")
        return clean_text(plain) if plain else html_to_text(clean_text(self.text("resolution")))

    @property
    def created(self) -> datetime | None:
        return self.stamp("created")

    @property
    def modified(self) -> datetime | None:
        return self.stamp("modified")

    @property
    def due_date(self) -> datetime | None:
        return self.stamp("due_date")

    @property
    def status(self) -> Status | None:
        found = self.part("status")
        name = found.get("name")
        if not isinstance(name, str) or not name:
            return None
        state = found.get("state")
        known: State | None = state if state in ("opened", "closed", "stalled") else None
        return Status(name, to_int(found.get("id")), to_int(found.get("ordinal")), known)

    @property
    def state(self) -> State | None:
        found = self.part("status")
        name, state = found.get("name"), found.get("state")
        if not isinstance(name, str) or not name:
            return None
        return state if state in ("opened", "closed", "stalled") else None

    @property
    def owner(self) -> Person | None:
        return Person.from_api(self.part("owner"))

    @property
    def submitter(self) -> Person | None:
        return Person.from_api(self.part("submitter"))

    def reference(self, field: str) -> Reference | None:
        """What the *field* (priority, category, impact, machine, asset, queue) points to."""
        found = self.part(field)
        name = found.get("name")
        if not isinstance(name, str) or not name:
            return None
        return Reference(name, to_int(found.get("id")), to_int(found.get("ordinal")))

    def text(self, field: str) -> str:
        """A text field; empty where absent."""
        value = self.record.get(field)
        return value if isinstance(value, str) else "" if value is None else str(value)

    def stamp(self, field: str) -> datetime | None:
        """A date field as an aware instant."""
        return parse_stamp(self.record.get(field), self.zone)

    def part(self, field: str) -> Record:
        """A sub-entity's record; empty where absent."""
        value = self.record.get(field)
        # Told at once by its class: asking whether it is a Mapping takes as long as the rest.
        kind = type(value)
        if kind is dict:
            return value  # type: ignore[return-value]
        if kind is str or value is None or not isinstance(value, Mapping):
            return _NOTHING
        return value

    def value(self, field: str) -> str | None:
        """The plain value a person would name: a status, category or owner by name.

        Owners and submitters are their login names; everything else is text.
        None where the ticket has none.
        """
        if field == "state":
            return self.state
        if field in _PEOPLE:
            name = self.part(field).get("user_name")
            if isinstance(name, str) and (plain := name.strip()):
                return plain  # asked for everywhere, so without making a Person of it
            person = Person.from_api(self.part(field))
            return person.user_name if person else None
        found = self.part(field)
        if found is _NOTHING:
            return self.text(field) or None
        named = found.get("name")
        return named if isinstance(named, str) and named else None

    def with_values(self, values: Mapping[str, object]) -> "Ticket":
        """This ticket as it would read after *values* (by name) were set."""
        record = dict(self.record)
        for field, value in values.items():
            if isinstance(value, Mapping) or value is None:
                record[field] = value
            elif field in _PEOPLE:
                record[field] = {"user_name": value}
            elif field in REFERENCES:
                record[field] = {"name": value}
            else:
                record[field] = value
        if "resolution" in values:
            record.pop("resolution_plaintext", None)  # it was made from the old one
        return Ticket(record, self.zone)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ticket) and self.record == other.record

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Ticket({self.id}, {self.title[:40]!r})"


REFERENCES = frozenset({"status", "priority", "category", "impact", "machine", "asset", "queue"})
"""Fields that hold a named thing; written by id, read and compared by name."""
