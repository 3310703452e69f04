"""Syncing again and again in one process: when to go on, when to wait longer, when to end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from kace_bridge.errors import (
    ConfigError,
    KaceBridgeError,
    LeaseHeld,
    LoginRefused,
    Resting,
    SafeMode,
)

LONGEST = timedelta(minutes=15)
"""The longest wait after failures."""
_LATER = 75


class Ending(Protocol):
    """Somebody may ask the loop to end."""

    def is_set(self) -> bool:
        """Whether it was asked to."""
        ...

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds; at once True when asked to end meanwhile."""
        ...


class Stopped(BaseException):
    """Raised inside a run, between two steps, to end it: what was committed stays true.

    No Exception: nothing between the run and the loop may take it for a failure of its own.
    """


@dataclass(frozen=True, slots=True)
class Told:
    """What the loop says of a round that failed: why, and when the next one begins."""

    error: KaceBridgeError
    wait_s: float


def watch(
    once: Callable[[], object],
    *,
    every: timedelta,
    ending: Ending,
    monotonic: Callable[[], float],
    failed: Callable[[Told], object],
    rounds: int | None = None,
) -> None:
    """Call *once* from start to start *every* so often until *ending*, or so many *rounds*.

    A round that says "try later" (exit code 75) doubles the wait, up to 15 minutes or what the
    other side asked for; a success sets it back. A refused login is raised: going on would lock
    the account. A configuration that cannot be used is raised in the first round, later waited
    out, since somebody may be at work on it. Where another worker holds the lease nothing is
    wrong: this one stands by at its pace, and says so once; so it does in safe mode. Anything else
    is raised.
    """
    failures, done, worked, standing_by = 0, 0, False, False
    while not ending.is_set() and (rounds is None or done < rounds):
        began = monotonic()
        wait = every.total_seconds()
        try:
            once()
            failures, worked, standing_by = 0, True, False
        except Stopped:
            return
        except (LeaseHeld, SafeMode) as error:
            failures = 0
            if not standing_by:
                failed(Told(error, wait))
            standing_by = True
        except LoginRefused:
            raise
        except Resting as error:
            # Nothing was asked: no further failure, and the wait is known.
            wait = max(wait, error.retry_after or 0.0)
            failed(Told(error, wait))
        except KaceBridgeError as error:
            if error.exit_code != _LATER and not (isinstance(error, ConfigError) and worked):
                raise
            failures += 1
            wait = min(wait * 2 ** min(failures, 16), max(wait, LONGEST.total_seconds()))
            wait = max(wait, getattr(error, "retry_after", None) or 0.0)
            failed(Told(error, wait))
        done += 1
        if rounds is None or done < rounds:
            ending.wait(max(0.0, wait - (monotonic() - began)))
