"""One rule test played through time: acts and due levels in turn, each judged by ``decide``.

Events are made as the sync detects them on an appliance: one history row per save; a comment, the
changed fields, a closing or re-opening, in that order. What the rules plan is on the ticket at
once, as an own change, and the rules look at it again as the next sync would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.difference import diff
from kace_bridge.model.effect import AddComment, Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.clocks import Due
from kace_bridge.rules.decide import Conflict, Picture, decide, messages_of
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_case import OWNER, SUBMITTER, Case, Save, unknown_status
from kace_bridge.rules.selftest_ticket import as_records

_MOST_ROUNDS = 8
"""How often rules may react to their own changes before the test is stopped."""
_MOST_STEPS = 5_000
BRIDGE = UserName("kace-bridge")


@dataclass(slots=True)
class Seen:
    """What has happened since the last expectation."""

    fired: list[tuple[str, int | None]] = field(default_factory=list)
    messages: list[SendMessage] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


class Walk:
    """A test being played; lives for one test."""

    def __init__(self, rules: RuleSet, case: Case) -> None:
        self.rules = rules
        self.case = case
        self.ticket: Ticket = case.ticket
        self.seen = Seen()
        self.fired: set[tuple[str, int | None]] = set()
        self.problems: list[str] = []
        self.story: list[str] = []
        self._before: Ticket | None = None
        self._timeline: list[Event] = []
        self._done: set[str] = set()
        self._due: Sequence[Due] = ()
        self._desk = case.desk
        self._episode = 0
        self._row = 900
        self._told: set[Conflict] = set()

    @property
    def desk(self) -> Desk:
        """The desk as it is now: loads and turns moved on."""
        return self._desk

    @property
    def timeline(self) -> Sequence[Event]:
        """Everything that has happened, oldest first."""
        return tuple(self._timeline)

    def create(self) -> None:
        """The ticket comes in."""
        ticket, author = self.ticket, self.case.author
        at = ticket.created
        assert at is not None
        event = Event(
            EventKind.CREATED, ticket.id, at, "created", UserName(author) if author else None,
            self._is_staff(author), via_email=self.case.via == "email",
        )  # fmt: skip
        events = [event]
        if ticket.state == "closed":
            changes = (FieldChange("state", None, "closed"),)
            events.append(replace(event, kind=EventKind.CLOSED, cause="row:900", changes=changes))
        self._tell(at, f"created by {author or 'somebody'}, by {self.case.via}")
        self._judge(at, events)

    def advance(self, until: datetime) -> None:
        """Let time pass: every level on the way is judged at the moment it falls due."""
        now = self._timeline[-1].at
        for _ in range(_MOST_STEPS):
            coming = [due.at for due in self._due if now < due.at < until]
            if not coming:
                break
            now = min(coming)
            self._before = self.ticket
            self._judge(now, ())
        else:
            self.problems.append(f"more than {_MOST_STEPS} levels fell due before {until}")
        self._before = self.ticket
        self._judge(until, ())

    def save(self, at: datetime, save: Save) -> None:
        """Somebody saves the ticket."""
        author = (
            self.ticket.value(save.author) if save.author in (SUBMITTER, OWNER) else save.author
        )
        if author is None:
            self.problems.append(f"at {at:%Y-%m-%d %H:%M} nobody owns the ticket: write 'by'.")
            return
        events = self._write(at, UserName(author), save.values, save.comment, save.public)
        self._tell(at, f"{author}: {'; '.join(_words(event) for event in events) or 'no change'}")
        self._judge(at, events)

    # -- judging ----------------------------------------------------------------------------

    def _judge(self, at: datetime, events: Sequence[Event]) -> None:
        for _ in range(_MOST_ROUNDS):
            self._timeline.extend(event for event in events if event not in self._timeline)
            found = decide(self.rules, self._picture(at, events))
            self._desk, self._due = found.desk, found.due
            self._note(at, found.decisions, found.conflicts)
            events = self._apply(at, found.decisions)
            if not events:
                return
        self.problems.append(f"at {at:%Y-%m-%d %H:%M} the rules keep changing the ticket")

    def _picture(self, at: datetime, events: Sequence[Event]) -> Picture:
        away = {
            user
            for user, span in self.case.absences.items()
            if span is None or span[0] <= at < span[1]
        }
        return Picture(
            ticket=self.ticket, now=at, desk=replace(self._desk, absent=frozenset(away)),
            before=self._before, events=events, timeline=tuple(self._timeline),
            episode=self._episode, done=frozenset(self._done), states=self.case.states,
        )  # fmt: skip

    def _note(
        self, at: datetime, decisions: Sequence[Decision], conflicts: Sequence[Conflict]
    ) -> None:
        for conflict in conflicts:
            if conflict not in self._told:
                self._told.add(conflict)
                self.problems.append(f"at {at:%Y-%m-%d %H:%M} {conflict}")
        for decision in decisions:
            self._done.add(decision.id)
            if _acted(decision):
                self.seen.fired.append((decision.rule, decision.level))
                self.fired.add((decision.rule, decision.level))
            self._tell(at, f"  {_title(decision)}: {_outcome(decision)}")
        self.seen.messages += messages_of([d for d in decisions if d.mode == "enforce"])

    def _apply(self, at: datetime, decisions: Sequence[Decision]) -> list[Event]:
        """Write what was planned; the events that the next sync would detect."""
        values: dict[str, str | None] = {}
        comments: list[AddComment] = []
        for decision in decisions:
            for effect in decision.effects if decision.mode == "enforce" else ():
                if isinstance(effect, UpdateTicket):
                    values.update(effect.values)
                elif isinstance(effect, AddComment):
                    comments.append(effect)
        status = values.get("status")
        if status is not None and status not in self.case.states:
            self.problems.append(unknown_status(status, self.case.states))
        if not values and not comments:
            return []
        public = any(comment.public for comment in comments)
        text = "\n\n".join(comment.text for comment in comments if comment.public == public)
        self.seen.comments += [comment.text for comment in comments]
        return self._write(at, BRIDGE, values, text, public or not comments, own=True)

    # -- what a save does to the ticket and its history -----------------------------------------

    def _write(
        self,
        at: datetime,
        author: UserName,
        values: Mapping[str, str | None],
        comment: str,
        public: bool,
        *,
        own: bool = False,
    ) -> list[Event]:
        states = dict(self.case.states)
        if values.get("state") and values.get("status"):
            states[str(values["status"])] = str(values["state"])
        wanted = {key: value for key, value in values.items() if key != "state"}
        before, stamp = self.ticket, format_stamp(at, self.ticket.zone)
        after = before.with_values({**as_records(wanted, self._desk, states), "modified": stamp})
        self._before, self.ticket = before, after
        changes = diff(before, after)
        if not changes and not comment:
            return []
        self._row += 1
        seed = Event(
            EventKind.CHANGED, after.id, at, f"row:{self._row}", author, self._is_staff(author),
            own=own, comment=comment if public else "", changes=changes,
        )  # fmt: skip
        events = []
        if comment:
            events.append(
                replace(seed, kind=EventKind.COMMENTED, comment=comment, public=public, changes=())
            )
        if changes:
            events.append(seed)
        crossing = _crossing(changes)
        if crossing is not None:
            self._episode += crossing is EventKind.REOPENED
            events.append(replace(seed, kind=crossing))
        return events

    def _is_staff(self, author: str | None) -> bool:
        if author is None or author == self.ticket.value("submitter"):
            return False
        return self._desk.is_staff(author) or author == self.ticket.value("owner")

    def _tell(self, at: datetime, words: str) -> None:
        self.story.append(f"{at.astimezone(self.ticket.zone):%a %Y-%m-%d %H:%M}  {words}")


def _crossing(changes: Sequence[FieldChange]) -> EventKind | None:
    for change in changes:
        if change.field == "state" and change.after == "closed":
            return EventKind.CLOSED
        if change.field == "state" and change.before == "closed":
            return EventKind.REOPENED
    return None


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
