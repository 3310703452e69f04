"""A working calendar as ``rules.yaml`` describes it."""

from datetime import date, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from kace_bridge.sla.duration import parse_duration
from kace_bridge.sla.holiday import public_holidays
from kace_bridge.sla.hours import Hours, nearest, parse_dates, parse_hours, parse_week

_STRICT = ConfigDict(frozen=True, strict=True, extra="forbid")


class HolidaySpec(BaseModel):
    """The public holidays a calendar keeps."""

    model_config = _STRICT

    country: str = Field(description="Two-letter country code.", examples=["US"])
    subdivision: str | None = Field(
        default=None, description="State or province code.", examples=["NY"]
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        public_holidays(self.country, self.subdivision)
        return self


class CalendarSpec(BaseModel):
    """When a site works: its hours, holidays and exceptions, in its own time zone."""

    model_config = _STRICT

    timezone: str = Field(default="UTC", examples=["America/New_York"])
    week: dict[str, list[str]] = Field(
        description="Hours by weekday; days not named are closed.",
        examples=[{"mon-fri": ["08:00-12:00", "13:00-17:00"]}],
    )
    holidays: HolidaySpec | None = None
    closed: list[str] = Field(
        default=[], description="More closed dates, or spans of dates.", examples=[["2026-12-24"]]
    )
    ical: list[str] = Field(
        default=[],
        description="iCalendar files beside the configuration; their whole-day events are closed.",
        examples=[["holidays.ics"]],
    )
    open: dict[str, list[str]] = Field(
        default={},
        description="Hours of single dates; they win over the week and over holidays.",
        examples=[{"2026-12-19": ["09:00-13:00"]}],
    )
    day: str | None = Field(
        default=None,
        description="Length of 1bd; by default the most usual length of an open weekday.",
        examples=["8h"],
    )

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        find_zone(name)
        return name

    @field_validator("week")
    @classmethod
    def _week_reads(cls, week: dict[str, list[str]]) -> dict[str, list[str]]:
        parse_week(week)
        return week

    @field_validator("closed")
    @classmethod
    def _closed_reads(cls, closed: list[str]) -> list[str]:
        for text in closed:
            parse_dates(text)
        return closed

    @field_validator("open")
    @classmethod
    def _open_reads(cls, opened: dict[str, list[str]]) -> dict[str, list[str]]:
        for text, spans in opened.items():
            if len(parse_dates(text)) != 1:
                raise ValueError(f"{text!r} is a span: give hours date by date")
            if not parse_hours(spans):
                raise ValueError(f"{text} has no hours: list it under closed instead")
        return opened

    @field_validator("day")
    @classmethod
    def _day_reads(cls, day: str | None) -> str | None:
        if day is not None:
            parse_day(day)
        return day

    @model_validator(mode="after")
    def _one_answer_per_date(self) -> Self:
        shut = {day for text in self.closed for day in parse_dates(text)}
        for text in self.open:
            if parse_dates(text)[0] in shut:
                raise ValueError(f"{text} is both open and closed: keep one of them")
        return self

    def exceptions(self) -> dict[date, Hours]:
        """The hours of every date that does not follow the week; empty where closed."""
        found: dict[date, Hours] = {day: () for text in self.closed for day in parse_dates(text)}
        for text, spans in self.open.items():
            found[parse_dates(text)[0]] = parse_hours(spans)
        return found


def find_zone(name: str) -> ZoneInfo:
    """The time zone called *name*; raises ValueError naming the nearest one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = nearest(name, available_timezones())
        raise ValueError(
            f"no time zone is called {name!r}: write one such as America/New_York.{hint}"
        ) from None


def parse_day(text: str) -> timedelta:
    """The length of a working day, ``8h`` or ``450m``; raises ValueError in plain words."""
    duration = parse_duration(text)
    if duration.is_business or not timedelta(0) < duration.nominal <= timedelta(days=1):
        raise ValueError(f"{text!r} is no length of a working day: write 8h or 450m")
    return duration.nominal
