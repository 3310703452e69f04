"""The shape of what an admin writes; ``if``, ``event`` and ``then`` are read by their registries.

Strict on purpose: unknown keys are errors, and nothing is guessed.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kace_bridge.sla.calendar import CalendarSpec
from kace_bridge.sla.clock import ClockSpec
from kace_bridge.sla.duration import parse_duration

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
        if parse_duration(value).kind not in {"d", "w", "h"}:
            raise ValueError("a rotation turns every so many hours, days or weeks: 12h, 1d, 1w")
        return value


class TeamSpec(Strict):
    """A team. ``pick`` names the strategy that chooses a person from ``members``."""

    title: str = ""
    members: list[str] = Field(min_length=1)
    lead: str | None = None
    calendar: str | None = None
    pick: str = "least_loaded"
    rotation: RotationSpec | None = None
    weights: dict[str, float] = {}
    email: str = ""


class GroupSpec(Strict):
    """People by login name, by e-mail pattern (``*@exec.example.org``) or by location."""

    users: list[str] = []
    email: str | list[str] = []
    location: str | list[str] = []


class LimitSpec(Strict):
    """How much one run may do before it stops and asks."""

    changes_per_run: int = Field(default=60, ge=1)
    messages_per_run: int = Field(default=120, ge=1)
    changes_per_ticket_per_day: int = Field(default=8, ge=1)


class LevelSpec(Strict):
    """One level of an escalation: when on the clock, and what then."""

    at: str | dict[str, str]
    then: dict[str, Any]


class RuleSpec(Strict):
    """A rule of classify, route or notify."""

    id: Name
    title: str = ""
    event: Any = None
    if_: Any = Field(None, alias="if")
    then: dict[str, Any]
    mode: Mode = "enforce"
    priority: int = 0
    owner: str = ""
    review_by: str = ""


class EscalationSpec(Strict):
    """A rule of escalate: levels on a clock, each once per episode, in order."""

    id: Name
    title: str = ""
    clock: str
    if_: Any = Field(None, alias="if")
    levels: list[LevelSpec] = Field(min_length=1)
    catch_up: Literal["each", "latest", "none"] = "each"
    mode: Mode = "enforce"
    owner: str = ""
    review_by: str = ""


class RuleFile(Strict):
    """What any included file may hold; the main file adds the site's settings."""

    version: Literal[1] = 1
    calendars: dict[str, CalendarSpec] = {}
    teams: dict[str, TeamSpec] = {}
    groups: dict[str, GroupSpec] = {}
    clocks: dict[str, ClockSpec] = {}
    classify: list[RuleSpec] = []
    route: list[RuleSpec] = []
    escalate: list[EscalationSpec] = []
    notify: list[RuleSpec] = []
    tests: list[dict[str, Any]] = []
