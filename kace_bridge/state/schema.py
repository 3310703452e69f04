"""Numbered migrations: each in its own transaction, a backup before an existing store changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from secrets import token_hex

from kace_bridge.errors import ConfigError
from kace_bridge.state.cursor import read_meta, write_meta
from kace_bridge.state.database import Connection, Database

_META = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)"


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead from schema ``number - 1`` to ``number``."""

    number: int
    name: str
    sql: str


def load_migrations() -> tuple[Migration, ...]:
    """The ``NNNN_name.sql`` files beside this module, in order."""
    folder = files("kace_bridge.state") / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return tuple(
        Migration(int(file.name[:4]), file.name[5:-4], file.read_text("utf-8"))
        for file in sorted(found, key=lambda file: file.name)
    )


def schema_version(database: Database) -> int:
    """The schema of an existing store; 0 for an empty database.

    Raises ConfigError where the file holds something else.
    """
    tables = database.tables()
    if not tables:
        return 0
    if "meta" not in tables:
        raise ConfigError([f"{database.name} is not a kace-bridge state store; name another"])
    with database.reading() as c:
        return int(read_meta(c, "schema_version") or 0)


def migrate(database: Database, migrations: Sequence[Migration], now: datetime) -> None:
    """Bring the store to the newest of *migrations*; a backup lies beside it if it held data.

    Raises ConfigError when the store is newer than this program, and leaves it untouched.
    """
    version = schema_version(database)
    newest = migrations[-1].number
    if version > newest:
        raise ConfigError([newer_schema(database.name, version, newest)])
    if 0 < version < newest:
        database.keep_copy(f"schema{version}-{now:%Y%m%d-%H%M%S}")
    for migration in migrations[version:]:
        with database.transaction() as c:
            apply_migration(c, migration, now)


def newer_schema(name: str, version: int, newest: int) -> str:
    return (
        f"the state store {name} has schema {version}, this program knows up to {newest}; "
        "install the newer kace-bridge again, or restore the backup made before the upgrade"
    )


def apply_migration(c: Connection, migration: Migration, now: datetime) -> None:
    """Carry out *migration*, unless another process did so since the version was read."""
    if migration.number == 1:
        c.execute(_META)
    if int(read_meta(c, "schema_version") or 0) >= migration.number:
        return
    for statement in _statements(migration.sql):
        c.execute(statement)
    if migration.number == 1:
        write_meta(c, "instance", token_hex(4))
        write_meta(c, "created", now.isoformat())
    write_meta(c, "schema_version", str(migration.number))


def _statements(sql: str) -> Iterator[str]:
    """The statements of a file, one per ``;`` at the end of a line."""
    return (part for part in (text.strip() for text in sql.split(";\n")) if part)
