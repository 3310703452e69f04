"""From a URL to an open store."""

from pathlib import Path

from kace_bridge.clock import Clock, SystemClock
from kace_bridge.errors import ConfigError
from kace_bridge.state.database import MEMORY, SqliteDatabase
from kace_bridge.state.schema import load_migrations, migrate, newer_schema, schema_version
from kace_bridge.state.store import Store

_SYSTEM_CLOCK = SystemClock()


def open_store(
    url: str = "sqlite:///kace-bridge.db",
    clock: Clock = _SYSTEM_CLOCK,
    *,
    read_only: bool = False,
) -> Store:
    """Open the store at *url*, made or brought up to date if need be.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``sqlite://:memory:``. With
    *read_only* nothing is created or migrated: a missing file reads as an empty store, an older
    one through a migrated copy in memory. Raises ConfigError (one line, with the cure) for a
    file that is damaged, readable by others, newer than this program or no store at all.
    """
    path = sqlite_path(url)
    if read_only and path != MEMORY:
        return Store(_open_for_reading(path, clock), clock)
    database = SqliteDatabase(path)
    try:
        migrate(database, load_migrations(), clock.now())
    except BaseException:
        database.close()
        raise
    return Store(database, clock)


def sqlite_path(url: str) -> str:
    """The file a ``sqlite:`` URL names; ConfigError for any other kind."""
    if url == f"sqlite://{MEMORY}":
        return MEMORY
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        scheme = url.partition(":")[0]
        if scheme in ("postgresql", "postgres"):
            raise ConfigError(
                ["state: PostgreSQL is not supported by this version; use sqlite:///FILE"]
            )
        raise ConfigError([f"state: {scheme!r} is no store; use sqlite:///FILE"])
    return path


def _open_for_reading(path: str, clock: Clock) -> SqliteDatabase:
    if not Path(path).exists():
        return _in_memory(None, clock)
    database = SqliteDatabase(path, read_only=True)
    try:
        version, newest = schema_version(database), load_migrations()[-1].number
        if version > newest:
            raise ConfigError([newer_schema(path, version, newest)])
        if version == newest:
            return database
        copy = _in_memory(database, clock)
    except BaseException:
        database.close()
        raise
    database.close()
    return copy


def _in_memory(source: SqliteDatabase | None, clock: Clock) -> SqliteDatabase:
    """A migrated copy of *source*, or an empty store, that nothing can be written to."""
    database = SqliteDatabase(MEMORY)
    if source is not None:
        database.load(source)
    migrate(database, load_migrations(), clock.now())
    database.forbid_writing()
    return database
