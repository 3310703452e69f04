"""How often people did what a rule on trial (``mode: shadow``) would have done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.planned import values_of

Same = Callable[[str, str, str | None], bool]
"""Asked ``same(field, wanted, done)``: whether what a person did is what the rule wanted."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rule on trial wanted for one ticket."""

    rule: str
    ticket: TicketId
    at: datetime
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Tally:
    """Cases people decided, and in how many of them they did as the rule would have."""

    agreed: int = 0
    total: int = 0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where nobody has decided a case yet."""
        return self.agreed / self.total if self.total else None

    def __str__(self) -> str:
        if self.share is None:
            return "nobody has decided a case yet"
        cases = "1 case" if self.total == 1 else f"{self.total} cases"
        return f"people agreed in {self.share:.0%} of {cases}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """All rules together, and each by its name; ``undecided`` cases count for neither."""

    agreed: int
    total: int
    by_rule: Mapping[str, Tally] = field(default_factory=dict)
    undecided: int = 0

    def __str__(self) -> str:
        return str(Tally(self.agreed, self.total))


def wishes_of(decisions: Iterable[Decision]) -> list[Wish]:
    """What the shadow *decisions* wanted; those that wanted no field changed say nothing."""
    return [
        Wish(each.rule, each.ticket, each.at, values_of(each))
        for each in decisions
        if each.mode == "shadow" and values_of(each)
    ]


def as_named(name: str, wanted: str, done: str | None) -> bool:
    """The same value, whatever the case."""
    del name
    return done is not None and done.casefold() == wanted.casefold()


def by_team(desk: Desk) -> Same:
    """As :func:`as_named`, and for an owner anybody of the same team: the route was right."""

    def same(name: str, wanted: str, done: str | None) -> bool:
        if name != "owner" or as_named(name, wanted, done):
            return as_named(name, wanted, done)
        team = desk.team_of(wanted)
        return team is not None and team.has_member(done)

    return same


def agreement(wishes: Sequence[Wish], events: Iterable[Event], same: Same = as_named) -> Agreement:
    """Compare *wishes* with what people then did.

    A wish lasts until the same rule decides about the ticket again. Within that time the first
    change by a person of each field it names counts; clearing a field is no choice of another
    value and is passed over, unless that was the wish. All fields people touched must agree. A
    wish nobody has touched is undecided. Events of the bridge itself say nothing.
    """
    theirs: dict[TicketId, list[Event]] = {}
    for event in sorted(events, key=lambda each: each.at):
        if event.kind is EventKind.CHANGED and not event.own:
            theirs.setdefault(event.ticket, []).append(event)
    ends = _ends(wishes)
    answers: dict[str, list[bool | None]] = {}
    for wish in wishes:
        happened = _between(theirs.get(wish.ticket, ()), wish.at, ends[id(wish)])
        answers.setdefault(wish.rule, []).append(_heeded(wish, happened, same))
    tallies = {
        rule: Tally(found.count(True), len(found) - found.count(None))
        for rule, found in sorted(answers.items())
    }
    total = sum(tally.total for tally in tallies.values())
    agreed = sum(tally.agreed for tally in tallies.values())
    return Agreement(agreed, total, tallies, len(wishes) - total)


def _between(events: Iterable[Event], start: datetime, end: datetime | None) -> list[Event]:
    return [each for each in events if start <= each.at and (end is None or each.at < end)]


def _heeded(wish: Wish, events: Sequence[Event], same: Same) -> bool | None:
    """Whether people did as *wish* wanted; None where they have decided nothing of it."""
    met = [_met(name, value, events, same) for name, value in wish.values.items()]
    told = [answer for answer in met if answer is not None]
    return all(told) if told else None


def _ends(wishes: Sequence[Wish]) -> dict[int, datetime | None]:
    """When the same rule decided about the same ticket again, by the wish's identity."""
    ends: dict[int, datetime | None] = {}
    latest: dict[tuple[str, TicketId], datetime] = {}
    for wish in sorted(wishes, key=lambda each: each.at, reverse=True):
        ends[id(wish)] = latest.get((wish.rule, wish.ticket))
        latest[(wish.rule, wish.ticket)] = wish.at
    return ends


def _met(name: str, wanted: str | None, events: Sequence[Event], same: Same) -> bool | None:
    """Whether the first person to change *name* chose *wanted*; None where nobody changed it."""
    for event in events:
        change = event.change_of(name)
        if change is None:
            continue
        if wanted is None:
            return change.after is None
        if change.after is not None:
            return same(name, wanted, change.after)
    return None
