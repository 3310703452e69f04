"""What deliveries have in common: how long to wait, and how to say what went wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from kace_bridge.model.message import Outcome
from kace_bridge.model.text import clean_line

CREDENTIALS = "credentials refused"
"""How the reason begins when the server refused our account: no message is to blame."""
_LONGEST_REASON = 200
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: to connect, for an answer, and for the answer to a whole mail.

    RFC 5321 section 4.5.3.2.6 allows ten minutes for the last; we hold a lease on the message
    meanwhile, so we wait less and repeat the same bytes instead.
    """

    connect_s: float = 10.0
    answer_s: float = 10.0
    accept_s: float = 120.0


def refused_for_now(reason: str, retry_after: float | None = None) -> Outcome:
    """Try again later."""
    return Outcome("retry", reason, retry_after)


def unreachable(reason: str) -> Outcome:
    """The way there or the server is at fault and no message: try again later."""
    return Outcome("retry", reason, channel_wide=True)


def gone(reason: str) -> Outcome:
    """The receiver wants nothing any more: no message is to blame, and none is to follow."""
    return Outcome("retry", reason, gone=True)


def dead(reason: str) -> Outcome:
    """Trying again would not help."""
    return Outcome("dead", reason)


def fault_of(error: BaseException) -> str:
    """What *error* says, short and on one line."""
    said = getattr(error, "strerror", None) or str(error)
    return clean_line(str(said) or type(error).__name__, _LONGEST_REASON)


def without(text: str, secrets: Iterable[str | None]) -> str:
    """*text* on one line with each of *secrets* masked."""
    for secret in secrets:
        if secret and len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return clean_line(text, _LONGEST_REASON)
