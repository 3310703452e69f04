"""The one file that knows PostgreSQL: the same methods as SqliteDatabase, for several workers.

Writers take turns: every write transaction begins with one advisory lock, as SQLite's BEGIN
IMMEDIATE does, since the audit is one chain. Read docs/adr/0004 for what follows from that.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kace_bridge.errors import ConfigError, KaceBridgeError, StoreBusy
from kace_bridge.state.copying import copy_store
from kace_bridge.state.database import Connection, SqliteDatabase, Value
from kace_bridge.state.postgres_session import BEGIN, Session, connect, one, require_driver
from kace_bridge.state.postgres_url import parse_address

if TYPE_CHECKING:
    import psycopg

_RECHECKS, _RECHECK_S = 20, 0.25
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
_ALIVE = "SELECT pg_try_advisory_lock(%s, %s)"
_RELEASE = "SELECT pg_advisory_unlock(%s, %s)"
_REFERRING = ("effect", "outbox")
_LOST_REFERENCES = (
    "SELECT decision FROM {table} WHERE decision IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = {table}.decision)"
)
_LOST = (
    "the state store {name} was lost while writing; whether it was written is not known: "
    "the next run reads what is there"
)
_UNDONE = "the state store {name} was lost while writing; nothing of it was written, try again"


class PostgresDatabase:
    """A schema of a PostgreSQL database; every commit on disk, time is the server's.

    Belongs to one thread. Raises ConfigError for one that cannot be used as it is and RetryLater
    where waiting may help. A broken connection is made anew for the next transaction; leases and
    their epochs decide whether that one may still write.
    """

    shared = True
    claim_lock = " FOR UPDATE OF outbox SKIP LOCKED"

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        require_driver()
        self._address = parse_address(url)
        self.name = self._address.name
        self._read_only = read_only
        self._together: Connection | None = None
        self._held: set[int] = set()
        with self._translated():
            self._raw = connect(self._address, read_only=read_only)

    def _ready(self) -> "psycopg.Connection[Any]":
        if self._raw.closed:
            self._raw = connect(self._address, read_only=self._read_only)
        return self._raw

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction; on disk when the block is left, nothing of it after an error.

        Raises RetryLater where the connection broke: it then says whether anything was written.
        """
        if self._together is not None:
            yield from self._part(self._together)
            return
        with self._translated():
            raw = self._ready()
            started = raw.execute(BEGIN, (self._address.lock,))
            started.nextset()
            number = str(one(started, 1))
            try:
                yield Session(raw)
            except BaseException:
                with suppress(Exception):  # the connection may be what broke
                    raw.execute("ROLLBACK")
                raise
            self._commit(raw, number)

    def _part(self, c: Connection) -> Iterator[Connection]:
        with self._translated():
            c.execute("SAVEPOINT part")
            try:
                yield c
                c.execute("RELEASE part")
            except BaseException:
                with suppress(Exception):
                    c.execute("ROLLBACK TO part")
                    c.execute("RELEASE part")
                raise

    def _commit(self, raw: "psycopg.Connection[Any]", number: str) -> None:
        import psycopg

        try:
            raw.execute("COMMIT")
        except psycopg.OperationalError as error:
            if not raw.closed:
                raise
            self._find_out(number, error)

    def _find_out(self, number: str, error: Exception) -> None:
        """Return if transaction *number*, whose COMMIT got no answer, is on disk after all."""
        for _ in range(_RECHECKS):
            status = self._status(number)
            if status == "committed":
                return
            if status == "aborted":
                raise StoreBusy(_UNDONE.format(name=self.name)) from error
            time.sleep(_RECHECK_S)
        raise StoreBusy(_LOST.format(name=self.name)) from error

    def _status(self, number: str) -> object:
        """What the server says became of transaction *number*; None where it does not answer."""
        try:
            with self._translated():
                return one(self._ready().execute("SELECT pg_xact_status(%s::xid8)", (number,)))
        except KaceBridgeError:
            return None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several transactions that reach the disk as one: one wait instead of many.

        Nobody else can write meanwhile: keep it short, and ask no other machine inside.
        """
        with self.transaction() as c:
            self._together = c
            try:
                yield
            finally:
                self._together = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Several reads that see one state of the store."""
        if self._together is not None:
            with self._translated():
                yield self._together
            return
        with self._translated():
            raw = self._ready()
            raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield Session(raw)
            finally:
                with suppress(Exception):
                    raw.execute("ROLLBACK")

    def tables(self) -> frozenset[str]:
        with self.reading() as c:
            rows = c.execute(_TABLES.replace("%s", "?"), (self._address.schema,))
            return frozenset(name for (name,) in rows)

    def problems(self) -> list[str]:
        """Missing references, and settings under which a commit may be lost; empty when sound."""
        with self.reading() as c:
            names = ("fsync", "full_page_writes")
            off = [name for name in names if one(c.execute(f"SHOW {name}")) == "off"]
            lost = [(table, key) for table in _REFERRING
                    for (key,) in c.execute(_LOST_REFERENCES.format(table=table))]  # fmt: skip
        found = [f"server: {name} is off: a crash of it may lose or damage the store"
                 for name in off]  # fmt: skip
        return found + [f"{table} row {key}: its decision row is missing" for table, key in lost]

    def rows(self, c: Connection, table: str) -> Iterator[Sequence[Value]]:
        """Every row of *table*, a portion in memory at a time."""
        c.execute(f"DECLARE portion NO SCROLL CURSOR FOR TABLE {table}")
        while found := c.execute("FETCH 1000 FROM portion").fetchall():
            yield from found
        c.execute("CLOSE portion")

    def backup(self, path: Path) -> None:
        """A consistent copy as a SQLite store at *path*, private; it must not exist yet."""
        if path.exists():
            raise ConfigError([f"the backup {path} exists already; name a new file"])
        target = SqliteDatabase(str(path))
        try:
            copy_store(self, target, datetime.now(UTC))
        except BaseException:
            target.close()
            path.unlink()
            raise
        target.close()

    def compact(self) -> None:
        """Rewrite the tables, so that what was removed is in none of their pages any more."""
        names = self.tables()
        with self._translated():
            for name in sorted(names):
                self._ready().execute(f'VACUUM FULL "{name}"')

    def keep_copy(self, label: str) -> None:
        """A copy of every table in a schema of its own, named after *label*."""
        target = '"' + f"{self._address.schema}_{label}".replace('"', '""')[:60] + '"'
        names = self.tables()
        with self.transaction() as c:
            c.execute(f"CREATE SCHEMA IF NOT EXISTS {target}")
            for name in sorted(names):
                c.execute(f'CREATE TABLE IF NOT EXISTS {target}."{name}" AS TABLE "{name}"')

    def present(self) -> datetime | None:
        """The server's time: one for all workers."""
        with self._translated():
            now = one(self._ready().execute("SELECT clock_timestamp()"))
        return now.astimezone(UTC) if isinstance(now, datetime) else None

    def show_life(self, epoch: int) -> None:
        """Hold a lock named *epoch* for as long as this session lives."""
        with self._translated():
            self._ready().execute("SELECT pg_advisory_lock(%s, %s)", (self._address.lock, epoch))
        self._held.add(epoch)

    def shows_life(self, epoch: int) -> bool:
        """Whether the session that showed life under *epoch* is still there."""
        if epoch in self._held and not self._raw.closed:
            return True
        key = (self._address.lock, epoch)
        with self._translated():
            raw = self._ready()
            free = bool(one(raw.execute(_ALIVE, key)))
            if free:
                raw.execute(_RELEASE, key)
        return not free

    def end_life(self, epoch: int) -> None:
        self._held.discard(epoch)
        with self._translated():
            self._ready().execute(_RELEASE, (self._address.lock, epoch))

    def close(self) -> None:
        self._raw.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import psycopg

        from kace_bridge.state.postgres_words import translate

        try:
            yield
        except psycopg.Error as error:
            raise translate(error, self.name) from error
