"""One sync at a time: a lease that tells the living from the dead, and an epoch that fences.

Whether a holder lives is told at once by the system where it can: for a file by a lock of the
kernel (``<store>.<name>.lock``), for a server by a lock of the holder's session. A killed holder
lets go of both. One that only stands still (paused, cut off) is taken for dead when its lease
has run out by the store's own time, or when nobody here saw it renewed for that long. None of
this proves that it is gone: the epoch does the rest. It rises with every take-over, and a
transaction under an older one fails.
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import NoReturn

from kace_bridge.clock import Clock
from kace_bridge.errors import LeaseHeld, StoreBusy
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


RENEW = timedelta(seconds=10)
"""How old a renewal may be before ``keep`` makes a new one."""
_TAKE = (
    "INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
    "owner = excluded.owner, host = excluded.host, pid = excluded.pid, epoch = excluded.epoch, "
    "since = excluded.since, expires = excluded.expires"
)
_HOLDER = "SELECT pid, host, since, expires, epoch FROM lease WHERE name = ? AND owner <> ''"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a lease, as its row tells."""

    pid: int
    host: str
    since: int
    expires: int
    epoch: int


@dataclass(slots=True)
class Sightings:
    """What this process saw of others' leases: each renewal, and when by its own clock.

    The clock that dates leases may jump. A process that looks again and again (watch) needs none
    but its own: a lease not renewed for its whole length is over.
    """

    seen: dict[tuple[str, str], tuple[tuple[int, int], float]] = field(default_factory=dict)

    def silent(self, store: str, name: str, holder: Holder, at: float) -> timedelta:
        """For how long *holder* has been seen not to renew; zero for a new sight."""
        sight = (holder.epoch, holder.expires)
        known, since = self.seen.get((store, name), (None, at))
        if known != sight:
            self.seen[store, name] = (sight, at)
            return timedelta(0)
        return timedelta(seconds=max(0.0, at - since))


_SIGHTINGS = Sightings()


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
        self._renewed = clock.monotonic()

    def renew(self) -> None:
        """Hold on for another ttl from now; RetryLater when another run has taken over."""
        expires = to_us(_present(self._database, self._clock) + self._ttl)
        with self._database.transaction() as c:
            require_epoch(c, self.epoch)
            c.execute("UPDATE lease SET expires = ? WHERE epoch = ?", (expires, self.epoch))
        self._renewed = self._clock.monotonic()

    def keep(self) -> None:
        """Renew if the last renewal is ten seconds old; cheap enough before every action."""
        if self._clock.monotonic() - self._renewed >= RENEW.total_seconds():
            self.renew()

    def held(self) -> bool:
        """Still ours, and not past its time."""
        now = to_us(_present(self._database, self._clock))
        with self._database.reading() as c:
            row = c.execute(
                "SELECT expires FROM lease WHERE epoch = ? AND owner = ?", (self.epoch, self._owner)
            ).fetchone()
        return row is not None and int(row[0]) > now


@contextmanager
def hold_lease(database: Database, clock: Clock, name: str, ttl: timedelta) -> Iterator[Lease]:
    """The lease *name* for the length of the block.

    Raises LeaseHeld at once, naming the holder, while another process has it.
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
        raise StoreBusy("lost the lease: another run has taken over, nothing was written")


def is_over(c: Connection, database: Database, clock: Clock, epoch: int) -> bool:
    """Whether whoever worked under *epoch* has given up, was overtaken, or is dead."""
    row = c.execute(
        "SELECT expires FROM lease WHERE epoch = ? AND owner <> ''", (epoch,)
    ).fetchone()
    if row is None or not database.shows_life(epoch):
        return True
    return int(row[0]) <= to_us(_present(database, clock))


def _lock_file(database: Database, name: str) -> int | None:
    if database.shared or database.name == MEMORY:
        return None
    path = Path(f"{database.name}.{name}.lock")
    claim_private_file(path)
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError as error:
        raise StoreBusy(f"cannot open the lock {path}: {error.strerror}; try again") from error
    try:
        _lock(handle)
    except OSError:
        os.close(handle)
        with database.reading() as c:
            _refuse(name, _holder(c, name))
    return handle


def _holder(c: Connection, name: str) -> Holder | None:
    row = c.execute(_HOLDER, (name,)).fetchone()
    return None if row is None else Holder(*row)


def _refuse(name: str, holder: Holder | None) -> NoReturn:
    if holder is None:
        raise LeaseHeld(f"another {name} is just starting or ending; try again")
    raise LeaseHeld(
        f"another {name} is running: pid {holder.pid} on host {holder.host} "
        f"since {_hour(holder.since)}; it holds the lease until {_hour(holder.expires)} UTC"
    )


def _hour(value: int) -> str:
    return f"{from_us(value):%H:%M:%S}"


def _present(database: Database, clock: Clock) -> datetime:
    """The time that dates leases: the store's own where it has one, else this machine's."""
    return database.present() or clock.now()


def _take(database: Database, clock: Clock, name: str, ttl: timedelta, *, locked: bool) -> Lease:
    host, pid = socket.gethostname(), os.getpid()
    owner = f"{host}:{pid}:{_boot()}:{token_hex(4)}"
    with database.transaction() as c:
        now = _present(database, clock)
        holder = _holder(c, name)
        if locked or holder is None or _is_gone(database, clock, name, ttl, holder, now):
            holder = None
            # One counter for all names, so that an epoch alone says which lease it belongs to.
            epoch = 1 + int(c.execute("SELECT COALESCE(MAX(epoch), 0) FROM lease").fetchone()[0])
            c.execute(_TAKE, (name, owner, host, pid, epoch, to_us(now), to_us(now + ttl)))
            database.show_life(epoch)
        elif holder.expires > to_us(now + ttl):
            # The clock went back: from now on it has no longer than any lease.
            c.execute("UPDATE lease SET expires = ? WHERE name = ?", (to_us(now + ttl), name))
    if holder is not None:
        _refuse(name, holder)
    return Lease(database, clock, name, ttl, owner, epoch)


def _is_gone(
    database: Database, clock: Clock, name: str, ttl: timedelta, holder: Holder, now: datetime
) -> bool:
    if holder.expires <= to_us(now) or not database.shows_life(holder.epoch):
        return True
    return _SIGHTINGS.silent(database.name, name, holder, clock.monotonic()) >= ttl


def _give_back(database: Database, lease: Lease) -> None:
    with database.transaction() as c:
        c.execute("UPDATE lease SET owner = '' WHERE epoch = ?", (lease.epoch,))
    database.end_life(lease.epoch)


def _boot() -> str:
    return _BOOT.read_text().strip() if _BOOT.exists() else ""
