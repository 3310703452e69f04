"""One connection to PostgreSQL: how it is set up, and how our SQL is put to it."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kace_bridge.errors import ConfigError
from kace_bridge.state.database import Result, Value
from kace_bridge.state.postgres_url import Address

if TYPE_CHECKING:
    import psycopg

BEGIN = "BEGIN; SELECT pg_advisory_xact_lock(%s, 0), pg_current_xact_id()::text"
"""Starts a write transaction: waits for its turn, and learns by which number to ask about it."""
_CONNECT_S = 5
_IDLE_MS = 8_000
_LOCK_MS = 10_000
_SETTINGS = (
    # A worker that is stopped in a transaction must not stop the others: the server ends it.
    f"SET idle_in_transaction_session_timeout = {_IDLE_MS}",
    f"SET lock_timeout = {_LOCK_MS}",
    "SET synchronous_commit = on",
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)
_HAS_SCHEMA = "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s"
_REPLICA = (
    "the state store {name} is a read-only replica; name the primary, "
    "or list the hosts and add ?target_session_attrs=read-write"
)
_ENCODING = (
    "the database of {name} holds {encoding}, not every text fits in; "
    "make one with: createdb --encoding=UTF8 --template=template0 NAME"
)
_MISSING = "PostgreSQL needs one package more: pip install 'kace-bridge[postgres]'"


def require_driver() -> None:
    """Raise ConfigError, naming the cure, where psycopg is not installed."""
    try:
        import psycopg  # noqa: F401 -- whether it is there
    except ImportError as error:
        raise ConfigError([_MISSING]) from error


def connect(address: Address, *, read_only: bool) -> "psycopg.Connection[Any]":
    """Connect, and make sure that what is promised of a store can be kept.

    Raises ConfigError where it cannot, and psycopg's errors.
    """
    import psycopg

    raw = psycopg.connect(
        address.conninfo, autocommit=True, connect_timeout=_CONNECT_S, client_encoding="utf8",
        application_name="kace-bridge", cursor_factory=psycopg.ClientCursor,
    )  # fmt: skip
    try:
        _prepare(raw, address, read_only=read_only)
    except BaseException:
        raw.close()
        raise
    return raw


def _prepare(raw: "psycopg.Connection[Any]", address: Address, *, read_only: bool) -> None:
    for setting in _SETTINGS:
        raw.execute(setting)
    encoding = raw.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise ConfigError([_ENCODING.format(name=address.name, encoding=encoding)])
    if read_only:
        raw.execute("SET default_transaction_read_only = on")
    elif one(raw.execute("SHOW transaction_read_only")) == "on":
        raise ConfigError([_REPLICA.format(name=address.name)])
    elif one(raw.execute(_HAS_SCHEMA, (address.schema,))) is None:
        raw.execute(BEGIN, (address.lock,))
        raw.execute(f"CREATE SCHEMA IF NOT EXISTS {address.quoted}")
        raw.execute("COMMIT")
    raw.execute(f"SET search_path TO {address.quoted}")


class Session:
    """A psycopg connection that takes ``?`` for a value, as the rest of the package writes it."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self._raw = raw

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Result:
        return self._raw.execute(_native(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> Result:
        """All rows in one go: the server binds the values, so nothing is waited for between."""
        import psycopg

        cursor = psycopg.Cursor(self._raw)
        cursor.executemany(_native(sql), parameters)
        return cursor


@lru_cache(maxsize=512)
def _native(sql: str) -> Any:
    """*sql* as psycopg takes it; text sorts by code point, as in SQLite, whatever the locale."""
    if sql.lstrip().startswith(("CREATE TABLE", "ALTER TABLE")):
        sql = sql.replace(" TEXT", ' TEXT COLLATE "C"')
    return sql.replace("%", "%%").replace("?", "%s")


def one(result: Any, place: int = 0) -> object:
    """A value of the first row; None where there is none."""
    row = result.fetchone()
    return None if row is None else row[place]
