"""A clock as ``rules.yaml`` describes it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from kace_bridge.sla.duration import Duration, parse_duration
from kace_bridge.sla.hours import nearest

_STRICT = ConfigDict(frozen=True, strict=True, extra="forbid")

StateName = Literal["opened", "closed", "stalled"]

_STATES = ("opened", "closed", "stalled")
_STARTS = ("created", "reopened")
_STOPS = ("first_staff_reply", "closed", "submitter_reply", "owner_assigned")
_SHAPES = {"status": "{status: [Closed]}", "state": "{state: stalled}"}
_REOPENS = ("resume", "restart", "ignore")


class StatusIn(BaseModel):
    """While the ticket has one of these statuses, by name in any case."""

    model_config = _STRICT

    status: list[str] = Field(min_length=1, examples=[["Need More Info"]])

    def holds(self, status: str | None, state: str | None) -> bool:  # noqa: ARG002 -- one shape
        """Whether a ticket so placed is meant."""
        return status is not None and status.casefold() in {name.casefold() for name in self.status}


class StateIs(BaseModel):
    """While the ticket's status has this state, save for the statuses excepted."""

    model_config = _STRICT

    state: StateName
    excepted: list[str] = Field(default=[], alias="except", examples=[["New"]])

    def holds(self, status: str | None, state: str | None) -> bool:
        """Whether a ticket so placed is meant."""
        if state != self.state:
            return False
        return status is None or status.casefold() not in {n.casefold() for n in self.excepted}


Condition = StatusIn | StateIs


class ClockSpec(BaseModel):
    """What a clock measures: when it starts, stops and stands still, and its target."""

    model_config = _STRICT

    calendar: str | None = Field(default=None, description="Whose hours count; none: 24x7.")
    start: Literal["created", "reopened"] | StatusIn | StateIs
    stop: Literal["first_staff_reply", "closed", "submitter_reply", "owner_assigned"] | StatusIn
    target: str | dict[str, str | dict[str, str]] | None = Field(
        default=None,
        description="A duration, {end_of: 1bd}, or one of these for each priority ('*': others).",
        examples=["1bd", {"High": "1bd", "*": "5bd"}],
    )
    pause: StatusIn | StateIs | None = Field(
        default=None, description="While this holds, the clock stands still."
    )
    on_reopen: Literal["resume", "restart", "ignore"] | None = Field(
        default=None,
        description="What a re-opening does to a clock that starts at creation. If not said: a"
        " clock that stops at closing resumes; any other, which waits for an answer, restarts.",
    )

    @property
    def reopening(self) -> Literal["resume", "restart", "ignore"]:
        """What a re-opening does, said or not: whoever re-opens waits for a new answer."""
        return self.on_reopen or ("resume" if self.stop == "closed" else "restart")

    @field_validator("start", mode="before")
    @classmethod
    def _start_reads(cls, value: object) -> object:
        return _check_choice("start", value, _STARTS, ("status", "state"))

    @field_validator("stop", mode="before")
    @classmethod
    def _stop_reads(cls, value: object) -> object:
        return _check_choice("stop", value, _STOPS, ("status",))

    @field_validator("pause", mode="before")
    @classmethod
    def _pause_reads(cls, value: object) -> object:
        return value if value is None else _check_choice("pause", value, (), ("status", "state"))

    @field_validator("on_reopen", mode="before")
    @classmethod
    def _reopen_reads(cls, value: object) -> object:
        return value if value is None else _check_choice("on_reopen", value, _REOPENS, ())

    @field_validator("target", mode="before")
    @classmethod
    def _target_reads(cls, target: object) -> object:
        for text in _targets(target):
            if parse_duration(text).nominal <= timedelta(0) and not _is_close(text):
                raise ValueError(f"the target {text!r} is no time at all: write 1bd or 4bh")
        return target

    def target_for(self, priority: str | None) -> Duration | None:
        """The target of a ticket of that *priority* (in any case), or of ``*``; None without."""
        target: object = self.target
        if isinstance(target, dict) and not _is_close(target):
            wanted = (priority or "*").casefold()
            named = (text for name, text in target.items() if name.casefold() == wanted)
            target = next(named, target.get("*"))
        return None if target is None else parse_duration(target)


def _targets(target: object) -> list[object]:
    if target is None:
        return []
    if isinstance(target, Mapping) and not _is_close(target):
        if not target:
            raise ValueError("a target names no priority: write High: 1bd, or '*': 5bd for others")
        return list(target.values())
    return [target]


def _is_close(target: object) -> bool:
    return isinstance(target, dict) and target.keys() == {"end_of"}


def _check_choice(
    what: str, value: object, words: tuple[str, ...], keys: tuple[str, ...]
) -> object:
    """*value* itself; ValueError in plain words where it is neither a word nor a condition.

    Said here, because pydantic would list the faults of every alternative.
    """
    if isinstance(value, BaseModel) or (isinstance(value, str) and value in words):
        return value
    choices = [*words, *(_SHAPES[key] for key in keys)]
    cure = f"write {', '.join(choices[:-1])} or {choices[-1]}"
    if not isinstance(value, Mapping) or not keys:
        raise ValueError(f"{value!r} is no {what} of a clock: {cure}.{nearest(str(value), words)}")
    if len([key for key in keys if key in value]) != 1:
        raise ValueError(f"{what} asks for one condition: {cure}")
    known = ("status",) if "status" in value else ("state", "except")
    for key in value:
        if key not in known:
            raise ValueError(f"{key!r} does not belong here: {cure}")
    _check_condition(value)
    return value


def _check_condition(value: Mapping[str, object]) -> None:
    names = value["status"] if "status" in value else value.get("except", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"statuses are a list of names: write [{names}]")
    if "status" in value and not names:
        raise ValueError("no status is named: write {status: [Closed]}")
    if "state" in value and value["state"] not in _STATES:
        state = value["state"]
        raise ValueError(
            f"{state!r} is no state: write opened, closed or stalled.{nearest(str(state), _STATES)}"
        )
