"""Conditions and events in plain words: the halves of sentences that ``describe`` puts together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kace_bridge.model.event import EventKind
from kace_bridge.rules.condition import AllOf, AnyOf, Comparison, Condition, Not
from kace_bridge.rules.events import EventMatch, EventPattern
from kace_bridge.rules.facts import Team
from kace_bridge.rules.fields._registry import Field, Kind
from kace_bridge.rules.operators._values import Moment, show
from kace_bridge.rules.transition import Check, Transition
from kace_bridge.sla.duration import Duration, parse_duration

Teams = Mapping[str, Team]

_FIELDS = {
    "id": "the ticket's number", "summary": "the description", "text": "the title or description",
    "cc_list": "the list of people in copy", "machine": "the computer",
    "hd_queue_id": "the queue's number", "owner.team": "the owner's team",
    "created": "the time of its creation", "modified": "the time of its last change",
    "owner.email": "the owner's address", "owner.full_name": "the owner's name",
    "owner.location": "the owner's location",
    "submitter.email": "the submitter's address", "submitter.full_name": "the submitter's name",
    "submitter.location": "the submitter's location", "location": "the submitter's location",
    "channel": "the way it came in", "reopened": "the number of times it was re-opened",
    "moved": "the number of times it changed teams", "age": "its age",
    "idle": "the time since anything happened", "now": "the present moment",
    "days_since_closed": "the number of days since it was closed",
}  # fmt: skip
_VERBS = {
    "is": "is {}", "is_not": "is not {}", "in": "is {}", "not_in": "is none of {}",
    "under": "is {} or below it", "starts_with": "begins with {}", "ends_with": "ends with {}",
    "contains": "contains {}", "any_word": "has the word {}", "all_words": "has the words {}",
    "matches": "matches the pattern {}", "at_least": "is {} or more", "at_most": "is {} or less",
    "more_than": "is more than {}", "less_than": "is less than {}", "between": "is between {}",
    "older_than": "lies more than {} back", "younger_than": "lies less than {} back",
    "within": "is less than {} away", "in_team": "is in the team {}",
    "not_in_team": "is not in the team {}", "in_group": "is in the group {}",
    "not_in_group": "is not in the group {}", "is_member": "belongs to {}",
    "in_calendar": "falls into the hours of {}", "last_changed_by": "was last changed by {}",
}  # fmt: skip
_SPANS = {"older_than": "is more than {}", "younger_than": "is less than {}",
          "within": "is no more than {}"}  # fmt: skip
_DATES = {"at_least": "is {} or later", "at_most": "is {} or earlier", "more_than": "is after {}",
          "less_than": "is before {}"}  # fmt: skip
_RANKS = {"at_least": "is {} or higher", "at_most": "is {} or lower", "more_than": "is above {}",
          "less_than": "is below {}"}  # fmt: skip
_NEGATED = {
    "is": "is not {}", "in": "is none of {}", "under": "is neither {} nor below it",
    "contains": "does not contain {}", "any_word": "does not have the word {}",
    "starts_with": "does not begin with {}", "ends_with": "does not end with {}",
    "matches": "does not match the pattern {}",
}  # fmt: skip
_QUOTED = frozenset({"contains", "any_word", "all_words", "starts_with", "ends_with", "matches"})
_ALL = frozenset({"all_words", "between"})
_TEAMS = frozenset({"in_team", "not_in_team", "is_member"})
_UNITS = {"bd": "working day", "bh": "working hour", "bm": "working minute", "w": "week",
          "d": "day", "h": "hour", "m": "minute", "s": "second"}  # fmt: skip
_SPAN = re.compile(r"[0-9]+(bd|bh|bm|w|d|h|m|s)")
_HAPPENINGS = {
    EventKind.CREATED: "a ticket is created", EventKind.REOPENED: "a ticket is re-opened",
    EventKind.CLOSED: "a ticket is closed",
    EventKind.BOUNCED: "teams have handed a ticket on too often",
}  # fmt: skip


def join(parts: Iterable[str], word: str = "and") -> str:
    """``a, b and c``."""
    found = list(parts)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {word} {found[-1]}"


def amount(text: str) -> str:
    """A duration or share in words: ``1bd`` is "1 working day"; other texts as they are."""
    if not _SPAN.fullmatch(text.strip()):
        return text
    return duration_words(parse_duration(text))


def duration_words(duration: Duration) -> str:
    """``2 working days``, ``the close of the next working day``."""
    unit = _UNITS[duration.unit]
    if duration.end_of:
        days = {0: "the same", 1: "the next"}.get(duration.amount)
        return f"the close of {days} working day" if days else (
            f"the close of the working day {duration.amount} days on"
        )  # fmt: skip
    return f"{duration.amount} {unit}{'' if duration.amount == 1 else 's'}"


def field_words(name: str) -> str:
    """``the status``, ``the field 'Asset tag'``, ``the status before``."""
    if name.startswith("before."):
        return f"{field_words(name.removeprefix('before.'))} before"
    if name.startswith("clock."):
        return f"the clock {name.removeprefix('clock.')}"
    if name.startswith("custom."):
        return f"the field “{name.removeprefix('custom.')}”"
    if name.startswith("custom_"):
        return f"the field {name}"
    return _FIELDS.get(name, f"the {name.replace('_', ' ')}")


def condition_words(condition: Condition | None, teams: Teams, *, inside: bool = False) -> str:
    """The condition as a clause; empty where there is none. *inside* an outer "and" or "or"."""
    match condition:
        case None:
            return ""
        case AllOf(parts=parts):
            told = [condition_words(part, teams, inside=True) for part in parts]
            if not inside and any(" or " in words for words in told):
                return f"{', '.join(told[:-1])}, and {told[-1]}"
            return f"both {join(told)}" if inside and len(parts) == 2 else join(told)
        case AnyOf(parts=parts):
            said = join((condition_words(part, teams, inside=True) for part in parts), "or")
            return f"either {said}" if inside or len(parts) > 1 else said
        case Not(part=Comparison() as part) if part.operator.name in _NEGATED:
            return _comparison_words(part, teams, _NEGATED)
        case Not(part=part):
            return f"it is not so that {condition_words(part, teams)}"
        case Comparison():
            return _comparison_words(condition, teams, _VERBS)


def _comparison_words(asked: Comparison, teams: Teams, verbs: Mapping[str, str]) -> str:
    name, operator, field = asked.field.name, asked.operator.name, asked.field
    if name.startswith("before."):
        inner = replace(asked, field=replace(field, name=name.removeprefix("before.")))
        words = _comparison_words(inner, teams, verbs)
        return "before that " + words.replace(" is ", " was ", 1).replace(" has ", " had ", 1)
    if operator == "empty":
        if name in {"owner", "category", "due_date", "machine", "asset"}:
            noun = field_words(name).removeprefix("the ")
            return (
                f"there is {'no' if asked.expected else 'an' if noun[0] in 'aeiou' else 'a'} {noun}"
            )
        return f"{field_words(name)} is {'' if asked.expected else 'not '}empty"
    if operator == "changed" and isinstance(asked.expected, Transition):
        return _transition_words(asked.expected, teams)
    if operator == "times_changed" and isinstance(asked.expected, tuple):
        counts = join(_check_words(check, teams) for check in asked.expected)
        return f"the number of times {field_words(name)} changed {counts}"
    if name == "state" and operator in {"is", "in", "is_not", "not_in"}:
        no = "not " if "not" in operator else ""
        return f"the ticket is {no}{_values(operator, asked.expected, asked.shown, teams)}"
    if name == "now" and operator == "in_calendar":
        return f"it is within the hours of {_values(operator, asked.expected, asked.shown, teams)}"
    return (
        f"{field_words(name)} {_verb(operator, field, asked.expected, asked.shown, teams, verbs)}"
    )


def _verb(
    operator: str,
    field: Field,
    expected: object,
    shown: str,
    teams: Teams,
    verbs: Mapping[str, str] = _VERBS,
) -> str:
    special = {Kind.DURATION: _SPANS, Kind.DATE: _DATES, Kind.NAME: _RANKS}.get(field.kind, {})
    phrase = special.get(operator) or verbs.get(operator) or f"{operator.replace('_', ' ')} {{}}"
    return phrase.format(_values(operator, expected, shown, teams))


def _values(operator: str, expected: object, shown: str, teams: Teams) -> str:
    several = expected if isinstance(expected, tuple) else (expected,)
    if operator in {"between", "older_than", "younger_than", "within"} or not all(
        isinstance(each, str | int | float | Moment) for each in several
    ):
        return join([amount(part.strip()) for part in shown.strip("[]").split(",")])
    words = [_value(operator, each, teams) for each in several]
    return join(words, "and" if operator in _ALL else "or")


def _value(operator: str, value: object, teams: Teams) -> str:
    if isinstance(value, Moment):
        return value.start.date().isoformat() if value.whole_day else value.start.isoformat(" ")
    text = show(value)
    if operator in _TEAMS and text in teams:
        return teams[text].shown
    return f"“{text}”" if operator in _QUOTED else amount(text)


# -- events -------------------------------------------------------------------------------------


def event_words(event: EventMatch | None, teams: Teams) -> str:
    """What a rule waits for, as a clause: ``a ticket is created or re-opened``."""
    if event is None:
        return "a ticket is new or anything happens to it"
    told = [_pattern_words(pattern, teams) for pattern in event.patterns]
    simple = {"a ticket is created", "a ticket is re-opened", "a ticket is closed"}
    verbs = [words.removeprefix("a ticket is ") for words in told if words in simple]
    rest = [words for words in told if words not in simple]
    said = [*([f"a ticket is {join(verbs, 'or')}"] if verbs else []), *rest]
    return ", or ".join(said)


def _pattern_words(pattern: EventPattern, teams: Teams) -> str:
    if pattern.of_parent:
        words = _pattern_words(replace(pattern, of_parent=False), teams)
        return f"on the ticket it belongs to {words.replace('a ticket is', 'the ticket is')}"
    if pattern.kind is EventKind.COMMENTED:
        who = join([_role(role) for role in pattern.by], "or") if pattern.by else "somebody"
        for_whom = {None: "", True: " for the submitter to see", False: " for colleagues only"}
        return f"{who} writes a comment{for_whom[pattern.public]}"
    if pattern.kind is EventKind.CHANGED:
        if not pattern.changes:
            return "a ticket changes"
        word = "and" if pattern.every else "or"
        return join([_transition_words(each, teams) for each in pattern.changes], word)
    return _HAPPENINGS[pattern.kind]


def _role(role: str) -> str:
    return {"staff": "a member of staff", "submitter": "the submitter",
            "owner": "the owner"}.get(role, role)  # fmt: skip


def _transition_words(change: Transition, teams: Teams) -> str:
    words = f"{field_words(change.field.name)} changes"
    for lead, checks in (("from", change.before), ("to", change.after),
                         ("to anything but", change.unwanted)):  # fmt: skip
        if checks:
            words += f" {lead} {join(_end_words(check, teams) for check in checks)}"
    return words


def _end_words(check: Check, teams: Teams) -> str:
    if check.operator.name == "empty":
        return "nothing" if check.expected else "something"
    if check.operator.name == "in":
        shown = join([show(each) for each in _several(check.expected)], "or")
        return f"one that means {shown}" if check.field.name == "state" else shown
    return f"one that {_check_words(check, teams)}"


def _check_words(check: Check, teams: Teams) -> str:
    return _verb(check.operator.name, check.field, check.expected, show(check.expected), teams)


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
