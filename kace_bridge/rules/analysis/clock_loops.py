"""Clocks that are started anew by what their own levels set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from kace_bridge.model.appliance_time import format_stamp
from kace_bridge.model.difference import diff
from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event, EventKind
from kace_bridge.rules.analysis.branches import Branch, claims
from kace_bridge.rules.analysis.finding import Finding
from kace_bridge.rules.analysis.logic import why_never
from kace_bridge.rules.analysis.made_up import asked, pictures
from kace_bridge.rules.analysis.staging import at_rest, tell
from kace_bridge.rules.analysis.suggest import Appliance
from kace_bridge.rules.analysis.trial import try_rules, writes, written
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import Rule, RuleSet
from kace_bridge.sla.clock import StateIs, StatusIn

_STEPS = 24
_ROUNDS = 3
_TRIALS = 40


def clock_loops(rules: RuleSet, appliance: Appliance) -> Iterator[Finding]:
    """An error for each group of escalations that goes round by itself, with the story of one
    ticket; a note where the clocks allow it but no ticket was found."""
    active = [rule for rule in rules.of("escalate") if rules.mode_of(rule) != "off"]
    follows = {rule.id: [other.id for other in active if _starts(rule, other, rules, appliance)]
               for rule in active}  # fmt: skip
    for cycle in _cycles(follows):
        members = [rule for rule in active if rule.id in cycle]
        first, names = members[0], " and ".join(f"'{rule.id}'" for rule in members)
        story = next(
            (s for rule in members if (s := _endless(rules, members, rule, appliance))), None
        )
        if story is not None:
            yield Finding(
                "loop", "error", tuple(rule.id for rule in members), first.place,
                f"{names} set each other off for ever: what they set starts their clocks anew",
                "Let one of them set a status that starts none of these clocks", story,
            )  # fmt: skip
        else:
            yield Finding(
                "loop", "note", tuple(rule.id for rule in members), first.place,
                f"{names} can start each other's clocks; no ticket was found that goes round",
            )  # fmt: skip


def _starts(rule: Rule, other: Rule, rules: RuleSet, appliance: Appliance) -> bool:
    """Whether something *rule* writes can start the clock of *other*."""
    spec = rules.clocks[other.clock]
    for level in rule.levels:
        status = writes(rules, rule, level.actions).get("status")
        if status is None:
            continue
        state = appliance.states.get(status)
        if isinstance(spec.start, StatusIn | StateIs):
            if spec.start.holds(status, state):
                return True
            continue
        # Only a ticket whose closing started a clock can be re-opened by that clock's level.
        closed = rules.clocks[rule.clock].start
        waits = isinstance(closed, StatusIn | StateIs) and any(
            closed.holds(name, known) for name, known in appliance.states.items()
            if known == "closed"
        )  # fmt: skip
        starts_over = spec.start == "reopened" or spec.reopening != "ignore"
        if waits and starts_over and state != "closed":
            return True
    return False


def _cycles(follows: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Groups of rules each of which can be come back to."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(follows[start])
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += follows[name]
        return seen

    reach = {name: reached(name) for name in follows}
    groups = {
        tuple(other for other in follows if other in reach[name] and name in reach[other])
        for name in follows
        if name in reach[name]
    }
    return sorted(groups)


def _endless(
    rules: RuleSet, members: Sequence[Rule], first: Rule, appliance: Appliance
) -> dict[str, object] | None:
    """The story of a ticket that goes round without anybody doing anything; None if none does."""
    for claim in claims(first):
        if why_never(claim, rules):
            continue
        more = _standing(rules, first)
        for picture in islice(pictures([claim], rules, appliance, more), _TRIALS):
            quiet = at_rest(picture)
            walk = _Walk(rules, members, quiet)
            if walk.goes_round():
                return tell(quiet) | {"story": walk.story}
    return None


def _standing(rules: RuleSet, rule: Rule) -> Branch:
    start = rules.clocks[rule.clock].start
    if isinstance(start, StatusIn):
        return (asked("status", "in", start.status),)
    return (asked("state", "is", start.state),) if isinstance(start, StateIs) else ()


@dataclass(slots=True)
class _Walk:
    """A ticket left alone: time goes on, levels fall due, what they set is set."""

    rules: RuleSet
    members: Sequence[Rule]
    picture: Picture
    story: list[str] = field(default_factory=list)

    def goes_round(self) -> bool:
        counts: dict[tuple[str, int | None], int] = {}
        for _ in range(_STEPS):
            outcome = try_rules(self.rules, self.members, self.picture)
            for decision in outcome.decisions:
                if written(decision):
                    key = (decision.rule, decision.level)
                    counts[key] = counts.get(key, 0) + 1
                self._take(decision)
            if max(counts.values(), default=0) >= _ROUNDS:
                return True
            coming = [due.at for due in outcome.due if due.at > self.picture.now]
            if not outcome.decisions and not coming:
                return False
            if not outcome.decisions:
                self.picture = replace(self.picture, now=min(coming) + timedelta(seconds=1))
        return False

    def _take(self, decision: Decision) -> None:
        """The decision is carried out, and the next reading shows it."""
        picture = self.picture
        values = written(decision)
        records: dict[str, object] = dict(values)
        if values.get("status"):
            status = str(values["status"])
            records["status"] = {"name": status, "state": picture.states.get(status)}
        ticket = picture.ticket.with_values(records)
        changes = diff(picture.ticket, ticket)
        events = [Event(EventKind.CHANGED, decision.ticket, picture.now, f"row:{decision.id}",
                        own=True, staff=True, changes=changes)] if changes else []  # fmt: skip
        was, now = picture.ticket.state, ticket.state
        if "closed" in (was, now) and was != now:
            kind = EventKind.CLOSED if now == "closed" else EventKind.REOPENED
            events.append(replace(events[0], kind=kind))
        self.picture = replace(
            picture, ticket=ticket, timeline=(*picture.timeline, *events),
            done=picture.done | {decision.id},
        )  # fmt: skip
        if values:
            said = ", ".join(f"{name}: {value}" for name, value in values.items())
            self.story.append(f"{_stamp(picture.now)} {decision.rule} sets {said}")


def _stamp(instant: datetime) -> str:
    return format_stamp(instant, UTC)[:16]
