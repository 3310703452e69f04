"""Every name in the configuration that only the appliance can confirm, with where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kace_bridge.config.crosscheck import spot
from kace_bridge.config.load import Site
from kace_bridge.config.problems import Place
from kace_bridge.config.yaml_source import Document, Path, read_file
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.actions.set import SetFields
from kace_bridge.rules.condition import comparisons
from kace_bridge.rules.fields._registry import Field, Kind
from kace_bridge.rules.ruleset import PHASES, Rule
from kace_bridge.rules.transition import Check, Transition
from kace_bridge.sla.clock import ClockSpec, StateIs, StatusIn

NAMED = ("queue", "status", "priority", "category", "impact")
PEOPLE = ("owner", "submitter", "approver", "author")
_ROLES = frozenset({"submitter", "owner", "staff", "anyone"})
_EXACT = frozenset({"is", "is_not", "in", "not_in", "at_least", "at_most", "more_than",
                    "less_than", "between"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """``kind`` is ``queue``, ``status`` ... ``user``, ``field`` (``custom_3``), ``label``.

    A ``branch`` is a category that may only be the beginning of others.
    """

    kind: str
    name: str
    place: Place


def mentions(site: Site) -> Iterator[Mention]:
    """The mentions of all files; the files are read again for their lines."""
    documents = [read_file(site.folder / name, name)[0] for name in site.files]
    for document in documents:
        if document is not None and isinstance(document.data, dict):
            yield from _people(document)
            yield from _queues(document)
            yield from _clocks(site, document)
            yield from _rules(site, document)


def _people(document: Document) -> Iterator[Mention]:
    for name, team in _entries(document, "teams"):
        for key in ("members", "lead"):
            named = team.get(key) or []
            yield from _each(document, ("teams", name, key), "user", named)
    for name, group in _entries(document, "groups"):
        yield from _each(document, ("groups", name, "users"), "user", group.get("users") or [])


def _queues(document: Document) -> Iterator[Mention]:
    for _, appliance in _entries(document, ""):
        yield from _each(document, ("appliance", "queues"), "queue", appliance.get("queues", []))


def _clocks(site: Site, document: Document) -> Iterator[Mention]:
    for name, _ in _entries(document, "clocks"):
        clock: ClockSpec = site.rules.clocks[name]
        at = ("clocks", name)
        for key, part in (("start", clock.start), ("stop", clock.stop), ("pause", clock.pause)):
            statuses = part.status if isinstance(part, StatusIn) else []
            statuses = part.excepted if isinstance(part, StateIs) else statuses
            yield from _each(document, (*at, key), "status", statuses)
        if isinstance(clock.target, dict) and set(clock.target) != {"end_of"}:
            for priority in clock.target:
                if priority != "*":
                    place = document.key_place((*at, "target", priority))
                    yield Mention("priority", priority, place)


def _rules(site: Site, document: Document) -> Iterator[Mention]:
    data = document.data if isinstance(document.data, dict) else {}
    for phase in PHASES:
        for number, raw in enumerate(data.get(phase) or []):
            rule = site.rules.find(raw["id"])
            if rule is not None:
                yield from _rule(site, document, (phase, number), rule)


def _rule(site: Site, document: Document, at: Path, rule: Rule) -> Iterator[Mention]:
    for test in comparisons(rule.condition):
        place = document.place(test.path)
        yield from _asked(test.field, test.operator.name, test.expected, place)
    for pattern in rule.event.patterns if rule.event else ():
        place = document.place(pattern.path)
        for change in pattern.changes:
            yield from _asked(change.field, "changed", change, place)
        yield from (Mention("user", name, place) for name in pattern.by if name not in _ROLES)
    steps = [((*at, "then"), rule.actions)]
    steps += [((*at, "levels", level.number - 1, "then"), level.actions) for level in rule.levels]
    for path, actions in steps:
        for action in actions:
            yield from _acted(site, document, (*path, action.verb), action)


def _asked(field: Field, operator: str, expected: object, place: Place) -> Iterator[Mention]:
    """What one comparison names."""
    name = field.name.removeprefix("before.")
    if field.label:
        yield Mention("label", field.label, place)
    elif field.kind is Kind.CUSTOM:
        yield Mention("field", name, place)
    if isinstance(expected, Transition):
        for check in (*expected.before, *expected.after, *expected.unwanted):
            yield from _asked(check.field, check.operator.name, check.expected, place)
        return
    several = expected if isinstance(expected, tuple) else (expected,)
    words = [each for each in several if isinstance(each, str)]
    if operator == "last_changed_by":
        yield from (Mention("user", word, place) for word in words if word not in _ROLES)
        for check in several:
            if isinstance(check, Check):
                yield from _asked(check.field, check.operator.name, check.expected, place)
    elif operator == "under" and name == "category":
        yield from (Mention("branch", word, place) for word in words)
    elif operator in _EXACT and name in NAMED:
        yield from (Mention(name, word, place) for word in words)
    elif operator in _EXACT and (name in PEOPLE or field.kind is Kind.PERSON):
        yield from (Mention("user", word, place) for word in words)


def _acted(site: Site, document: Document, at: Path, action: Action) -> Iterator[Mention]:
    """What one action names. Recipients may be teams of ours."""
    mentioned = action.references()
    named = [("user", user) for user in mentioned.users if user not in site.rules.teams]
    named += mentioned.names
    named += [("field", key) for key in mentioned.fields if key.startswith("custom_")]
    for kind, name in named:
        yield Mention(kind, name, document.place(spot(document, at, name)))
    if isinstance(action, SetFields):
        for key, value in action.values.items():
            kind = "user" if key in PEOPLE else key
            if isinstance(value, str) and kind in (*NAMED, "user"):
                yield Mention(kind, value, document.place((*at, key)))


def _entries(document: Document, section: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Name and content of each entry of *section*; of the appliance's own where it is empty."""
    data = document.data if isinstance(document.data, dict) else {}
    found = data.get(section) if section else {"": data.get("appliance")}
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            yield name, entry


def _each(document: Document, at: Path, kind: str, named: object) -> Iterator[Mention]:
    names: Sequence[object] = named if isinstance(named, list) else [named]
    for name in names:
        if isinstance(name, str):
            yield Mention(kind, name, document.place(spot(document, at, name)))
