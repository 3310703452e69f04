"""Dates as the appliance writes them: local, without a zone, one-second resolution.

Source: contract section 3.7.
"""

from datetime import datetime, tzinfo

NO_DATE = frozenset({"", "empty", "0000-00-00 00:00:00", "0000-00-00"})


def parse_stamp(text: object, zone: tzinfo) -> datetime | None:
    """The instant *text* names in the appliance's *zone*; None for every way of saying "no date".

    An hour that occurs twice (autumn) is read as its first occurrence.
    """
    if not isinstance(text, str) or text in NO_DATE:
        return None
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=zone)


def format_stamp(instant: datetime, zone: tzinfo) -> str:
    """*instant* as the appliance writes and compares it: ``2026-03-02 09:01:13``."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
