"""One rule test: played through time, its expectations' evidence gathered and its story told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kace_bridge.model.effect import AddComment, Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Conflict, Deliberation
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.parent import as_news
from kace_bridge.rules.play import Act, Play, enforced
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_case import OWNER, SUBMITTER, Case, Save, unknown_status


@dataclass(slots=True)
class Seen:
    """What has happened since the last expectation."""

    fired: list[tuple[str, int | None]] = field(default_factory=list)
    messages: list[SendMessage] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


class Walk:
    """A test being played; lives for one test."""

    def __init__(self, rules: RuleSet, case: Case) -> None:
        self.case = case
        self.seen = Seen()
        self.fired: set[tuple[str, int | None]] = set()
        self.problems: list[str] = []
        self.story: list[str] = []
        self._conflicts: set[Conflict] = set()
        self._play = Play(
            rules, case.ticket, case.desk, case.states, told=self._note, absent=self._absent
        )
        self._play.problems = self.problems
        self._play.parent = case.parent
        self._parent = (
            Play(rules, case.parent, case.desk, case.states, told=lambda *_: None)
            if case.parent is not None
            else None
        )

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is now."""
        return self._play.ticket

    @property
    def desk(self) -> Desk:
        """The desk as it is now: loads and turns moved on."""
        return self._play.desk

    @property
    def timeline(self) -> Sequence[Event]:
        """Everything that has happened, oldest first."""
        return tuple(self._play.timeline)

    def create(self) -> None:
        """The ticket comes in."""
        ticket, author = self.ticket, self.case.author
        at = ticket.created
        assert at is not None
        event = Event(
            EventKind.CREATED, ticket.id, at, "created", UserName(author) if author else None,
            self._play.is_staff(author), via_email=self.case.via == "email",
        )  # fmt: skip
        events = [event]
        if ticket.state == "closed":
            changes = (FieldChange("state", None, "closed"),)
            events.append(replace(event, kind=EventKind.CLOSED, cause="row:900", changes=changes))
        self._tell(at, f"created by {author or 'somebody'}, by {self.case.via}")
        self._play.judge(at, events)

    def advance(self, until: datetime) -> None:
        """Let time pass: every level on the way is judged at the moment it falls due."""
        self._play.advance(until)

    def save(self, at: datetime, save: Save) -> None:
        """Somebody saves the ticket."""
        author = (
            self.ticket.value(save.author) if save.author in (SUBMITTER, OWNER) else save.author
        )
        if author is None:
            self.problems.append(f"at {at:%Y-%m-%d %H:%M} nobody owns the ticket: write 'by'.")
            return
        events = self._play.save(Act(at, author, save.values, save.comment, save.public))
        self._tell(at, f"{author}: {'; '.join(_words(event) for event in events) or 'no change'}")
        self._play.judge(at, events)

    def hear(self, at: datetime, save: Save) -> None:
        """Somebody saves the parent; its own rules are no part of the test."""
        if self._parent is None:
            cure = "write fixtures: {parent: {status: Opened}}."
            self.problems.append(f"at {at:%Y-%m-%d %H:%M} there is no parent: {cure}")
            return
        above = self._parent.ticket
        author = above.value(save.author) if save.author in (SUBMITTER, OWNER) else save.author
        act = Act(at, author, save.values, save.comment, save.public)
        news = as_news(self._parent.save(act))
        self._play.parent = self._parent.ticket
        self._tell(at, f"parent: {'; '.join(_words(event) for event in news) or 'no news'}")
        self._play.judge(at, news)

    def _absent(self, at: datetime) -> frozenset[str]:
        return frozenset(
            user
            for user, span in self.case.absences.items()
            if span is None or span[0] <= at < span[1]
        )

    def _note(self, at: datetime, found: Deliberation) -> None:
        for conflict in found.conflicts:
            if conflict not in self._conflicts:
                self._conflicts.add(conflict)
                self.problems.append(f"at {at:%Y-%m-%d %H:%M} {conflict}")
        for decision in found.decisions:
            if _acted(decision):
                self.seen.fired.append((decision.rule, decision.level))
                self.fired.add((decision.rule, decision.level))
            self._tell(at, f"  {_title(decision)}: {_outcome(decision)}")
        for effect in enforced(found.decisions):
            if isinstance(effect, SendMessage):
                self.seen.messages.append(effect)
            elif isinstance(effect, AddComment):
                self.seen.comments.append(effect.text)
            elif isinstance(effect, UpdateTicket):
                self._check_status(effect)

    def _check_status(self, effect: UpdateTicket) -> None:
        status = effect.values.get("status")
        if status is not None and status not in self.case.states:
            self.problems.append(unknown_status(status, self.case.states))

    def _tell(self, at: datetime, words: str) -> None:
        self.story.append(f"{at.astimezone(self.ticket.zone):%a %Y-%m-%d %H:%M}  {words}")


def _acted(decision: Decision) -> bool:
    """Whether the rule fired: not where it was refused, nor a level that was only marked done.

    An action that finds nothing to do says so in a note.
    """
    return bool(decision.effects) or "notes" in decision.trace


def _title(decision: Decision) -> str:
    level = f" level {decision.level}" if decision.level is not None else ""
    shadow = f" ({decision.mode})" if decision.mode != "enforce" else ""
    return f"{decision.rule}{level}{shadow}"


def _outcome(decision: Decision) -> str:
    if "refused" in decision.trace:
        return f"refused ({decision.trace['refused']})"
    parts = []
    for effect in decision.effects:
        if isinstance(effect, UpdateTicket):
            parts += [f"{key} = {value or 'nothing'}" for key, value in effect.values.items()]
        elif isinstance(effect, AddComment):
            parts.append("a comment")
        else:
            parts.append(f"{effect.template} to {effect.to} ({effect.role})")
    return ", ".join(parts) or ("nothing to do" if _acted(decision) else "only marked done")


def _words(event: Event) -> str:
    if event.kind is EventKind.COMMENTED:
        return "comments" if event.public else "comments for colleagues"
    if event.kind is EventKind.CHANGED:
        return ", ".join(
            f"{change.field}: {change.before or 'nothing'} -> {change.after or 'nothing'}"
            for change in event.changes
            if change.field != "state"
        )
    return str(event.kind)
