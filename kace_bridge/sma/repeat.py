"""Reading again after a failure that may pass. Loaded with the first failure: few runs have one."""

import logging
import random
from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from kace_bridge.errors import RetryLater

log = logging.getLogger(__name__)
T = TypeVar("T")

TRIES = 3
_BACKOFF = wait_random_exponential(multiplier=0.5, max=8)


def repeat(
    read: Callable[[], T],
    failed: Exception,
    worth_repeating: Callable[[BaseException], bool],
    sleep: Callable[[float], None],
) -> T:
    """What *read* gives at its second or third try; *failed* is how the first ended.

    Raises what the last try raised, or at once what is not *worth_repeating*.
    """
    first = [failed]

    def attempt() -> T:
        if first:
            raise first.pop()
        return read()

    repeating = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=_wait,
        retry=retry_if_exception(worth_repeating),
        sleep=sleep,
        before_sleep=_note_repeat,
        reraise=True,
    )
    return repeating(attempt)


def _wait(state: RetryCallState) -> float:
    """Full jitter that grows to 8 s; a wait the appliance asks for is kept, with a little more."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RetryLater) else None
    if asked is None:
        return _BACKOFF(state)
    return asked + random.uniform(0, 0.5)  # noqa: S311 -- spreads load, guards nothing


def _note_repeat(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("reading again", extra={"attempt": state.attempt_number, "reason": str(error)})
