"""Moments as people type them, and the present as the appliance sees it."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from kace_bridge.cli.context import App
from kace_bridge.errors import RetryLater, UsageError

if TYPE_CHECKING:
    from kace_bridge.sla.calendar import Calendar


def appliance_zone(app: App) -> tzinfo:
    """The zone in which people at this site speak of time."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(app.account().timezone)


def present(app: App) -> datetime:
    """Now by ``--at``, else by the appliance's clock; by this machine's where it is down."""
    from kace_bridge.clock import SystemClock

    given = app.now(appliance_zone(app))
    if given is not None:
        return given
    try:
        with app.open_client() as sma:
            sma.login()
            return sma.server_time or SystemClock().now()
    except RetryLater:
        return SystemClock().now()


def read_start(text: str | None, zone: tzinfo, now: datetime, option: str) -> datetime:
    """``2026-03-02`` (from midnight), ``2026-03-02T13:00``; now where nothing is given."""
    if text is None or text.strip().lower() == "now":
        return now
    day = _day(text)
    if day is not None:
        return datetime.combine(day, time(), zone)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} {text!r} is no time; write 2026-03-02 or 2026-03-02T13:00"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def read_end(
    text: str, zone: tzinfo, now: datetime, option: str, calendar: "Calendar | None" = None
) -> datetime:
    """``2026-03-06`` (that day included), ``2026-03-06T17:00``, ``fri 17:00``, ``3d``, ``4bh``.

    Lengths count from *now*. Raises UsageError for anything else, and for the past.
    """
    from kace_bridge.sync.simulate import parse_until

    day = _day(text)
    if day is not None:
        return datetime.combine(day + timedelta(days=1), time(), zone)
    try:
        return parse_until(text, now, zone, calendar)
    except UsageError as error:
        raise UsageError(str(error).replace("--until", option)) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) == len("2026-03-02") else None
    except ValueError:
        return None
