"""Two rule sets over the same tickets: whose outcome differs, and how."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from kace_bridge.errors import UsageError
from kace_bridge.model.effect import AddComment, Decision, SendMessage, UpdateTicket
from kace_bridge.model.event import Event, EventKind
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.rules.decide import Deliberation
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.play import Play
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.selftest_ticket import read_ticket
from kace_bridge.sync.recorded import Past, on_desk

_INTAKE = frozenset({"id", "title", "summary", "category", "priority", "impact", "submitter",
                     "queue", "machine", "asset", "due_date", "cc_list"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Did:
    """One decision as far as it matters: rule, level, what it set, whom it told what."""

    rule: str
    level: int | None
    values: tuple[tuple[str, str | None], ...] = ()
    messages: tuple[tuple[str, str, str], ...] = ()
    comments: tuple[str, ...] = ()
    mode: str = "enforce"

    @property
    def effect(self) -> tuple[object, ...]:
        """All but the names: a rule that was only renamed changes nothing."""
        return self.values, self.messages, self.comments, self.mode, self.level


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule set makes of one ticket; ``texts`` are the words of its messages."""

    did: tuple[Did, ...]
    owner: str | None
    team: str | None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """A ticket whose outcome differs."""

    ticket: TicketId
    title: str
    old: Outcome
    new: Outcome

    @property
    def only_words(self) -> bool:
        """Whether nothing differs but the wording of messages."""
        return [did.effect for did in self.old.did] == [did.effect for did in self.new.did]


@dataclass(slots=True)
class Comparison:
    """All tickets compared, and those that differ; ``moves`` counts rule to rule."""

    tickets: int = 0
    changed: list[Changed] = field(default_factory=list)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def compare(
    old: RuleSet,
    new: RuleSet,
    pasts: Sequence[Past],
    desk: Desk,
    states: Mapping[str, str],
    until: datetime | None,
) -> Comparison:
    """Play each of *pasts* by itself under both rule sets, as if it came in new.

    Up to *until*, with what people did; with None only the moment it came in. Every ticket meets
    the same desk, so that a difference is the rules' and not a knock-on of another ticket.
    """
    found = Comparison()
    for past in pasts:
        found.tickets += 1
        before = _outcome(old, past, desk, states, until, found.problems)
        after = _outcome(new, past, desk, states, until, found.problems)
        same = [d.effect for d in before.did] == [d.effect for d in after.did]
        if same and before.texts == after.texts:
            continue
        changed = Changed(past.first.id, past.first.title, before, after)
        found.changed.append(changed)
        found.moves.update(rule_moves(changed))
    found.problems = list(dict.fromkeys(found.problems))
    return found


def rule_moves(changed: Changed) -> list[tuple[str, str]]:
    """Rule to rule: what no longer acts, paired in order with what acts instead."""
    old, new = list(changed.old.did), list(changed.new.did)
    for did in list(old):
        twin = next((each for each in new if each.effect == did.effect), None)
        if twin is not None:
            old.remove(did)
            new.remove(twin)
    gone, come = ([shown_rule(did) for did in some] for some in (old, new))
    pairs = [(name, name) for name in gone if name in come]
    for name, _ in pairs:
        gone.remove(name)
        come.remove(name)
    longest = max(len(gone), len(come))
    return pairs + [
        (gone[place] if place < len(gone) else "", come[place] if place < len(come) else "")
        for place in range(longest)
    ]


def shown_rule(did: Did) -> str:
    """``rule``, or ``rule level 2``."""
    return did.rule if did.level is None else f"{did.rule} level {did.level}"


def _outcome(
    rules: RuleSet,
    past: Past,
    desk: Desk,
    states: Mapping[str, str],
    until: datetime | None,
    problems: list[str],
) -> Outcome:
    heard: list[Decision] = []

    def hear(at: datetime, found: Deliberation) -> None:
        del at
        heard.extend(decision for decision in found.decisions if decision.effects)
        problems.extend(str(conflict) for conflict in found.conflicts)

    known = Desk(rules.teams, rules.groups, desk.people, orders=desk.orders, labels=desk.labels)
    play = Play(rules, past.first, on_desk(past, known), states, told=hear, first_row=10**12)
    play.judge(past.created.at, [past.created])
    if until is not None:
        for act in past.acts:
            if act.at < until:
                at = max(act.at, past.created.at)
                play.advance(at)
                play.judge(at, play.save(act))
        play.advance(max(until, past.created.at))
    problems.extend(f"ticket {past.first.id}: {said}" for said in play.problems)
    owner = play.ticket.value("owner")
    team = play.desk.team_of(owner)
    return Outcome(
        tuple(_did(decision) for decision in heard), owner, team.shown if team else None,
        tuple(text for decision in heard for text in _texts(decision)),
    )  # fmt: skip


def _did(decision: Decision) -> Did:
    values: list[tuple[str, str | None]] = []
    messages: list[tuple[str, str, str]] = []
    comments: list[str] = []
    for effect in decision.effects:
        match effect:
            case UpdateTicket():
                values += sorted(effect.values.items(), key=lambda item: item[0])
            case SendMessage():
                messages.append((effect.template, effect.to, effect.channel))
            case AddComment():
                comments.append(effect.text)
    return Did(decision.rule, decision.level, tuple(values), tuple(messages), tuple(comments),
               decision.mode)  # fmt: skip


def _texts(decision: Decision) -> list[str]:
    return [f"{effect.subject}\n{effect.text}\n{effect.html}" for effect in decision.effects
            if isinstance(effect, SendMessage)]  # fmt: skip


def pasts_in(data: Any, zone: tzinfo, desk: Desk, states: Mapping[str, str]) -> list[Past]:
    """Tickets from a JSON dump (``sandbox/dump``, ``{"tickets": [...]}`` or a list) as new ones.

    Names stand for references; owner and status are those of a ticket that has just come in.
    Raises UsageError naming the first entry that is no ticket.
    """
    rows = data.get("tickets") if isinstance(data, Mapping) else data
    if not isinstance(rows, list):
        raise UsageError('the dump holds no list of tickets; write {"tickets": [...]}')
    return [_new_past(raw, number, zone, desk, states) for number, raw in enumerate(rows, start=1)]


def _is_intake(key: str) -> bool:
    """Whether a ticket that comes in can have this key."""
    return key in _INTAKE or key.startswith("custom_")


def _new_past(raw: Any, number: int, zone: tzinfo, desk: Desk, states: Mapping[str, str]) -> Past:
    if not isinstance(raw, Mapping):
        raise UsageError(f"entry {number} of the dump is no ticket")
    given = {key: value for key, value in raw.items() if value and _is_intake(key)}
    try:
        stamp = datetime.fromisoformat(str(raw.get("created") or "2026-03-02T09:00"))
    except ValueError as error:
        raise UsageError(f"entry {number} of the dump: created is no time") from error
    created = stamp if stamp.tzinfo else stamp.replace(tzinfo=zone)
    problems: list[str] = []
    ticket = read_ticket({"id": number, **given}, created, zone, states, desk, problems)
    if ticket is None:
        raise UsageError(f"entry {number} of the dump: {problems[0]}")
    author = ticket.value("submitter")
    event = Event(
        EventKind.CREATED, ticket.id, created, "created", UserName(author) if author else None
    )
    return Past(ticket, event, (), (event,), ticket)
