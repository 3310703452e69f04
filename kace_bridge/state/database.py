"""The one file that knows SQLite; ``postgres`` is the second, with the same methods.

The rest of the package speaks the SQL both understand: ``?`` placeholders,
``INSERT ... ON CONFLICT``, no dialect functions.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from kace_bridge.errors import ConfigError, KaceBridgeError, StoreBusy
from kace_bridge.state.files import claim_private_file, require_local, require_private

Value = str | int | float | None
MEMORY = ":memory:"
_BUSY_S = 10.0
_ALWAYS_CHECKED = 4 * 1024 * 1024
_CHECKED_AFTER_A_CRASH = 32 * 1024 * 1024
"""Bytes up to which a whole check at the start is cheap beside what it may save."""
_TRANSACTION = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_SAVEPOINT = ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))
_DAMAGED = "the state store {name} is damaged ({detail}); {cure}"
_NO_WAL = (
    "the state store {name} is on a disk that cannot hold it safely "
    "(no shared memory, so probably a network share); use a local disk, or PostgreSQL"
)
_CURE = (
    "move it away and put the newest backup in its place, or start without one: "
    "the next sync then learns every ticket anew and does nothing old again"
)


class Result(Protocol):
    """What executing a statement gives; sqlite3 and psycopg cursors both do."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """What the functions of this package need; valid inside one transaction."""

    def execute(self, sql: str, parameters: Sequence[Value] = ..., /) -> Result: ...
    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> Result: ...


class Database(Protocol):
    """One open database.

    ``shared``: workers on several hosts may use it. ``claim_lock`` ends a SELECT whose rows are
    to be taken and no other worker's waited for.
    """

    @property
    def name(self) -> str: ...
    @property
    def shared(self) -> bool: ...
    @property
    def claim_lock(self) -> str: ...
    @contextmanager
    def transaction(self) -> Iterator[Connection]: ...
    @contextmanager
    def together(self) -> Iterator[None]: ...
    @contextmanager
    def reading(self) -> Iterator[Connection]: ...
    def tables(self) -> frozenset[str]: ...
    def rows(self, c: Connection, table: str) -> Iterator[Sequence[Value]]: ...
    def problems(self) -> list[str]: ...
    def backup(self, path: Path) -> None: ...
    def compact(self) -> None: ...
    def keep_copy(self, label: str) -> None: ...
    def present(self) -> datetime | None: ...
    def show_life(self, epoch: int) -> None: ...
    def shows_life(self, epoch: int) -> bool: ...
    def end_life(self, epoch: int) -> None: ...
    def close(self) -> None: ...


class SqliteDatabase:
    """A SQLite file (or ``:memory:``), private to its owner, every commit on disk.

    Belongs to one thread. Raises ConfigError for a file that cannot be used as it is and
    RetryLater where waiting may help.
    """

    shared = False
    claim_lock = ""

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        self.name = path
        self._read_only = read_only
        self._together = False
        if path != MEMORY:
            require_local(Path(path))
            require_private(Path(path)) if read_only else claim_private_file(Path(path))
        # The last to close a store removes its log: where it lies there, a process ended early
        # (or another one is at work).
        left_over = path != MEMORY and Path(f"{path}-wal").exists()
        with self._translated():
            self._raw = _connect(path)
            try:
                self._prepare(_CHECKED_AFTER_A_CRASH if left_over else _ALWAYS_CHECKED)
            except BaseException:
                self._raw.close()
                raise

    def _prepare(self, checked: int) -> None:
        """Settings, and the whole file looked at where it holds up to *checked* bytes."""
        self._raw.execute("PRAGMA foreign_keys=ON")
        self._raw.execute("PRAGMA synchronous=FULL")
        if self.name != MEMORY:
            journal = self._raw.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            if journal != "wal":
                raise ConfigError([_NO_WAL.format(name=self.name)])
            if Path(self.name).stat().st_size <= checked:
                verdict = self._raw.execute("PRAGMA quick_check(1)").fetchone()[0]
                if verdict != "ok":
                    raise sqlite3.DatabaseError(str(verdict).replace("\n", " "))
        if self._read_only:
            self.forbid_writing()

    def forbid_writing(self) -> None:
        """From now on every write is refused by the database itself."""
        self._raw.execute("PRAGMA query_only=ON")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction; on disk when the block is left, nothing of it after an error.

        Inside ``together`` it is undone by itself after an error, and on disk when that ends.
        """
        inner = self._together
        begin, commit, undo = _SAVEPOINT if inner else _TRANSACTION
        with self._translated():
            self._raw.execute(begin)
            try:
                yield self._raw
                self._raw.execute(commit)
            except BaseException:
                if self._raw.in_transaction:
                    for statement in undo:
                        self._raw.execute(statement)
                raise

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several transactions that reach the disk as one: one wait instead of many.

        Nobody else can write meanwhile: keep it short, and ask no other machine inside.
        """
        with self.transaction():
            self._together = True
            try:
                yield
            finally:
                self._together = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Several reads that see one state of the store."""
        if self._together:
            with self._translated():
                yield self._raw
            return
        with self._translated():
            self._raw.execute("BEGIN")
            try:
                yield self._raw
            finally:
                if self._raw.in_transaction:
                    self._raw.execute("ROLLBACK")

    def tables(self) -> frozenset[str]:
        with self.reading() as c:
            rows = c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return frozenset(name for (name,) in rows)

    def problems(self) -> list[str]:
        """Every fault of the file itself: pages, indexes, references; empty when sound."""
        with self.reading() as c:
            pages = [str(row[0]) for row in c.execute("PRAGMA integrity_check")]
            rows = list(c.execute("PRAGMA foreign_key_check"))
        found = [f"file: {text}" for text in pages if text != "ok"]
        return found + [f"{row[0]} row {row[1]}: its {row[2]} row is missing" for row in rows]

    def backup(self, path: Path) -> None:
        """A consistent copy at *path*, private to its owner; *path* must not exist yet."""
        if path.exists():
            raise ConfigError([f"the backup {path} exists already; name a new file"])
        claim_private_file(path)
        with self._translated():
            target = _connect(str(path))
            try:
                self._raw.backup(target)
            finally:
                target.close()

    def compact(self) -> None:
        """Rewrite the file, so that what was removed is in none of its pages any more."""
        with self._translated():
            self._raw.execute("VACUUM")
            self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep_copy(self, label: str) -> None:
        """A backup beside the file, named after *label*; none of a store in memory."""
        copy = Path(f"{self.name}.{label}.bak")
        if self.name != MEMORY and not copy.exists():
            self.backup(copy)

    def rows(self, c: Connection, table: str) -> Iterator[Sequence[Value]]:
        """Every row of *table*, one after the other."""
        return iter(c.execute(f"SELECT * FROM {table}"))  # noqa: S608 -- a name of ours

    def present(self) -> datetime | None:
        """None: the time of this machine is everybody's who can use the file."""
        return None

    def show_life(self, epoch: int) -> None:
        """Nothing: a lock of the operating system tells whether a holder lives (see lease)."""

    def shows_life(self, epoch: int) -> bool:
        """True for any *epoch*: nothing here tells of a death."""
        return epoch >= 0

    def end_life(self, epoch: int) -> None:
        """Nothing, as in show_life."""

    def close(self) -> None:
        self._raw.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _translate(error, self.name) from error


def _connect(path: str) -> sqlite3.Connection:
    target = path if path == MEMORY else f"file:{quote(Path(path).absolute().as_posix())}?mode=rw"
    return sqlite3.connect(target, timeout=_BUSY_S, isolation_level=None, uri=path != MEMORY)


def _translate(error: sqlite3.Error, name: str) -> KaceBridgeError:
    detail = str(error)
    if type(error) is sqlite3.DatabaseError:
        return ConfigError([_DAMAGED.format(name=name, detail=detail, cure=_CURE)])
    if not isinstance(error, sqlite3.OperationalError):
        return KaceBridgeError(f"the state store {name}: {detail}")
    if "locked" in detail or "busy" in detail:
        return StoreBusy(f"the state store {name} is busy: another process is writing to it")
    if "full" in detail or "disk I/O" in detail:
        return StoreBusy(f"the state store {name} cannot be written ({detail}); free some space")
    if "readonly" in detail:
        return ConfigError([f"the state store {name} is open for reading only"])
    return KaceBridgeError(f"the state store {name}: {detail}")
