"""A loaded rule set: parsed, checked, ready to be asked about tickets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, Self

from kace_bridge.model.effect import Mode
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.condition import Condition
from kace_bridge.rules.events import EventMatch
from kace_bridge.rules.facts import Group, Team
from kace_bridge.rules.language import Languages
from kace_bridge.rules.schema import LimitSpec, MapSpec, RotationSpec
from kace_bridge.rules.template import Templates
from kace_bridge.sla.calendar import Calendar
from kace_bridge.sla.clock import ClockSpec
from kace_bridge.sla.duration import Duration, Level

PHASES = ("classify", "route", "escalate", "notify")
"""In this order; each sees one frozen picture, its results merge before the next."""


@dataclass(frozen=True, slots=True)
class RuleLevel:
    """One level of an escalation; ``number`` counts from 1, ``at`` is as the admin wrote it."""

    number: int
    at: str
    level: Level
    actions: tuple[Action, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``place`` is ``file:line`` of its first line.

    ``hands_off`` is None where the site's counts, False where a person's choice does not.
    """

    id: str
    phase: str
    place: str
    title: str = ""
    event: EventMatch | None = None
    condition: Condition | None = None
    actions: tuple[Action, ...] = ()
    mode: Mode = "enforce"
    priority: int = 0
    clock: str = ""
    levels: tuple[RuleLevel, ...] = ()
    catch_up: str = "each"
    hands_off: Duration | Literal[False] | None = None
    owner: str = ""
    review_by: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    moved_from: str = ""
    generation: int = 1
    epoch: int = 0

    @property
    def key(self) -> str:
        """What decisions are identified by: the first id the rule had, and its generation.

        The appliance's ``epoch`` is part of it once a restore made numbers mean something else.
        """
        key = self.moved_from or self.id
        if self.generation != 1:
            key += f"#{self.generation}"
        return f"{key}@{self.epoch}" if self.epoch else key


@dataclass(frozen=True, slots=True)
class Bounced:
    """After how many moves between teams, within how long, rules leave a ticket where it is."""

    moves: int
    within: Duration | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything the engine needs that does not change from ticket to ticket."""

    rules: tuple[Rule, ...] = ()
    teams: Mapping[str, Team] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    rotations: Mapping[str, RotationSpec] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    maps: Mapping[str, MapSpec] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    clocks: Mapping[str, ClockSpec] = field(default_factory=dict)
    limits: LimitSpec = field(default_factory=LimitSpec)
    templates: Templates = field(default_factory=lambda: Templates({}))
    languages: Languages = field(default_factory=Languages)
    channel: str = "mail"
    rooms: frozenset[str] = frozenset()
    mode: Mode = "enforce"
    hands_off: Duration | None = None
    bounced: Bounced | None = None
    parent: str = ""
    """The field in which a ticket names the one it belongs to; empty where there is none."""
    calendar: str | None = None
    site: Mapping[str, str] = field(default_factory=dict)
    """What message texts may say about the desk: ``name``, ``reply_to``, ``url``."""
    made: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Room for what is made of these rules once, when first needed (see rules/compiled)."""

    def of(self, phase: str) -> Iterator[Rule]:
        """The rules of one phase, in file order."""
        key = f"of {phase}"
        found = self.made.get(key)
        if not isinstance(found, tuple):  # asked for every ticket: looked for once
            found = self.made[key] = tuple(rule for rule in self.rules if rule.phase == phase)
        return iter(found)

    def clocks_used(self) -> tuple[str, ...]:
        """The clocks that some escalation watches."""
        found = self.made.get("clocks used")
        if not isinstance(found, tuple):
            used = dict.fromkeys(rule.clock for rule in self.of("escalate"))
            found = self.made["clocks used"] = tuple(used)
        return found

    def find(self, rule_id: str) -> Rule | None:
        """The rule named *rule_id*."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)

    def in_epoch(self, epoch: int) -> Self:
        """The same rules for an appliance that was restored *epoch* times."""
        if not epoch:
            return self
        return replace(self, rules=tuple(replace(rule, epoch=epoch) for rule in self.rules))

    def mode_of(self, rule: Rule) -> Mode:
        """The mode that counts: a rule may only lower what the file says."""
        if self.mode == "enforce":
            return rule.mode
        order: tuple[Mode, ...] = ("off", "shadow", "enforce")
        return min(self.mode, rule.mode, key=order.index)
