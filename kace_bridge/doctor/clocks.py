"""Time: this machine's clock, the appliance's, and the zone its dates are meant in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kace_bridge.clock import Clock
from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.sma import Sma

NOTICEABLE = timedelta(seconds=60)
TOO_FAR = timedelta(hours=1)
FRESH = timedelta(minutes=15)
AHEAD = timedelta(minutes=2)
"""Dates have whole seconds and clocks tick between two readings."""


def check_clocks(sma: Sma, clock: Clock) -> Iterator[Check]:
    """The ``Date`` header against this machine, and the newest change against ``Date``."""
    before = clock.now()
    newest = sma.tickets.newest()
    local = before + (clock.now() - before) / 2
    server = sma.server_time
    if server is None:
        cure = "is there a proxy that strips headers?"
        yield warning("clock", "the appliance tells no time (no Date header)", cure)
        return
    yield check_offset(server - local)
    yield check_zone(newest.modified if newest else None, server, str(sma.timezone))


def check_offset(offset: timedelta) -> Check:
    """*offset*: the appliance's clock minus this machine's."""
    size = abs(offset)
    if size < NOTICEABLE:
        return ok("clock", "this machine and the appliance agree to the minute")
    way = "ahead of" if offset > timedelta(0) else "behind"
    what = f"the appliance's clock is {_span(size)} {way} this machine's"
    cure = "let both take their time from the same server (NTP)"
    return error("clock", what, cure) if size >= TOO_FAR else warning("clock", what, cure)


def check_zone(modified: datetime | None, server: datetime, zone: str) -> Check:
    """Whether the newest change, read in the configured zone, lies in the past.

    A zone too far west makes it lie ahead, which proves the mistake; one too far east only makes
    it look old. Source: contract section 3.7 (dates carry no zone).
    """
    if modified is None:
        cure = "run doctor again after somebody saved a ticket"
        return ok("zone", f"{zone}: no ticket to compare with", cure)
    age = server - modified
    if age < -AHEAD:
        naive = modified.replace(tzinfo=None) - server.replace(tzinfo=None)
        what = f"{zone}: the newest change would lie {_span(-age)} ahead"
        cure = f"set appliance.timezone to the appliance's own, UTC{_offset(naive)} or further east"
        return error("zone", what, cure)
    if age <= FRESH:
        return ok("zone", f"{zone}: the newest change is {_span(max(age, timedelta(0)))} old")
    what = f"{zone}: not contradicted, but the newest change is {_span(age)} old"
    return ok("zone", what, "run doctor again right after somebody saved a ticket")


def _offset(span: timedelta) -> str:
    """An offset from UTC to the nearest quarter of an hour, the finest there is."""
    quarters = round(span / timedelta(minutes=15))
    hours, minutes = divmod(abs(quarters) * 15, 60)
    return f"{'-' if quarters < 0 else '+'}{hours:02}:{minutes:02}"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    days, rest = divmod(seconds // 60, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2])
