"""Every error kace-bridge raises on purpose, grouped by what the caller should do.

::

    KaceBridgeError
    ├── ConfigError       stop before starting; holds every problem found      exit 78
    ├── LoginRefused      stop; one attempt was made, the account is safe      exit 77
    ├── RetryLater        appliance down, throttled, lease held by another     exit 75
    │   ├── Stumbled      a read answered 500: perhaps it is this one thing alone
    │   ├── NotSent       a write that surely never reached the appliance
    │   ├── LeaseHeld     another run is at work: no fault, nothing to wait longer for
    │   ├── StoreBusy     the state store, not the appliance, cannot be had now
    │   └── Resting       the appliance failed too often lately: it was not asked
    ├── UnexpectedReply   the answer is not what the contract says             exit 75
    ├── OutcomeUnknown    a write may or may not have happened: look, wait     exit 1
    ├── Refused           the appliance said no to this one request            exit 1
    │   └── NotFound      the thing asked for is not there (any more)
    ├── Held              more than the limits allow: nothing was applied      exit 4
    │   └── SafeMode      the appliance is not what it was: somebody must look
    └── UsageError        the command cannot be carried out as written         exit 2

A class exists only where somebody handles it differently. Foreign exceptions (requests,
sqlite3, smtplib) are translated once, at the edge, with ``raise ... from``.
Exit codes follow sysexits, so that schedulers can read them.
"""

from collections.abc import Sequence


class KaceBridgeError(Exception):
    """Base of all errors above; ``exit_code`` is what the program ends with."""

    exit_code = 1


class ConfigError(KaceBridgeError):
    """The configuration cannot be used; ``problems`` lists everything found, in file order."""

    exit_code = 78

    def __init__(self, problems: Sequence[object]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LoginRefused(KaceBridgeError):
    """The appliance did not accept the account; never retried, so that it is not locked out."""

    exit_code = 77


class RetryLater(KaceBridgeError):
    """Nothing is wrong with the request; ``retry_after`` is the wait asked for, in seconds."""

    exit_code = 75

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Stumbled(RetryLater):
    """A read was answered with status 500, also when repeated: perhaps of one ticket alone."""


class NotSent(RetryLater):
    """The request did not reach the appliance: name, connection or TLS failed before sending."""


class LeaseHeld(RetryLater):
    """Another process holds the lease and does the work; the message names it."""


class StoreBusy(RetryLater):
    """The state store or the lease on it cannot be had now; the appliance is not to blame."""


class Resting(RetryLater):
    """Nothing was asked of an appliance that failed too often lately; ``retry_after`` is set."""


class UnexpectedReply(KaceBridgeError):
    """A reply that is not JSON of the promised shape (a proxy's page, a cut body)."""

    exit_code = 75


class OutcomeUnknown(KaceBridgeError):
    """A write left this machine and no trustworthy answer came back. Never repeat it blindly."""


class Refused(KaceBridgeError):
    """The appliance understood the request and declined; ``status`` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Refused):
    """No such ticket, queue or user, or it is hidden from this account."""


class Held(KaceBridgeError):
    """The plan is larger than the limits; it waits for approval and nothing was applied."""

    exit_code = 4


class SafeMode(Held):
    """The appliance contradicts what is known of it: nothing is written until ``resync``."""


class UsageError(KaceBridgeError):
    """The command names something that does not exist or contradicts itself."""

    exit_code = 2
