"""What rests after faults, until when, and how to have it asked before."""

from collections.abc import Iterator
from datetime import datetime

from kace_bridge.doctor.check import Check, warning
from kace_bridge.state import Store

_CURES = {
    True: "mend what the reason names; 'kace-bridge sync --now' asks the appliance at once",
    False: "mend what the reason names; its messages wait, one is tried after each rest",
}


def check_breakers(store: Store, now: datetime) -> Iterator[Check]:
    """A warning for the appliance and for each channel that failed too often, nothing otherwise."""
    for name, breaker in store.breakers().items():
        until = breaker.rests_until(now)
        if not breaker.is_open and until is None:
            continue
        kind, _, channel = name.partition(":")
        when = f"rests until {until.astimezone():%H:%M:%S}" if until else "asked again next time"
        what = f"{when}, {breaker.story}: {breaker.why}"
        yield warning(f"{kind} {channel}".strip(), what, _CURES[not channel])
