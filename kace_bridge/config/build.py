"""From validated files to a RuleSet: registries asked, names checked, places kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from kace_bridge.config.crosscheck import (
    Documents,
    Names,
    clock_problems,
    default_problems,
    known_names,
    renamed,
    repeated,
    spot,
    without_default,
)  # fmt: skip
from kace_bridge.config.messages import doubles, message_problems
from kace_bridge.config.problems import Problem, did_you_mean
from kace_bridge.config.settings import SettingsFile, languages_of
from kace_bridge.config.teams import team_problems
from kace_bridge.config.validate import validate
from kace_bridge.config.yaml_source import Document, Path
from kace_bridge.discover import import_all
from kace_bridge.model.ids import UserName
from kace_bridge.notify.channels import Channel
from kace_bridge.rules import actions as actions_folder
from kace_bridge.rules import strategies as strategies_folder
from kace_bridge.rules.actions.base import ACTIONS, Action
from kace_bridge.rules.condition import parse_condition
from kace_bridge.rules.events import parse_event
from kace_bridge.rules.facts import Group, Team
from kace_bridge.rules.issue import Issue
from kace_bridge.rules.ruleset import PHASES, Bounced, Rule, RuleLevel, RuleSet
from kace_bridge.rules.schema import BouncedSpec, EscalationSpec, RouteSpec, RuleFile, RuleSpec
from kace_bridge.rules.template import Templates
from kace_bridge.sla.calendar import ALWAYS, Calendar
from kace_bridge.sla.duration import Duration, parse_duration, parse_level

import_all(actions_folder)
import_all(strategies_folder)


def build_rules(
    documents: Documents,
    settings: SettingsFile | None,
    names: Names,
    templates: Templates,
    channels: Mapping[str, Channel],
    closed: Mapping[str, Collection[date]] | None = None,
) -> tuple[RuleSet | None, list[Problem]]:
    """The rule set, or the problems that stand in its way (and warnings either way).

    *closed* are dates on which calendars are closed beside those they list themselves.
    """
    problems: list[Problem] = []
    builder = _Builder(names, templates, frozenset(channels), problems)
    rules = [rule for document, model in documents for rule in builder.rules(document, model)]
    problems += repeated(documents)
    problems += renamed(documents)
    problems += team_problems(documents, names)
    problems += clock_problems(documents, names)
    problems += default_problems(documents, settings, names, channels)
    problems += message_problems(documents, settings, names)
    if settings is None or any(model is None for _, model in documents):
        return None, problems
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    models = [model for _, model in documents if model is not None]
    rules.sort(key=lambda rule: PHASES.index(rule.phase))
    problems += without_default(rules)
    problems += doubles(rules, settings)
    return _assemble(settings, models, rules, templates, channels, closed or {}), problems


def _assemble(
    settings: SettingsFile,
    models: Sequence[RuleFile],
    rules: Sequence[Rule],
    templates: Templates,
    channels: Mapping[str, Channel],
    closed: Mapping[str, Collection[date]],
) -> RuleSet:
    teams = {name: spec for model in models for name, spec in model.teams.items()}
    default = settings.channel or ("mail" if "mail" in channels else next(iter(channels), "mail"))
    return RuleSet(
        rules=tuple(rules),
        teams={
            name: Team(
                name,
                tuple(UserName(user) for user in spec.members),
                UserName(spec.lead) if spec.lead else None,
                spec.title, spec.calendar, spec.pick, spec.email,
            )
            for name, spec in teams.items()
        },
        groups={
            name: Group(
                name, frozenset(spec.users), _listed(spec.email), frozenset(_listed(spec.location))
            )
            for model in models
            for name, spec in model.groups.items()
        },
        rotations={name: spec.rotation for name, spec in teams.items() if spec.rotation},
        weights={name: spec.weights for name, spec in teams.items()},
        maps={name: spec.mapped for name, spec in teams.items() if spec.mapped},
        calendars={
            name: Calendar.from_spec(name, spec, closed.get(name, ()))
            for model in models
            for name, spec in model.calendars.items()
        },
        clocks={name: spec for model in models for name, spec in model.clocks.items()},
        limits=settings.limits,
        templates=templates,
        languages=languages_of(settings.desk.language),
        channel=default,
        rooms=frozenset(name for name, channel in channels.items() if not channel.personal),
        mode=settings.mode,
        hands_off=_hands_off(settings.hands_off) or None,
        bounced=_bounced(settings.bounced),
        parent=settings.parent or "",
        calendar=settings.calendar or _only(models),
        site={"name": settings.desk.name, "reply_to": settings.desk.reply_to},
    )  # fmt: skip


def _only(models: Sequence[RuleFile]) -> str | None:
    names = [name for model in models for name in model.calendars]
    return names[0] if len(names) == 1 else None


def _bounced(spec: BouncedSpec | None) -> Bounced | None:
    if spec is None:
        return None
    return Bounced(spec.moves, parse_duration(spec.within) if spec.within else None)


def _hands_off(value: str | Literal[False] | None) -> Duration | Literal[False] | None:
    return parse_duration(value) if value else False if value is False else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


class _Builder:
    """Reads the rules of one document after the other, gathering problems."""

    def __init__(
        self, names: Names, templates: Templates, channels: frozenset[str], problems: list[Problem]
    ) -> None:
        self.names = names
        self.known = names.known()
        self.templates = frozenset(templates.names())
        self.channels = channels
        self.problems = problems

    def rules(self, document: Document, model: RuleFile | None) -> Iterator[Rule]:
        """The rules of *document*; those with problems are left out, their problems kept.

        Conditions and actions are read even where the file's outline is wrong, so that an
        admin sees everything at once.
        """
        for phase in PHASES:
            section = document.data.get(phase) if isinstance(document.data, dict) else None
            specs = getattr(model, phase) if model is not None else ()
            for number, raw in enumerate(section if isinstance(section, list) else ()):
                if not isinstance(raw, dict):
                    continue
                spec = specs[number] if specs else None
                rule = self._rule(document, (phase, number), raw, spec)
                if rule is not None:
                    yield rule

    def _rule(
        self, document: Document, at: Path, raw: dict[str, object],
        spec: RuleSpec | EscalationSpec | None,
    ) -> Rule | None:  # fmt: skip
        before = len(self.problems)
        issues: list[Issue] = []
        event = condition = None
        if "if" in raw:
            condition = parse_condition(raw["if"], (*at, "if"), issues, self.known)
        if "event" in raw:
            event = parse_event(raw["event"], (*at, "event"), issues, self.known)
        self._take(document, issues)
        phase = str(at[0])
        actions = self._actions(document, (*at, "then"), raw.get("then"))
        levels = tuple(self._levels(document, at, raw)) if phase == "escalate" else ()
        if isinstance(spec, EscalationSpec):
            self._name(document, (*at, "clock"), "clock", spec.clock, self.names.clocks)
        if phase == "notify" and "event" not in raw:
            self.problems.append(
                Problem(document.place(at), "a notify rule needs an 'event'",
                        "Without one it would tell people again at every change")
            )  # fmt: skip
        if spec is None or len(self.problems) > before:
            return None
        return Rule(
            id=spec.id, phase=phase, place=document.place(at).short, title=spec.title,
            event=event, condition=condition, actions=actions, mode=spec.mode,
            priority=spec.priority if isinstance(spec, RuleSpec) else 0,
            clock=spec.clock if isinstance(spec, EscalationSpec) else "", levels=levels,
            catch_up=spec.catch_up if isinstance(spec, EscalationSpec) else "each",
            hands_off=_hands_off(spec.hands_off) if isinstance(spec, RouteSpec) else None,
            owner=spec.owner, review_by=_day(spec.review_by), valid_from=_day(spec.valid_from),
            valid_until=_day(spec.valid_until), moved_from=spec.moved_from or "",
            generation=spec.generation,
        )  # fmt: skip

    def _levels(self, document: Document, at: Path, raw: dict[str, object]) -> Iterator[RuleLevel]:
        levels = raw.get("levels")
        for number, data in enumerate(levels if isinstance(levels, list) else ()):
            if not isinstance(data, dict):
                continue
            path = (*at, "levels", number)
            actions = self._actions(document, (*path, "then"), data.get("then"))
            if "at" not in data:
                continue  # said by the model
            try:
                level = parse_level(data.get("at"))
            except ValueError as error:
                self.problems.append(Problem(document.place((*path, "at")), str(error)))
                continue
            shown = data["at"] if isinstance(data["at"], str) else f"end of {data['at']['end_of']}"
            yield RuleLevel(number + 1, shown, level, actions, document.place(path).short)

    def _actions(self, document: Document, at: Path, raw: object) -> tuple[Action, ...]:
        found = []
        for verb, data in raw.items() if isinstance(raw, dict) else ():
            path = (*at, verb)
            kind = ACTIONS.get(verb)
            if kind is None:
                self.problems.append(
                    Problem(document.key_place(path), f"unknown action '{verb}'",
                            did_you_mean(verb, sorted(ACTIONS)))
                )  # fmt: skip
                continue
            action, problems = validate(kind, document, kind.shape(data), path)
            self.problems += problems
            if action is not None:
                found.append(action)
                self._references(document, path, action)
        if isinstance(raw, dict) and not raw:
            self.problems.append(Problem(document.place(at), "'then' is empty: it does nothing"))
        return tuple(found)

    def _references(self, document: Document, at: Path, action: Action) -> None:
        mentioned = action.references()
        for team in mentioned.teams:
            self._name(document, at, "team", team, self.names.teams)
        for template in mentioned.templates:
            self._name(document, at, "template", template, self.templates)
        for channel in mentioned.channels:
            self._name(document, at, "channel", channel, self.channels)

    def _name(
        self, document: Document, at: Path, kind: str, name: str, known: frozenset[str] | None
    ) -> None:
        if known is not None and name not in known:
            place = document.place(spot(document, at, name))
            self.problems.append(
                Problem(place, f"unknown {kind} '{name}'", did_you_mean(name, sorted(known)))
            )

    def _take(self, document: Document, issues: Sequence[Issue]) -> None:
        self.problems += [
            Problem(document.place(issue.path), issue.message, issue.fix) for issue in issues
        ]


__all__ = ["ALWAYS", "Names", "build_rules", "known_names"]
