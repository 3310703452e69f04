"""The shape of what an admin writes; ``if``, ``event`` and ``then`` are read by their registries.

Strict on purpose: unknown keys are errors, and nothing is guessed.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from kace_bridge.sla.calendar import CalendarSpec
from kace_bridge.sla.clock import ClockSpec
from kace_bridge.sla.duration import parse_duration, parse_level

Mode = Literal["off", "shadow", "enforce"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]


class Strict(BaseModel):
    """Base of every configuration model: no unknown keys, no coercion, no mutation."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class RotationSpec(Strict):
    """An on-call rotation: members take turns, ``every`` so long, counted ``from`` a day."""

    every: str = "1w"
    start: str = Field(alias="from")
    overrides: dict[str, str] = {}

    @field_validator("every")
    @classmethod
    def _every(cls, value: str) -> str:
        every = parse_duration(value)
        if every.kind not in {"d", "w", "h"} or every.amount < 1:
            raise ValueError("a rotation turns every so many hours, days or weeks: 12h, 1d, 1w")
        return value

    @field_validator("start")
    @classmethod
    def _start(cls, value: str) -> str:
        return _day(value)

    @field_validator("overrides")
    @classmethod
    def _overrides(cls, value: dict[str, str]) -> dict[str, str]:
        for day in value:
            _day(day)
        return value


class MapSpec(Strict):
    """Who takes what: the values of a field to login names, ``else`` for all others."""

    field: str
    values: dict[str, str] = Field(min_length=1)
    otherwise: str = Field("least_loaded", alias="else")


class TeamSpec(Strict):
    """A team. ``pick`` names the strategy that chooses a person from ``members``."""

    title: str = ""
    members: list[str] = Field(min_length=1)
    lead: str | None = None
    calendar: str | None = None
    pick: str = "least_loaded"
    rotation: RotationSpec | None = None
    weights: dict[str, float] = {}
    mapped: MapSpec | None = Field(None, alias="map")
    email: str = ""


class GroupSpec(Strict):
    """People by login name, by e-mail pattern (``*@exec.example.org``) or by location."""

    users: list[str] = []
    email: str | list[str] = []
    location: str | list[str] = []


class LimitSpec(Strict):
    """How much one run may do before it stops and asks.

    ``changes_per_rule`` and ``share_of_open`` (part of the open tickets that were known before,
    never less than five) hold only where they are given.
    """

    changes_per_run: int = Field(default=60, ge=1)
    changes_per_rule: int | None = Field(default=None, ge=1)
    share_of_open: float | None = Field(default=None, gt=0, le=1)
    messages_per_run: int = Field(default=120, ge=1)
    changes_per_ticket_per_day: int = Field(default=8, ge=1)


class BouncedSpec(Strict):
    """When rules stop moving a ticket: after so many moves between teams, within so long."""

    moves: int = Field(default=3, ge=2, le=100)
    within: str | None = None

    @field_validator("within")
    @classmethod
    def _within(cls, value: str | None) -> str | None:
        if value is not None:
            parse_duration(value)
        return value


class LevelSpec(Strict):
    """One level of an escalation: when on the clock, and what then."""

    at: str | dict[str, str]
    then: dict[str, Any]

    @field_validator("at", mode="before")
    @classmethod
    def _at(cls, value: object) -> object:
        parse_level(value)
        return value


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError(f"'{value}' is not a day: write it as \"2026-03-31\"")
    return value


Day = Annotated[str, AfterValidator(_day)]
"""A date as text, in the one form that sorts and cannot be misread."""


class AnyRuleSpec(Strict):
    """What every rule may say about itself."""

    id: Name = Field(description="Its name in decisions and reports; unique across all files.")
    title: str = Field("", description="What it is for, in the words of a reader of messages.")
    if_: Any = Field(None, alias="if", description="The condition; none means every ticket.")
    mode: Mode = Field(
        "enforce",
        description="`shadow` records what it would do and does nothing, `off` leaves it out;"
        " it can only lower the `mode` of the file.",
    )
    owner: str = Field("", description="Who answers for the rule.")
    review_by: Day | None = Field(None, description="The day by which somebody should look again.")
    valid_from: Day | None = Field(
        None, description="The first day it applies, in the zone of the site's calendar."
    )
    valid_until: Day | None = Field(None, description="The last day it applies.")
    moved_from: Name | None = Field(
        None,
        description="The id it had before it was renamed, so that nothing fires again. Keep it"
        " for good; after a second renaming it still names the first id.",
    )
    generation: int = Field(
        1, ge=1, description="Raise it to let the rule fire once more where it has fired already."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("'valid_until' lies before 'valid_from'")
        return self


class RuleSpec(AnyRuleSpec):
    """A rule of classify, route or notify."""

    event: Any = Field(None, description="The happening it waits for; none means every one.")
    then: dict[str, Any] = Field(description="What it does.")
    priority: int = Field(
        0,
        description="Where two rules of a phase set one field differently the higher one wins;"
        " equal ones are a conflict, and neither is applied.",
    )


class RouteSpec(RuleSpec):
    """A rule of route."""

    hands_off: str | Literal[False] | None = Field(
        None,
        description="How long this rule leaves an owner alone whom a person chose, instead of the"
        " site's `hands_off`; `false` for not at all.",
    )

    @field_validator("hands_off")
    @classmethod
    def _duration(cls, value: str | Literal[False] | None) -> str | Literal[False] | None:
        if value is not None and value is not False:
            parse_duration(value)
        return value


class EscalationSpec(AnyRuleSpec):
    """A rule of escalate: levels on a clock, each once per episode, in order."""

    clock: str = Field(description="The clock its levels are read on.")
    levels: list[LevelSpec] = Field(min_length=1, description="When on the clock, and what then.")
    catch_up: Literal["each", "latest", "none"] = Field(
        "each", description="Which of several levels that fell due meanwhile are carried out."
    )


class RuleFile(Strict):
    """What any included file may hold; the main file adds the site's settings."""

    version: Literal[1] = 1

    @field_validator("version", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, bool):  # true equals 1 in Python, and is no version
            raise ValueError("write version: 1")
        return value

    calendars: dict[str, CalendarSpec] = {}
    teams: dict[str, TeamSpec] = {}
    groups: dict[str, GroupSpec] = {}
    clocks: dict[str, ClockSpec] = {}
    classify: list[RuleSpec] = []
    route: list[RouteSpec] = []
    escalate: list[EscalationSpec] = []
    notify: list[RuleSpec] = []
    tests: list[dict[str, Any]] = []
