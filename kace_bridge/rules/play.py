"""One ticket played through time: what happens to it and what falls due, each judged by ``decide``.

Rule tests, simulations and replays are all this. Events are made as the sync detects them on an
appliance: one history row per save; a comment, the changed fields, a closing or re-opening, in
that order. What the rules plan is on the ticket at once, as an own change, and the rules look at
it again as the next sync would.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.difference import diff
from kace_bridge.model.effect import AddComment, Decision, UpdateTicket
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import UserName
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.baseline import past_levels
from kace_bridge.rules.clocks import Due
from kace_bridge.rules.decide import Deliberation, Picture, decide
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_ticket import as_records

_MOST_ROUNDS = 8
"""How often rules may react to their own changes before the play is stopped."""
_MOST_STEPS = 5_000
BRIDGE = UserName("kace-bridge")


@dataclass(frozen=True, slots=True)
class Act:
    """One save by one person. ``cause`` names its history row; empty for a made-up one."""

    at: datetime
    author: str | None
    values: Mapping[str, str | None]
    comment: str = ""
    public: bool = True
    cause: str = ""
    staff: bool | None = None
    via_email: bool = False


class Play:
    """A ticket in the hands of the rules.

    ``told`` hears of every deliberation; ``absent`` says who is away when. ``problems`` are in
    words: rules that never come to rest. A ticket may be taken up in the middle of its life, with
    what has happened to it and what was decided.
    """

    def __init__(
        self,
        rules: RuleSet,
        ticket: Ticket,
        desk: Desk,
        states: Mapping[str, str],
        *,
        told: Callable[[datetime, Deliberation], object],
        absent: Callable[[datetime], frozenset[str]] = lambda _: frozenset(),
        timeline: Sequence[Event] = (),
        done: Collection[str] = (),
        episode: int = 0,
        first_row: int = 900,
    ) -> None:
        self.rules = rules
        self.ticket = ticket
        self.desk = desk
        self.states = states
        self.before: Ticket | None = None
        self.parent: Ticket | None = None
        self.timeline: list[Event] = list(timeline)
        self.due: Sequence[Due] = ()
        self.episode = episode
        self.now: datetime | None = None
        self.problems: list[str] = []
        self._told = told
        self._absent = absent
        self._done = set(done)
        self._row = first_row

    def next_at(self) -> datetime | None:
        """When the next level falls due, if nothing happens before."""
        return min(
            (due.at for due in self.due if self.now is None or due.at > self.now), default=None
        )

    def fall_due(self, at: datetime) -> None:
        """Nothing happens; what is due by *at* is judged."""
        self.before = self.ticket
        self.judge(at, ())

    def advance(self, until: datetime) -> None:
        """Let time pass: every level on the way is judged at the moment it falls due."""
        for _ in range(_MOST_STEPS):
            at = self.next_at()
            if at is None or at >= until:
                break
            self.fall_due(at)
        else:
            self.problems.append(f"more than {_MOST_STEPS} levels fell due before {until}")
        self.fall_due(until)

    def take_up(self, at: datetime) -> None:
        """Begin with a ticket that was there before: levels already past do not fire."""
        self.now = at
        found = past_levels(self.rules, self._picture(at, ()))
        self._done.update(decision.id for decision in found.decisions)
        self.due = found.due

    def judge(self, at: datetime, events: Sequence[Event]) -> None:
        """Ask the rules about *events*, and again about what they changed, until they rest."""
        self.now = at
        for _ in range(_MOST_ROUNDS):
            mine = [event for event in events if event.ticket == self.ticket.id]
            self.timeline.extend(event for event in mine if event not in self.timeline)
            found = decide(self.rules, self._picture(at, events))
            self.desk, self.due = found.desk, found.due
            self._done.update(decision.id for decision in found.decisions)
            self._told(at, found)
            events = self._apply(at, found.decisions)
            if not events:
                return
        self.problems.append(f"at {at:%Y-%m-%d %H:%M} the rules keep changing the ticket")

    def _picture(self, at: datetime, events: Sequence[Event]) -> Picture:
        return Picture(
            ticket=self.ticket, now=at, desk=replace(self.desk, absent=self._absent(at)),
            before=self.before, events=events, timeline=tuple(self.timeline),
            episode=self.episode, done=frozenset(self._done), states=self.states,
            parent=self.parent,
        )  # fmt: skip

    def _apply(self, at: datetime, decisions: Sequence[Decision]) -> list[Event]:
        """Write what was planned; the events that the next sync would detect."""
        values: dict[str, str | None] = {}
        comments: list[AddComment] = []
        for effect in enforced(decisions):
            if isinstance(effect, UpdateTicket):
                values.update(effect.values)
            elif isinstance(effect, AddComment):
                comments.append(effect)
        if not values and not comments:
            return []
        public = any(comment.public for comment in comments)
        text = "\n\n".join(comment.text for comment in comments if comment.public == public)
        act = Act(at, BRIDGE, values, text, public or not comments)
        return self.save(act, own=True)

    def save(self, act: Act, *, own: bool = False) -> list[Event]:
        """Write *act* on the ticket; the events a sync would detect, none where nothing changes."""
        states = dict(self.states)
        if act.values.get("state") and act.values.get("status"):
            states[str(act.values["status"])] = str(act.values["state"])
        wanted = {key: value for key, value in act.values.items() if key != "state"}
        before, stamp = self.ticket, format_stamp(act.at, self.ticket.zone)
        records = as_records(wanted, self.desk, states)
        after = before.with_values({**records, "modified": stamp})
        self.before, self.ticket = before, after
        changes = diff(before, after)
        if not changes and not act.comment:
            return []
        self._row += 1
        staff = self.is_staff(act.author) if act.staff is None else act.staff
        author = UserName(act.author) if act.author else None
        seed = Event(
            EventKind.CHANGED, after.id, act.at, act.cause or f"row:{self._row}", author, staff,
            own=own, via_email=act.via_email, comment=act.comment if act.public else "",
            changes=changes,
        )  # fmt: skip
        events = []
        if act.comment:
            events.append(replace(seed, kind=EventKind.COMMENTED, comment=act.comment,
                                  public=act.public, changes=()))  # fmt: skip
        if changes:
            events.append(seed)
        crossing = _crossing(changes)
        if crossing is not None:
            self.episode += crossing is EventKind.REOPENED
            events.append(replace(seed, kind=crossing))
        return events

    def is_staff(self, author: str | None) -> bool:
        """Whether *author* counts as staff on this ticket: not on one of their own."""
        if author is None or author == self.ticket.value("submitter"):
            return False
        return self.desk.is_staff(author) or author == self.ticket.value("owner")


def enforced(decisions: Sequence[Decision]) -> list[object]:
    """The effects of the *decisions* that are carried out, in order."""
    return [
        effect
        for decision in decisions
        if decision.mode == "enforce"
        for effect in decision.effects
    ]


def _crossing(changes: Sequence[FieldChange]) -> EventKind | None:
    for change in changes:
        if change.field == "state" and change.after == "closed":
            return EventKind.CLOSED
        if change.field == "state" and change.before == "closed":
            return EventKind.REOPENED
    return None
