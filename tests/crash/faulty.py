"""A database, sockets and files of which the n-th call fails, and connections cut at a byte."""

import errno
import io
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from urllib3.connectionpool import HTTPConnectionPool

from kace_bridge.clock import Clock
from kace_bridge.sma.address import check_address
from kace_bridge.sma.transport import Limits, Sends, Transport
from kace_bridge.sma.wire import _PlainConnection
from kace_bridge.state.database import SqliteDatabase
from tests.crash.process import Wiring


@dataclass
class Nth:
    """Fails at the *nth* call; and, if *for_good*, at each one after it."""

    nth: int
    for_good: bool = False
    calls: int = 0

    def __call__(self, make: Callable[[], BaseException]) -> None:
        self.calls += 1
        if self.calls == self.nth or (self.for_good and self.calls > self.nth):
            raise make()

    @property
    def struck(self) -> bool:
        return self.calls >= self.nth


class FaultyConnection:
    """A sqlite3 connection whose statements may find the disk full; commits are statements too."""

    def __init__(self, real: sqlite3.Connection, fault: Nth) -> None:
        self._real = real
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:
        self._fault(_disk_full)
        return self._real.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> sqlite3.Cursor:
        self._fault(_disk_full)
        return self._real.executemany(sql, rows)


def _disk_full() -> BaseException:
    return sqlite3.OperationalError("database or disk is full")


class FaultySocket:
    """A connected socket whose calls may find the connection gone."""

    def __init__(self, real: socket.socket, fault: Nth) -> None:
        self._real = real
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def sendall(self, data: Any) -> None:
        self._fault(self._die)
        self._real.sendall(data)

    def recv_into(self, buffer: Any, *given: Any) -> int:
        self._fault(self._die)
        return self._real.recv_into(buffer, *given)

    def _die(self) -> BaseException:
        with suppress(OSError):
            self._real.shutdown(socket.SHUT_RDWR)
        return ConnectionResetError(errno.ECONNRESET, "reset")

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        self._real._io_refs += 1
        return io.BufferedReader(socket.SocketIO(self, "r"))  # type: ignore[arg-type]


class CutSocket(FaultySocket):
    """Breaks once, *after* so many bytes of the first request that begins so, or of its answer."""

    def __init__(self, real: socket.socket, cut: "Cut") -> None:
        super().__init__(real, Nth(0))
        self._cut = cut

    def sendall(self, data: Any) -> None:
        cut = self._cut
        if bytes(data[:5]).startswith((b"GET ", b"PUT ", b"POST ")):
            # The answer to cut ends where the next request begins.
            cut.done = cut.done or cut.on
            cut.on = cut.on or bytes(data).startswith(cut.begins)
        if not cut.on or cut.done or cut.answer:
            self._real.sendall(data)
            return
        left = cut.after - cut.passed
        self._real.sendall(data[:left])
        cut.passed += len(data)
        if left < len(data):
            self._break()

    def recv_into(self, buffer: Any, *given: Any) -> int:
        cut = self._cut
        if cut.on and not cut.done and not cut.answer:
            self._break()  # all of the request went out, and then
        if not cut.on or cut.done:
            return self._real.recv_into(buffer, *given)
        left = cut.after - cut.passed
        if left <= 0:
            self._break()
        got = self._real.recv_into(memoryview(buffer)[:left])
        cut.passed += got
        return got

    def _break(self) -> None:
        self._cut.done = self._cut.broke = True
        raise self._die()


@dataclass
class Cut:
    """Where to cut: in the request that begins with *begins*, or in the *answer* to it."""

    begins: bytes
    after: int
    answer: bool
    on: bool = False
    done: bool = False
    broke: bool = False
    passed: int = 0

    @property
    def struck(self) -> bool:
        """Whether there were so many bytes: a request that went out whole was the last to cut."""
        return self.broke and (self.answer or self.after < self.passed)


@dataclass
class Faulty(Wiring):
    """A process whose statements fail, or whose sockets are wrapped."""

    statements: Nth | None = None
    wrap: Callable[[socket.socket], Any] | None = None

    def database(self, path: Path) -> SqliteDatabase:
        made = super().database(path)
        if self.statements is not None:
            made._raw = FaultyConnection(made._raw, self.statements)  # type: ignore[assignment]
        return made

    def transport(self, url: str, clock: Clock, variant: str) -> Sends:
        made = Transport(check_address(url), clock, Limits(read_s=5, total_s=10), "faulty")
        wrap = self.wrap
        if wrap is not None:

            class Connection(_PlainConnection):
                def _new_conn(self) -> Any:
                    return wrap(super()._new_conn())

            class Pool(HTTPConnectionPool):
                ConnectionCls = Connection

            made._adapter.poolmanager.pool_classes_by_scheme = {"http": Pool}
        return made


_FILES = {"open", "os.mkdir", "os.rename", "tempfile.mkstemp"}
_HEARING: list[tuple[Nth, str]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _HEARING and event in _FILES:
        fault, folder = _HEARING[0]
        if folder in str(arguments[0]) and not str(arguments[0]).endswith((".db", ".log", ".yaml")):
            fault(lambda: OSError(errno.ENOSPC, "no space left"))


sys.addaudithook(_hear)


@contextmanager
def files_failing(fault: Nth, folder: Path) -> Iterator[None]:
    """The n-th file that this process makes, opens or names below *folder* cannot be."""
    _HEARING.append((fault, str(folder)))
    try:
        yield
    finally:
        _HEARING.clear()
