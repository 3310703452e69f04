"""What psycopg's errors mean to us: wait, put the settings right, or a fault of the program."""

import psycopg
from psycopg import errors

from kace_bridge.errors import ConfigError, KaceBridgeError, StoreBusy

_BUSY = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.QueryCanceled,
)
_SETTINGS = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "invalid",
    "permission denied",
    "authentication",
    "certificate",
    "could not translate host name",
    "failed to resolve",
)
"""What a refused connection says where waiting would not help."""
_NOT_ALLOWED = (
    "the state store {name}: {detail}; let this account create and use its schema: "
    "GRANT CREATE ON DATABASE ... TO ..."
)


def translate(error: psycopg.Error, name: str) -> KaceBridgeError:
    """*error*, which the store *name* met, as one line of our own."""
    detail = _one_line(error)
    if isinstance(error, _BUSY):
        return StoreBusy(f"the state store {name} is busy: another process is writing to it")
    if isinstance(error, errors.IdleInTransactionSessionTimeout):
        return StoreBusy(f"stood still while writing to the state store {name}: it was undone")
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return ConfigError([f"the state store {name} is open for reading only"])
    if isinstance(error, errors.InsufficientPrivilege):
        return ConfigError([_NOT_ALLOWED.format(name=name, detail=detail)])
    if isinstance(error, errors.DiskFull):
        return StoreBusy(f"the state store {name} cannot be written ({detail}); free some space")
    if isinstance(error, errors.DataCorrupted | errors.IndexCorrupted):
        return ConfigError([
            f"the state store {name} is damaged ({detail}); restore the server's newest backup"
        ])  # fmt: skip
    if isinstance(error, psycopg.OperationalError):
        return _connection(error, name, detail)
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return ConfigError([f"state: {name} cannot be used as a URL ({detail})"])
    return KaceBridgeError(f"the state store {name}: {detail}")


def _connection(error: psycopg.OperationalError, name: str, detail: str) -> KaceBridgeError:
    refused = error.sqlstate is None or error.sqlstate.startswith(("28", "3D"))
    if refused and any(words in detail.casefold() for words in _SETTINGS):
        return ConfigError([f"the state store {name} cannot be opened ({detail})"])
    return StoreBusy(f"the state store {name} does not answer ({detail})")


def _one_line(error: psycopg.Error) -> str:
    primary = error.diag.message_primary
    text = " ".join((primary or str(error)).split())
    return text[:300] or type(error).__name__
