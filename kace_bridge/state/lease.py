"""One sync at a time: a lock of the operating system, and an epoch that fences off the past.

The lock file ``<store>.<name>.lock`` is held by the kernel for the process, so a killed holder
lets go at once and the next run takes over without waiting. The row carries the epoch: it rises
with every take-over, and a transaction that names an older epoch fails.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import NoReturn

from kace_bridge.clock import Clock
from kace_bridge.errors import RetryLater
from kace_bridge.state.codec import from_us, to_us
from kace_bridge.state.database import MEMORY, Connection, Database
from kace_bridge.state.files import claim_private_file

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TAKE = (
    "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
    "owner = excluded.owner, host = excluded.host, pid = excluded.pid, epoch = excluded.epoch, "
    "since = excluded.since, expires = excluded.expires"
)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Lease:
    """The right to write under one epoch. Raises RetryLater where it was lost."""

    def __init__(
        self, database: Database, clock: Clock, name: str, ttl: timedelta, owner: str, epoch: int
    ) -> None:
        self.name = name
        self.epoch = epoch
        self._database = database
        self._clock = clock
        self._ttl = ttl
        self._owner = owner

    def renew(self) -> None:
        """Hold on for another ttl from now; RetryLater when another run has taken over."""
        expires = to_us(self._clock.now() + self._ttl)
        with self._database.transaction() as c:
            require_epoch(c, self.epoch)
            c.execute("UPDATE lease SET expires = ? WHERE epoch = ?", (expires, self.epoch))

    def held(self) -> bool:
        """Still ours, and not past its time."""
        now = to_us(self._clock.now())
        with self._database.reading() as c:
            row = c.execute(
                "SELECT expires FROM lease WHERE epoch = ? AND owner = ?", (self.epoch, self._owner)
            ).fetchone()
        return row is not None and int(row[0]) > now


@contextmanager
def hold_lease(database: Database, clock: Clock, name: str, ttl: timedelta) -> Iterator[Lease]:
    """The lease *name* for the length of the block.

    Raises RetryLater at once, naming the holder, while another process has it.
    """
    handle = _lock_file(database, name)
    try:
        lease = _take(database, clock, name, ttl, locked=handle is not None)
        try:
            yield lease
        finally:
            _give_back(database, lease)
    finally:
        if handle is not None:
            os.close(handle)


def require_epoch(c: Connection, epoch: int | None) -> None:
    """Raise RetryLater unless the lease of *epoch* is still in force; None asks for nothing."""
    if epoch is None:
        return
    row = c.execute("SELECT 1 FROM lease WHERE epoch = ? AND owner <> ''", (epoch,)).fetchone()
    if row is None:
        raise RetryLater("lost the lease: another run has taken over, nothing was written")


def _lock_file(database: Database, name: str) -> int | None:
    if database.name == MEMORY:
        return None
    path = Path(f"{database.name}.{name}.lock")
    claim_private_file(path)
    handle = os.open(path, os.O_RDWR)
    try:
        _lock(handle)
    except OSError:
        os.close(handle)
        _refuse(database, name)
    return handle


def _refuse(database: Database, name: str) -> NoReturn:
    with database.reading() as c:
        row = c.execute(
            "SELECT pid, host, since, expires FROM lease WHERE name = ? AND owner <> ''", (name,)
        ).fetchone()
    raise RetryLater(_busy(name, row))


def _busy(name: str, row: tuple[int, str, int, int] | None) -> str:
    if row is None:
        return f"another {name} is just starting or ending; try again"
    pid, host, since, expires = row
    return (
        f"another {name} is running: pid {pid} on host {host} since {_hour(since)}; "
        f"it holds the lease until {_hour(expires)} UTC"
    )


def _hour(value: int) -> str:
    return f"{from_us(value):%H:%M:%S}"


def _take(database: Database, clock: Clock, name: str, ttl: timedelta, *, locked: bool) -> Lease:
    now: datetime = clock.now()
    host, pid = socket.gethostname(), os.getpid()
    owner = f"{host}:{pid}:{_boot()}:{token_hex(4)}"
    with database.transaction() as c:
        row = c.execute(
            "SELECT pid, host, since, expires FROM lease WHERE name = ? AND owner <> ''", (name,)
        ).fetchone()
        if row is not None and not locked and int(row[3]) > to_us(now):
            raise RetryLater(_busy(name, row))
        # One counter for all names, so that an epoch alone says which lease it belongs to.
        epoch = 1 + int(c.execute("SELECT COALESCE(MAX(epoch), 0) FROM lease").fetchone()[0])
        c.execute(_TAKE, (name, owner, host, pid, epoch, to_us(now), to_us(now + ttl)))
    return Lease(database, clock, name, ttl, owner, epoch)


def _give_back(database: Database, lease: Lease) -> None:
    with database.transaction() as c:
        c.execute("UPDATE lease SET owner = '' WHERE epoch = ?", (lease.epoch,))


def _boot() -> str:
    return _BOOT.read_text().strip() if _BOOT.exists() else ""
