"""Checks that need more than one place of the files: names defined, used and used twice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kace_bridge.config.problems import Place, Problem, did_you_mean
from kace_bridge.config.settings import SettingsFile
from kace_bridge.config.yaml_source import Document, Path
from kace_bridge.rules.issue import Known
from kace_bridge.rules.ruleset import PHASES, Rule
from kace_bridge.rules.schema import RuleFile

Documents = Sequence[tuple[Document, RuleFile | None]]


@dataclass(frozen=True, slots=True)
class Names:
    """Every name the files define; None where a file could not be read, so nothing is blamed."""

    teams: frozenset[str] | None
    groups: frozenset[str] | None
    clocks: frozenset[str] | None
    calendars: frozenset[str] | None

    def known(self) -> Known:
        """The part that conditions may refer to."""
        return Known(self.teams, self.groups, self.clocks, self.calendars)


def known_names(documents: Documents, *, whole: bool) -> Names:
    """The names defined in all files together."""

    def keys(section: str) -> frozenset[str] | None:
        if not whole:
            return None
        found: set[str] = set()
        for document, _ in documents:
            data = document.data.get(section) if isinstance(document.data, dict) else None
            found |= set(data) if isinstance(data, dict) else set()
        return frozenset(found)

    return Names(keys("teams"), keys("groups"), keys("clocks"), keys("calendars"))


def spot(document: Document, at: Path, name: str) -> Path:
    """The path below *at* where *name* is written, as far as it can be told."""
    data: object = document.data
    for step in at:
        data = data[step]  # type: ignore[index]
    todo: list[tuple[Path, object]] = [(at, data)]
    while todo:
        path, value = todo.pop(0)
        if value == name:
            return path
        if isinstance(value, dict):
            todo += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [((*path, number), inner) for number, inner in enumerate(value)]
    return at


def repeated(documents: Documents) -> Iterator[Problem]:
    """Rule ids, and names of teams, groups, clocks and calendars, used in two places."""
    seen: dict[tuple[str, str], str] = {}
    for document, _ in documents:
        data = document.data if isinstance(document.data, dict) else {}
        for phase in PHASES:
            rules = data.get(phase)
            for number, rule in enumerate(rules if isinstance(rules, list) else ()):
                name = rule.get("id") if isinstance(rule, dict) else None
                if isinstance(name, str):
                    place = document.place((phase, number, "id"))
                    first = seen.setdefault(("rule", name), place.short)
                    if first != place.short:
                        yield Problem(place, f"rule id '{name}' is already used at {first}",
                                      "Give one of them another id")  # fmt: skip
        for section in ("teams", "groups", "clocks", "calendars", "channels"):
            entries = data.get(section)
            for name in entries if isinstance(entries, dict) else ():
                place = document.key_place((section, name))
                first = seen.setdefault((section, name), place.short)
                if first != place.short:
                    yield Problem(
                        place, f"'{name}' under '{section}' is already defined at {first}"
                    )


def renamed(documents: Documents) -> Iterator[Problem]:
    """``moved_from`` that names a rule still there, or one that two rules claim to have been."""
    ids: dict[str, str] = {}
    origins: dict[str, str] = {}
    found = []
    for document, _ in documents:
        data = document.data if isinstance(document.data, dict) else {}
        for phase in PHASES:
            rules = data.get(phase)
            for number, rule in enumerate(rules if isinstance(rules, list) else ()):
                for key, places in (("id", ids), ("moved_from", origins)):
                    name = rule.get(key) if isinstance(rule, dict) else None
                    if isinstance(name, str):
                        place = document.place((phase, number, key))
                        first = places.setdefault(name, place.short)
                        if key == "moved_from":
                            found.append((name, place, first))
    for name, place, first in found:
        if name in ids:
            yield Problem(place, f"'{name}' is the id of the rule at {ids[name]}",
                          "A rule that moved leaves its old id behind; name that one")  # fmt: skip
        elif first != place.short:
            yield Problem(place, f"the rule at {first} has already moved from '{name}'")


def clock_problems(documents: Documents, names: Names) -> Iterator[Problem]:
    """Clocks on calendars that no file defines."""
    for document, model in documents:
        for name, clock in (model.clocks if model else {}).items():
            calendar = clock.calendar
            if calendar and names.calendars is not None and calendar not in names.calendars:
                yield Problem(
                    document.place(("clocks", name, "calendar")), f"unknown calendar '{calendar}'",
                    did_you_mean(calendar, names.calendars),
                )  # fmt: skip


def default_problems(
    documents: Documents, settings: SettingsFile | None, names: Names, channels: Iterable[str]
) -> Iterator[Problem]:
    """The site's own channel and calendar, where they are named and not configured."""
    if settings is None:
        return
    document = documents[0][0]
    known = {"channel": list(channels), "calendar": sorted(names.calendars or ())}
    for key, name in (("channel", settings.channel), ("calendar", settings.calendar)):
        told = key == "channel" or names.calendars is not None
        if name is not None and told and name not in known[key]:
            yield Problem(
                document.place((key,)), f"unknown {key} '{name}'", did_you_mean(name, known[key])
            )


def without_default(rules: Sequence[Rule]) -> Iterator[Problem]:
    routes = [rule for rule in rules if rule.phase == "route"]
    if routes and routes[-1].condition is not None:
        file, _, line = routes[-1].place.rpartition(":")
        yield Problem(
            Place(file, int(line), 1), "the last route rule has a condition",
            "Tickets that match no rule stay unassigned; end with a rule without 'if'",
            "warning",
        )  # fmt: skip
