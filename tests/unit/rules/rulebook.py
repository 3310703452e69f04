"""Rule sets for tests, read from YAML the way the program reads them, and pictures to decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kace_bridge.config.build import build_rules, known_names
from kace_bridge.config.channels import build_channels
from kace_bridge.config.settings import SettingsFile
from kace_bridge.config.templates import load_templates
from kace_bridge.config.validate import validate
from kace_bridge.config.yaml_source import read_text
from kace_bridge.model.effect import Decision
from kace_bridge.model.event import Event, EventKind, FieldChange
from kace_bridge.model.ids import TicketId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.decide import Deliberation, Picture, decide
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.template import Templates

ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
TEMPLATES = Templates(load_templates(None))
STATES = {"New": "stalled", "Opened": "opened", "Reopened": "opened", "Closed": "closed",
          "Need More Info": "stalled"}  # fmt: skip

BASE = """
calendars:
  office: {timezone: America/New_York, week: {mon-fri: ["08:00-12:00", "13:00-17:00"]}}
teams:
  desk: {title: Service Desk, lead: adiaz, members: [adiaz, bkim, cwong]}
  css: {title: Specialists, lead: dlee, members: [dlee, epark], pick: round_robin}
  network: {lead: gcho, members: [fruiz, gcho], pick: on_call,
            rotation: {every: 1w, from: "2026-01-05"}}
groups: {vip: {users: [provost]}}
clocks:
  respond: {calendar: office, start: created, stop: first_staff_reply, target: 1bd}
"""


def book(text: str = "", base: str = BASE) -> RuleSet:
    """The rule set of *base* and *text* together; fails the test where there are problems."""
    document, problems = read_text(base + text, "rules.yaml")
    assert document is not None, problems
    settings, found = validate(SettingsFile, document)
    assert not problems + found, problems + found
    documents = [(document, settings)]
    channels, _ = build_channels(documents, environ={}, folder=Path(), secrets=False)
    names = known_names(documents, whole=True)
    rules, problems = build_rules(documents, settings, names, TEMPLATES, channels)
    assert rules is not None, "\n".join(map(str, problems))
    return rules


def people(*users: str) -> dict[str, Person]:
    """Persons by login name, each with an address."""
    return {user: Person(UserName(user), user.title(), f"{user}@example.org") for user in users}


EVERYBODY = people("adiaz", "bkim", "cwong", "dlee", "epark", "fruiz", "gcho", "jdoe", "provost")


def desk_of(rules: RuleSet, **changes: object) -> Desk:
    """The desk of *rules* with everybody known."""
    known: dict[str, object] = {
        "teams": rules.teams, "groups": rules.groups, "people": EVERYBODY,
        "orders": {"priority": ("High", "Medium", "Low")}, **changes,
    }  # fmt: skip
    return Desk(**known)  # type: ignore[arg-type]


def make_ticket(**changes: object) -> Ticket:
    """Ticket 41 of jdoe, new on Monday, 2 March 2026 at nine; None takes a key away."""
    record: dict[str, object] = {
        "id": 41, "hd_queue_id": 1, "title": "Mouse broken", "summary": "It does not click.",
        "created": "2026-03-02 09:00:00", "modified": "2026-03-02 09:00:00",
        "status": {"name": "New", "state": "stalled"}, "priority": {"name": "Medium", "ordinal": 1},
        "category": {"name": "Hardware"},
        "submitter": {"user_name": "jdoe", "email": "jdoe@example.org"},
    }  # fmt: skip
    for key, value in changes.items():
        if key in ("priority", "category") and isinstance(value, str):
            record[key] = {"name": value}
        elif key == "status" and isinstance(value, str):
            record[key] = {"name": value, "state": STATES[value]}
        elif key in ("owner", "submitter") and isinstance(value, str):
            record[key] = {"user_name": value, "email": f"{value}@example.org"}
        else:
            record[key] = value
    return Ticket({key: value for key, value in record.items() if value is not None}, ZONE)


def event(
    kind: str = "created",
    *changes: tuple[str, str | None, str | None],
    at: datetime = MONDAY,
    row: int = 901,
    author: str | None = "jdoe",
    **more: object,
) -> Event:
    """Something that happened to ticket 41."""
    cause = "created" if kind == "created" else f"row:{row}"
    return Event(
        EventKind(kind), TicketId(41), at, cause, UserName(author) if author else None,
        changes=tuple(FieldChange(*change) for change in changes), **more,  # type: ignore[arg-type]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A deliberation with short ways to read it."""

    found: Deliberation

    def fired(self) -> list[str]:
        """Rules (``rule`` or ``rule#level``) of the decisions, in order."""
        return [
            decision.rule if decision.level is None else f"{decision.rule}#{decision.level}"
            for decision in self.found.decisions
        ]

    def decision(self, rule: str) -> Decision:
        """The only decision of *rule*."""
        (one,) = [decision for decision in self.found.decisions if decision.rule == rule]
        return one

    def values(self) -> dict[str, str | None]:
        """Every planned value."""
        found: dict[str, str | None] = {}
        for decision in self.found.decisions:
            for effect in decision.effects:
                found.update(getattr(effect, "values", {}))
        return found

    def mails(self) -> list[tuple[str, str]]:
        """(template, address) of every planned message, in order."""
        return [
            (effect.template, effect.to)
            for decision in self.found.decisions
            for effect in decision.effects
            if hasattr(effect, "template")
        ]

    def reason(self, rule: str) -> str:
        """What ``explain`` would say about *rule*, at the last time it was asked."""
        return [each.reason for each in self.found.verdicts if each.rule.id == rule][-1]


def ask(
    rules: RuleSet,
    ticket: Ticket | None = None,
    events: Sequence[Event] | None = None,
    *,
    timeline: Sequence[Event] | None = None,
    now: datetime = MONDAY,
    desk: Mapping[str, object] | None = None,
    **more: object,
) -> Asked:
    """Decide about *ticket*, by default a new one that has just come in."""
    happened = [event()] if events is None else events
    picture = Picture(
        ticket=ticket or make_ticket(), now=now, desk=desk_of(rules, **(desk or {})),
        events=happened, timeline=happened if timeline is None else timeline, states=STATES, **more,  # type: ignore[arg-type]
    )  # fmt: skip
    found = decide(rules, picture, traced=True)
    quick = decide(rules, picture)
    assert replace(quick, verdicts=()) == replace(found, verdicts=())  # with and without traces
    return Asked(found)
