"""From a URL to an open store."""

from pathlib import Path

from kace_bridge.clock import Clock, SystemClock
from kace_bridge.errors import ConfigError
from kace_bridge.state.copying import copy_store
from kace_bridge.state.database import MEMORY, Database, SqliteDatabase
from kace_bridge.state.postgres_url import is_postgres, parse_address
from kace_bridge.state.schema import load_migrations, migrate, newer_schema, schema_version
from kace_bridge.state.store import Store

_SYSTEM_CLOCK = SystemClock()
FORMS = "use sqlite:///FILE or postgresql://HOST/DATABASE"


def open_store(
    url: str = "sqlite:///kace-bridge.db",
    clock: Clock = _SYSTEM_CLOCK,
    *,
    read_only: bool = False,
) -> Store:
    """Open the store at *url*, made or brought up to date if need be.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``sqlite://:memory:`` or
    ``postgresql://USER@HOST/DATABASE?schema=NAME``. With *read_only* nothing is created or
    migrated: a missing store reads as an empty one, an older one through a migrated copy in
    memory. Raises ConfigError (one line, with the cure) for a store that is damaged, readable by
    others, newer than this program or no store at all; RetryLater for a server that is down.
    """
    if read_only and url != f"sqlite://{MEMORY}":
        return Store(_open_for_reading(url, clock), clock)
    database = _connect(url)
    try:
        migrate(database, load_migrations(), clock.now())
    except BaseException:
        database.close()
        raise
    return Store(database, clock)


def store_exists(url: str) -> bool:
    """Whether there is a store at *url*. Raises what open_store raises."""
    if not is_postgres(url):
        return Path(sqlite_path(url)).exists()
    database = _connect(url, read_only=True)
    try:
        return bool(database.tables())
    finally:
        database.close()


def shown_url(url: str) -> str:
    """Where *url* leads, for messages to people: a file's path, a server without its password."""
    return parse_address(url).name if is_postgres(url) else sqlite_path(url)


def copy_to(url: str, target: str, clock: Clock = _SYSTEM_CLOCK) -> tuple[str, str]:
    """Copy the store at *url* to *target*; both as people know them.

    Raises ConfigError where there is a store at *target* already.
    """
    if store_exists(target):
        raise ConfigError([f"there is a store at {shown_url(target)} already; name another place"])
    source = _connect(url, read_only=True)
    try:
        new = _connect(target)
        try:
            copy_store(source, new, clock.now())
            migrate(new, load_migrations(), clock.now())
            return source.name, new.name
        finally:
            new.close()
    finally:
        source.close()


def sqlite_path(url: str) -> str:
    """The file a ``sqlite:`` URL names; ConfigError for any other kind."""
    if url == f"sqlite://{MEMORY}":
        return MEMORY
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        raise ConfigError([f"state: {url.partition(':')[0]!r} is no store; {FORMS}"])
    return path


def _connect(url: str, *, read_only: bool = False) -> Database:
    if is_postgres(url):
        from kace_bridge.state.postgres import PostgresDatabase

        return PostgresDatabase(url, read_only=read_only)
    return SqliteDatabase(sqlite_path(url), read_only=read_only)


def _open_for_reading(url: str, clock: Clock) -> Database:
    if not is_postgres(url) and not Path(sqlite_path(url)).exists():
        return _in_memory(None, clock)
    database = _connect(url, read_only=True)
    try:
        version, newest = schema_version(database), load_migrations()[-1].number
        if version > newest:
            raise ConfigError([newer_schema(database.name, version, newest)])
        if version == newest:
            return database
        copy = _in_memory(database if version else None, clock)
    except BaseException:
        database.close()
        raise
    database.close()
    return copy


def _in_memory(source: Database | None, clock: Clock) -> SqliteDatabase:
    """A migrated copy of *source*, or an empty store, that nothing can be written to."""
    database = SqliteDatabase(MEMORY)
    if source is not None:
        copy_store(source, database, clock.now())
    migrate(database, load_migrations(), clock.now())
    database.forbid_writing()
    return database
