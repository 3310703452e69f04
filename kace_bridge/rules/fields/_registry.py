"""How fields register themselves, and how a name in a condition finds its field."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from typing import Final

from kace_bridge.discover import import_all
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Reference, Ticket
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.issue import Known, Unfit, suggest


class Missing(Enum):
    """The appliance did not say: not the same as a field that is empty, which reads None or ''."""

    MISSING = "not known"


MISSING: Final = Missing.MISSING

Value = str | int | float | datetime | timedelta | Reference | Person | Missing | None
Reader = Callable[[Facts], Value]
Brief = Callable[[Ticket], str | int | Missing | None]


class Kind(StrEnum):
    """What a field holds, in the words of messages to admins."""

    TEXT = "text"
    NAME = "a name"
    PERSON = "a person"
    NUMBER = "a number"
    DATE = "a date"
    DURATION = "a duration"
    CUSTOM = "a custom field"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``read`` gives its value; MISSING where the appliance has not told it.

    ``brief``, for fields that take few values, gives the same value as operators compare it (a
    person's login name, a named thing's name), read from the ticket alone and at little cost;
    from the earlier ticket where ``earlier`` is set. ``raw``, for long texts, gives the text as the
    appliance sent it, blanks around it taken away: the value, if there is nothing to be cleaned in
    it. None where ``read`` is to be asked.

    ``choices`` are all the values there are, where they are few. ``key`` is the name under which
    events report its change, empty for what is computed. ``ticket_only`` fields can be read from
    ``before`` too. ``label`` names a custom field whose key only the appliance knows.
    """

    name: str
    kind: Kind
    read: Reader
    doc: str = ""
    choices: tuple[str, ...] = ()
    key: str = ""
    ticket_only: bool = False
    label: str = ""
    brief: Brief | None = None
    earlier: bool = False
    raw: Callable[[Ticket], str | None] | None = None

    def key_in(self, facts: Facts) -> str:
        """The key under which events of this ticket report its change; empty where not known."""
        return facts.desk.labels.get(self.label.casefold(), "") if self.label else self.key

    @property
    def tracked(self) -> bool:
        """Whether events can tell that it changed."""
        return bool(self.key or self.label)


@dataclass(frozen=True, slots=True)
class Family:
    """Fields that share a beginning, such as ``clock.``; ``find`` is given what follows it."""

    shown: str
    find: Callable[[str, Known], Field]
    doc: str


FIELDS: dict[str, Field] = {}
FAMILIES: dict[str, Family] = {}
"""By the beginning of the name."""


_JOINS = {"or": "any", "and": "all", "none": "not", "any_of": "any", "all_of": "all"}
"""What other languages call the words that join conditions."""


def field(
    name: str,
    kind: Kind,
    *,
    choices: tuple[str, ...] = (),
    key: str = "",
    ticket_only: bool = False,
    brief: Brief | None = None,
    raw: Callable[[Ticket], str | None] | None = None,
) -> Callable[[Reader], Reader]:
    """Register the decorated function as the reader of the field *name*."""

    def register(read: Reader) -> Reader:
        doc = read.__doc__ or ""
        FIELDS[name] = Field(name, kind, read, doc, choices, key, ticket_only, brief=brief, raw=raw)
        return read

    return register


def family(
    prefix: str, shown: str
) -> Callable[[Callable[[str, Known], Field]], Callable[[str, Known], Field]]:
    """Register the decorated function as the finder of all fields that begin with *prefix*."""

    def register(find: Callable[[str, Known], Field]) -> Callable[[str, Known], Field]:
        FAMILIES[prefix] = Family(shown, find, find.__doc__ or "")
        return find

    return register


@cache
def load_fields() -> None:
    """Import every file of this folder, so that its fields are registered."""
    from kace_bridge.rules import fields

    import_all(fields)


def find_field(name: str, known: Known) -> Field:
    """The field *name* means: a registered one, one of a family, or a custom field's label.

    Raises Unfit where there is none.
    """
    load_fields()
    if found := FIELDS.get(name):
        return found
    for prefix, group in FAMILIES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return group.find(name[len(prefix) :], known)
    if known.labels is not None and name.casefold() in known.labels:
        return replace(FAMILIES["custom."].find(name, known), name=name)
    names = [*FIELDS, *(group.shown for group in FAMILIES.values())]
    meant = _JOINS.get(name.lower())
    nearest = f"Did you mean '{meant}'?" if meant else suggest(name, names)
    cure = nearest or "The fields are listed in docs/fields.md."
    if not re.fullmatch(r"[a-z_.]+", name):
        cure = f"A custom field is written custom_3, or 'custom.{name}' by its label."
    raise Unfit(f"unknown field '{name}'", cure)
