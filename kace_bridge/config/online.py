"""Names in the configuration held against the appliance: ``rules check --online``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Protocol

from kace_bridge.config.load import Site
from kace_bridge.config.mentions import Mention, mentions
from kace_bridge.config.problems import Problem, did_you_mean, nearest
from kace_bridge.errors import KaceBridgeError, NotFound, Refused
from kace_bridge.model.people import Person
from kace_bridge.model.queue import Queue

_SLIP = 0.8
"""How much alike two names are, one of which is the other mistyped."""
_MOST_SHOWN = 12


class NamesRoute(Protocol):
    """The part of ``sma.names`` that is used."""

    def resolve(self, queue_id: int, field: str, name: str) -> int: ...
    def known(self, queue_id: int, field: str) -> Mapping[str, int]: ...


class QueuesRoute(Protocol):
    """The part of ``sma.queues`` that is used."""

    def list(self, with_fields: bool = False) -> tuple[Queue, ...]: ...


class UsersRoute(Protocol):
    """The part of ``sma.users`` that is used."""

    def find(self, user_name: str) -> Person: ...
    def list(self) -> Iterator[Person]: ...


class Appliance(Protocol):
    """A client of the appliance, such as ``kace_bridge.sma.Sma``."""

    @property
    def names(self) -> NamesRoute: ...
    @property
    def queues(self) -> QueuesRoute: ...
    @property
    def users(self) -> UsersRoute: ...


def check_online(site: Site, sma: Appliance) -> list[Problem]:
    """Every queue, status, priority, category, impact, user and custom field the files name.

    What is surely not there is an error. No route lists the legal values of a status, priority,
    category or impact (contract section 4.11), so one that no ticket uses is a warning, unless
    it looks like a known one mistyped. Reads only. Raises what the client raises where the
    appliance cannot be asked at all.
    """
    return sorted(set(_Check(site, sma).problems()))


class _Check:
    """One check; remembers what was asked, so that each name costs one question."""

    def __init__(self, site: Site, sma: Appliance) -> None:
        self.site = site
        self.sma = sma
        self.queues = sma.queues.list(with_fields=True)
        self.watched = self._watched()
        self.people: dict[str, Person | None] = {}
        self.everybody: list[str] | None = None
        self.hidden = False

    def problems(self) -> Iterator[Problem]:
        for mention in mentions(self.site):
            match mention.kind:
                case "queue":
                    yield from self._queue(mention)
                case "user":
                    yield from self._user(mention)
                case "field" | "label":
                    yield from self._custom(mention)
                case "status" | "priority" | "category" | "impact" | "branch":
                    yield from self._value(mention)
        numbers = [each for each in self.site.settings.appliance.queues if isinstance(each, int)]
        for number in numbers:
            if number not in {queue.id for queue in self.queues}:
                known = ", ".join(f"{queue.id} ({queue.name})" for queue in self.queues)
                yield Problem(None, f"there is no queue number {number}", f"Known: {known}")
        if self.hidden:
            yield Problem(
                None, "the account may not read users, so people were not checked",
                "Give its role the right to read users", "warning",
            )  # fmt: skip

    def _watched(self) -> tuple[Queue, ...]:
        """The queues of the configuration; all of them where none is named (or none is there)."""
        wanted = {str(each).casefold() for each in self.site.settings.appliance.queues}
        found = [q for q in self.queues if str(q.id) in wanted or q.name.casefold() in wanted]
        return tuple(found) or self.queues

    def _queue(self, mention: Mention) -> Iterator[Problem]:
        names = [queue.name for queue in self.queues]
        if mention.name.casefold() not in {name.casefold() for name in names}:
            yield _unknown(mention, "queue", names)

    def _user(self, mention: Mention) -> Iterator[Problem]:
        key = mention.name.casefold()
        if self.hidden:
            return
        if key not in self.people:
            try:
                self.people[key] = self.sma.users.find(mention.name)
            except (NotFound, ValueError):
                self.people[key] = None
            except Refused:
                self.hidden = True
                return
        person = self.people[key]
        if person is None:
            if self.everybody is None:
                self.everybody = [each.user_name for each in self.sma.users.list()]
            yield _unknown(mention, "user", self.everybody)
        elif person.archived:
            yield Problem(
                mention.place, f"user '{mention.name}' is archived on the appliance",
                "Nothing is assigned to them; name somebody who works here", "warning",
            )  # fmt: skip

    def _custom(self, mention: Mention) -> Iterator[Problem]:
        """The appliance leaves hidden fields out (contract section 4.10), so a number that is not
        listed may still exist; a label cannot be found without being listed."""
        fields = [field for queue in self.watched for field in queue.fields]
        where = _in(self.watched)
        if mention.kind == "label":
            labels = {field.label: field.label.casefold() for field in fields}
            if mention.name.casefold() not in labels.values():
                custom = [each.label for each in fields if each.key.startswith("custom_")]
                yield _unknown(mention, "custom field", dict.fromkeys(custom), where)
        elif mention.name not in {field.key for field in fields}:
            yield Problem(
                mention.place, f"'{mention.name}' is not shown{where}, so it stays empty",
                "Show it in the queue's settings, or correct the number", "warning",
            )  # fmt: skip

    def _value(self, mention: Mention) -> Iterator[Problem]:
        field = "category" if mention.kind == "branch" else mention.kind
        seen = {name for queue in self.watched for name in self.sma.names.known(queue.id, field)}
        if mention.kind == "branch" and any(_lies_under(name, mention.name) for name in seen):
            return
        for queue in self.watched:
            try:
                self.sma.names.resolve(queue.id, field, mention.name)
            except KaceBridgeError as refused:
                near = getattr(refused, "nearest", None)
                if near is None:
                    raise  # the appliance could not be asked; only an unknown name has near ones
                if near == (mention.name,):
                    yield Problem(mention.place, str(refused))
                    return
            else:
                return
        yield _unproved(mention, field, sorted(seen), self.watched)


def _unknown(mention: Mention, what: str, known: Iterable[str], where: str = "") -> Problem:
    message = f"unknown {what} '{mention.name}'{where}"
    return Problem(mention.place, message, did_you_mean(mention.name, known))


def _unproved(
    mention: Mention, field: str, seen: Sequence[str], queues: Sequence[Queue]
) -> Problem:
    where = _in(queues)
    near = nearest(mention.name, seen)
    if near and _is_slip(mention.name, near[0]):
        message = f"unknown {field} '{mention.name}'{where}"
        return Problem(mention.place, message, f"Did you mean '{near[0]}'?")
    shown = ", ".join(seen[:_MOST_SHOWN]) + (" ..." if len(seen) > _MOST_SHOWN else "")
    return Problem(
        mention.place,
        f"no ticket{where} has the {field} '{mention.name}', so it cannot be proved to exist",
        f"Seen: {shown}" if seen else "", "warning",
    )  # fmt: skip


def _is_slip(name: str, known: str) -> bool:
    """Whether *name* is *known* mistyped. Names that differ in a number are meant to differ."""
    if [char for char in name if char.isdigit()] != [char for char in known if char.isdigit()]:
        return False
    return SequenceMatcher(None, name.casefold(), known.casefold()).ratio() >= _SLIP


def _lies_under(name: str, branch: str) -> bool:
    steps = [step.strip().casefold() for step in name.split("::")]
    wanted = [step.strip().casefold() for step in branch.split("::")]
    return steps[: len(wanted)] == wanted


def _in(queues: Sequence[Queue]) -> str:
    if len(queues) == 1:
        return f" in queue '{queues[0].name}'"
    return " in any queue"
