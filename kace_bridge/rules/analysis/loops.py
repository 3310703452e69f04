"""Rules that set each other off.

What is possible here at all: the bridge's own writes never feed classify or route, and every
rule fires once per event and level. So a cycle needs a clock that its own writes start anew
(certain: nobody has to do anything), or something outside that answers: two rules that take
turns at every further comment, or an absence notice that replies to the mail it gets (possible).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from kace_bridge.model.event import EventKind
from kace_bridge.rules.actions.notify import Notify
from kace_bridge.rules.analysis.branches import Claim, claims
from kace_bridge.rules.analysis.clock_loops import clock_loops
from kace_bridge.rules.analysis.finding import Finding
from kace_bridge.rules.analysis.logic import why_never
from kace_bridge.rules.analysis.made_up import asked, pictures
from kace_bridge.rules.analysis.pairs import disagreeing
from kace_bridge.rules.analysis.staging import SAID, SAVED, tell
from kace_bridge.rules.analysis.suggest import Appliance
from kace_bridge.rules.analysis.trial import try_rules, writes, written
from kace_bridge.rules.condition import fields_read
from kace_bridge.rules.events import EventPattern
from kace_bridge.rules.issue import Unfit
from kace_bridge.rules.picture import Picture
from kace_bridge.rules.ruleset import Rule, RuleSet

_TRIALS = 40


def loops(rules: RuleSet, appliance: Appliance) -> Iterator[Finding]:
    """Certain loops as errors with the dated story of one; possible ones as warnings or notes."""
    yield from clock_loops(rules, appliance)
    yield from _turns(rules, appliance)
    yield from _mail_loops(rules)


def _turns(rules: RuleSet, appliance: Appliance) -> Iterator[Finding]:
    active = [rule for rule in rules.of("classify") if rules.mode_of(rule) != "off"]
    values = {rule.id: writes(rules, rule, rule.actions) for rule in active}
    roots = {rule.id: _roots(rule) for rule in active}
    pairs = disagreeing([
        {name: value for name, value in values[rule.id].items() if name in roots[rule.id]}
        for rule in active
    ])  # fmt: skip
    told: set[frozenset[str]] = set()
    for place, other in sorted([*pairs, *((two, one) for one, two in pairs)]):
        one, two = active[place], active[other]
        pair = frozenset({one.id, two.id})
        for name in sorted(values[one.id].keys() & values[two.id].keys()):
            first, second = values[one.id][name], values[two.id][name]
            reads = name in roots[one.id] and name in roots[two.id]
            if pair in told or first == second or not reads or None in (first, second):
                continue
            sample = _taking_turns(rules, one, two, name, str(first), str(second), appliance)
            if sample is not None:
                told.add(pair)
                yield _turn_finding(one, two, name, str(first), str(second), sample)


def _turn_finding(
    one: Rule, two: Rule, name: str, first: str, second: str, sample: Mapping[str, object]
) -> Finding:
    always = one.event is not None and two.event is not None
    how = "at every further such event" if always else "on one ticket, once each per episode"
    return Finding(
        "loop", "warning", (one.id, two.id), one.place,
        f"'{one.id}' and '{two.id}' undo each other {how}: {name} goes from {second!r} to"
        f" {first!r} and back",
        f"Let one of them leave {name} alone when the other has set it", sample,
    )  # fmt: skip


def _roots(rule: Rule) -> set[str]:
    read = {name.removeprefix("before.") for name in fields_read(rule.condition)}
    return read | ({"status"} if "state" in read else set())


def _taking_turns(
    rules: RuleSet, one: Rule, two: Rule, name: str, first: str, second: str, appliance: Appliance
) -> dict[str, object] | None:
    try:
        standing = asked(name, "is", second)
    except Unfit:
        return None
    for claim in claims(one):
        others = [_without(each, name) for each in claims(two)]
        for other in others:
            if why_never(claim, rules) or any(
                change.field.name == name for change in (*claim.changes, *other.changes)
            ):
                continue  # fmt: skip
            found = pictures([claim, other], rules, appliance, (standing,))
            for picture in islice(found, _TRIALS):
                # One happening that both answer, and that can happen again: two people who
                # take turns are a conversation, and a ticket is created once.
                if {event.cause for event in picture.events} not in ({SAID}, {SAVED}):
                    continue
                turned = _with_value(picture, name, first)
                if _sets(rules, one, picture, name, first) and _sets(
                    rules, two, turned, name, second
                ):
                    return tell(picture)
    return None


def _without(claim: Claim, name: str) -> Claim:
    """*claim* without what it asks of the field the other rule has just set."""
    dropped = {name, f"before.{name}"} | ({"state", "before.state"} if name == "status" else set())
    kept = tuple(term for term in claim.terms if term.test.field.name not in dropped)
    return replace(claim, terms=kept)


def _with_value(picture: Picture, name: str, value: str) -> Picture:
    """The same happening on the ticket as the first rule left it."""
    record: object = value
    if name == "status":
        record = {"name": value, "state": picture.states.get(value)}
    before = picture.before.with_values({name: record}) if picture.before else None
    return replace(picture, ticket=picture.ticket.with_values({name: record}), before=before)


def _sets(rules: RuleSet, rule: Rule, picture: Picture, name: str, value: str) -> bool:
    decisions = try_rules(rules, [rule], picture).decisions
    return any(written(decision).get(name) == value for decision in decisions)


def _mail_loops(rules: RuleSet) -> Iterator[Finding]:
    """Rules that answer a comment with a mail to whoever wrote it, whatever the comment says."""
    for phase in ("classify", "route", "notify"):
        for rule in rules.of(phase):
            if rules.mode_of(rule) == "off" or "comment" in fields_read(rule.condition):
                continue
            patterns = rule.event.patterns if rule.event else ()
            told = {to for action in rule.actions if isinstance(action, Notify) for to in action.to}
            for role in ("submitter", "owner"):
                if not {role, "author"} & told or not any(_from(role, each) for each in patterns):
                    continue
                yield Finding(
                    "loop", "warning", (rule.id,), rule.place,
                    f"'{rule.id}' mails the {role} about every comment of the {role}: an absence"
                    " notice that answers it becomes the next comment",
                    "Tell somebody else, or add a condition such as"
                    ' not: {comment: {any_word: ["out of office"]}}',
                )  # fmt: skip
                break


def _from(role: str, pattern: EventPattern) -> bool:
    if pattern.kind is not EventKind.COMMENTED:
        return False
    # Owners write as staff; a submitter is none.
    alike = {role, "staff"} if role == "owner" else {role}
    return not pattern.by or bool(alike & set(pattern.by))
