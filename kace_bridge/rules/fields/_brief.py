"""Values as operators compare them, read straight off the record: what tables of rules ask for.

Each reader gives exactly what the field's own ``read`` gives, a person by login name and a named
thing by name; tests hold them against each other. The usual record is answered by one or two
look-ups, every other by the model's own tolerant reading.
"""

from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.fields._registry import MISSING, Brief, Missing

_STATES = frozenset({"opened", "closed", "stalled"})


def name_of(key: str) -> Brief:
    """The name of what the sub-entity *key* points to."""

    def read(ticket: Ticket) -> str | Missing | None:
        part = ticket.record.get(key)
        if type(part) is dict:
            name = part.get("name")
            if type(name) is str and name:
                return name
        elif part is None:
            return None
        found = ticket.reference(key)
        if found is None:
            return MISSING if ticket.part(key) else None
        return found.name

    return read


def login_of(key: str) -> Brief:
    """The login name of the person *key* names."""

    def read(ticket: Ticket) -> str | None:
        part = ticket.record.get(key)
        if type(part) is dict:
            login = part.get("user_name")
            if type(login) is str and (name := login.strip()):
                return name
        elif part is None:
            return None
        person = Person.from_api(ticket.part(key))
        return person.user_name if person else None

    return read


def text_of(key: str) -> Brief:
    """The text field *key*; MISSING where the appliance did not send it."""

    def read(ticket: Ticket) -> str | Missing:
        value = ticket.record.get(key)
        if type(value) is str:
            return value
        return ticket.text(key) if key in ticket.record else MISSING

    return read


def raw_text(ticket: Ticket) -> str | None:
    """Title and first description as the appliance sent them, one below the other."""
    title, summary = ticket.record.get("title"), ticket.record.get("summary")
    if type(title) is not str or type(summary) is not str:
        return None
    return f"{title}\n{summary}".strip()


def state_of(ticket: Ticket) -> str | Missing | None:
    """What the status means."""
    part = ticket.record.get("status")
    if type(part) is dict:
        name, state = part.get("name"), part.get("state")
        if type(name) is str and name and type(state) is str and state in _STATES:
            return state
    status = ticket.status
    if status is None:
        return MISSING if ticket.part("status") else None
    return status.state or MISSING


def queue_name(ticket: Ticket) -> str | Missing:
    """The queue by name."""
    found = ticket.reference("queue")
    return found.name if found else MISSING


def queue_number(ticket: Ticket) -> int | Missing:
    """The queue by number."""
    value = ticket.record.get("hd_queue_id")
    if type(value) is int and value:
        return value
    return ticket.queue_id or MISSING
