"""Letting the appliance rest: a sync that comes while the breaker is open asks it nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from kace_bridge.errors import (
    LeaseHeld,
    LoginRefused,
    Resting,
    RetryLater,
    SafeMode,
    StoreBusy,
    UnexpectedReply,
)
from kace_bridge.model.text import clean_line
from kace_bridge.sync.wire import Bridge

APPLIANCE = "appliance"
"""The name of its breaker in the store."""


@contextmanager
def breaker(bridge: Bridge, *, anyway: bool) -> Iterator[None]:
    """Record how the block ends for the syncs to come. Raises Resting, unless *anyway*.

    Held under the sync's lease, so that of several workers one asks. What is wrong with the store
    or the configuration says nothing about the appliance.
    """
    store, before = bridge.store, bridge.store.breaker(APPLIANCE)
    now = bridge.clock.now()
    until = before.rests_until(now)
    if until is not None and not anyway:
        raise Resting(
            f"the appliance rests until {until.astimezone(bridge.zone):%Y-%m-%d %H:%M:%S %Z}:"
            f" {before.why}; 'kace-bridge sync --now' asks it all the same",
            retry_after=(until - now).total_seconds(),
        )
    try:
        yield
    except (LeaseHeld, StoreBusy):
        raise
    except (RetryLater, UnexpectedReply) as error:
        asked = error.retry_after if isinstance(error, RetryLater) else None
        why = clean_line(str(error), 200)
        store.set_breaker(APPLIANCE, before.failed(bridge.clock.now(), why, asked_s=asked))
        raise
    except (LoginRefused, SafeMode):
        store.set_breaker(APPLIANCE, before.answered())
        raise
    store.set_breaker(APPLIANCE, before.answered())
