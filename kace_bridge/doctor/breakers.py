"""What rests after faults, until when, and how to have it asked before."""

from collections.abc import Iterator
from datetime import datetime

from kace_bridge.doctor.check import Check, error, warning
from kace_bridge.state import Store

_APPLIANCE = "mend what the reason names; 'kace-bridge sync --now' asks the appliance at once"
_CHANNEL = (
    "mend what the reason names; its messages wait, one is tried after each rest; all at once"
)
_GONE = "give the channel its new address; its messages wait, and are tried again"


def check_breakers(store: Store, now: datetime) -> Iterator[Check]:
    """A warning for the appliance and for each channel that failed too often, an error for a
    channel that is gone, nothing otherwise."""
    for name, breaker in store.breakers().items():
        until = breaker.rests_until(now)
        if not breaker.is_open and until is None:
            continue
        kind, _, channel = name.partition(":")
        named = f"{kind} {channel}".strip()
        retry = f"after 'kace-bridge outbox retry --channel {channel}'"
        if breaker.gone:
            what = f"is not asked any more: {breaker.why}"
            yield error(named, what, f"{_GONE} {retry}")
            continue
        when = f"rests until {until.astimezone():%H:%M:%S}" if until else "asked again next time"
        what = f"{when}, {breaker.story}: {breaker.why}"
        yield warning(named, what, f"{_CHANNEL} {retry}" if channel else _APPLIANCE)
