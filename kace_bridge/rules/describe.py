"""A rule set as plain sentences, made from what the engine runs, so that they are always true."""

from collections.abc import Iterator
from dataclasses import dataclass

from kace_bridge.rules.action_words import pick_words, say_actions
from kace_bridge.rules.facts import Team
from kace_bridge.rules.phrases import (
    amount,
    condition_words,
    duration_words,
    event_words,
    join,
)
from kace_bridge.rules.ruleset import PHASES, Rule, RuleSet
from kace_bridge.sla.clock import ClockSpec, StateIs, StatusIn
from kace_bridge.sla.duration import parse_duration

PHASE_WORDS = {
    "classify": "What kind of ticket is it? Every rule that matches applies.",
    "route": "Who works on it? The first rule that matches counts; the others are not asked.",
    "escalate": "What if nothing happens? Levels on clocks, each once, in order.",
    "notify": "Who is told? Every rule that matches applies, once per event.",
}
_STARTS = {"created": "a ticket is created", "reopened": "a ticket is re-opened"}
_STOPS = {
    "first_staff_reply": "a member of staff answers", "closed": "the ticket is closed",
    "submitter_reply": "the submitter answers", "owner_assigned": "somebody owns the ticket",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One level of an escalation: when, and what then."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words. ``notes`` say what else counts: trial, dates, who answers for it."""

    id: str
    title: str
    phase: str
    place: str
    sentence: str
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """A whole rule set in words: its rules in the order they are asked, clocks and teams."""

    mode: str
    rules: tuple[RuleText, ...]
    clocks: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    limits: str


def describe(rules: RuleSet) -> Description:
    """Every part of *rules* in plain words."""
    return Description(
        mode=_mode(rules),
        rules=tuple(_rule(rules, rule) for phase in PHASES for rule in rules.of(phase)),
        clocks=tuple((name, _clock(spec)) for name, spec in rules.clocks.items()),
        teams=tuple((team.shown, _team(rules, team)) for team in rules.teams.values()),
        limits=_limits(rules),
    )


def _limits(rules: RuleSet) -> str:
    limits = rules.limits
    parts = [f"change more than {limits.changes_per_run} tickets"]
    if limits.changes_per_rule is not None:
        parts.append(f"by one rule more than {limits.changes_per_rule}")
    if limits.share_of_open is not None:
        parts.append(f"more than {limits.share_of_open:.0%} of the open ones (five always may)")
    many = ", ".join(parts)
    return (
        f"A run that would {many} or send more than {limits.messages_per_run} messages"
        " stops and asks."
    )


def _mode(rules: RuleSet) -> str:
    return {
        "enforce": "The rules are in force: what they say is done.",
        "shadow": "The rules are on trial: what they would do is recorded, nothing is done.",
        "off": "The rules are switched off.",
    }[rules.mode]


def _rule(rules: RuleSet, rule: Rule) -> RuleText:
    condition = condition_words(rule.condition, rules.teams)
    if rule.phase == "escalate":
        sentence = f"On the clock {rule.clock}" + (f", while {condition}" if condition else "")
        steps = tuple(
            Step(_at(level.at), _sentence(say_actions(rules, level.actions)))
            for level in rule.levels
        )
        return RuleText(rule.id, rule.title, rule.phase, rule.place, f"{sentence}:", steps,
                        tuple(_notes(rules, rule)), rule.clock)  # fmt: skip
    if rule.event is None and not condition:
        when = "For every ticket"
    else:
        when = f"When {event_words(rule.event, rules.teams)}"
        comma = "," if " or " in when else ""
        when += f"{comma} and {condition}" if condition else ""
    sentence = f"{when}, {say_actions(rules, rule.actions)}."
    return RuleText(rule.id, rule.title, rule.phase, rule.place, _upper(sentence), (),
                    tuple(_notes(rules, rule)))  # fmt: skip


def _at(text: str) -> str:
    if text.startswith("end of "):
        return duration_words(parse_duration({"end_of": text.removeprefix("end of ")}))
    return f"{text} of the target" if text.endswith("%") else f"{amount(text)} on the clock"


def _notes(rules: RuleSet, rule: Rule) -> Iterator[str]:
    if rules.mode_of(rule) != rules.mode:
        yield {"shadow": "on trial: it is recorded only", "off": "switched off"}[
            rules.mode_of(rule)
        ]
    if rule.valid_from:
        yield f"from {rule.valid_from}"
    if rule.valid_until:
        yield f"until {rule.valid_until}"
    if rule.priority:
        yield f"priority {rule.priority}: wins over lower ones where they disagree"
    if rule.hands_off is False:
        yield "even where a person has just chosen an owner"
    elif rule.phase == "route" and (rule.hands_off or rules.hands_off):
        span = rule.hands_off or rules.hands_off
        if rule.hands_off and span:
            yield f"not within {duration_words(span)} of a person's own choice of owner"
    if rule.catch_up != "each":
        late = {"latest": "only the last of them is", "none": "none of them is"}[rule.catch_up]
        yield f"of levels missed meanwhile {late} carried out"
    if rule.owner:
        yield f"{rule.owner} answers for it"
    if rule.review_by:
        yield f"to be reviewed by {rule.review_by}"


# -- teams and clocks -----------------------------------------------------------------------------


def _team(rules: RuleSet, team: Team) -> str:
    words = join(team.members)
    if team.lead:
        words += f"; led by {team.lead}"
    if len(team.members) > 1:
        words += f"; tickets go {pick_words(rules, team)}"
    rotation = rules.rotations.get(team.name)
    if rotation and team.pick == "on_call":
        words += f", who changes every {_every(rotation.every)} from {rotation.start}"
    return f"{words}."


def _every(text: str) -> str:
    return amount(text).removeprefix("1 ")


def _clock(spec: ClockSpec) -> str:
    start = _STARTS[spec.start] if isinstance(spec.start, str) else _placed(spec.start)
    stop = _STOPS[spec.stop] if isinstance(spec.stop, str) else _placed(spec.stop)
    words = f"Starts when {start}, stops when {stop}"
    words += f"; counts the hours of {spec.calendar}" if spec.calendar else "; counts day and night"
    if spec.target is not None:
        words += f"; its target is {_target(spec)}"
    if spec.pause is not None:
        words += f"; stands still while {_placed(spec.pause)}"
    again = {"resume": "it goes on from where it stopped", "restart": "it starts anew",
             "ignore": "it stays as it is"}[spec.reopening]  # fmt: skip
    return f"{words}; when a ticket is re-opened {again}."


def _placed(condition: StatusIn | StateIs) -> str:
    if isinstance(condition, StatusIn):
        return f"the status is {join(condition.status, 'or')}"
    but = f" (but not {join(condition.excepted, 'or')})" if condition.excepted else ""
    return f"the ticket is {condition.state}{but}"


def _target(spec: ClockSpec) -> str:
    target = spec.target
    if isinstance(target, dict) and target.keys() != {"end_of"}:
        said = [
            f"{duration_words(parse_duration(each))} for {'all others' if name == '*' else name}"
            for name, each in target.items()
        ]
        return join(said)
    return duration_words(parse_duration(target))


def _sentence(words: str) -> str:
    return f"{_upper(words)}."


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
