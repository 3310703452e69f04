"""Where the program can be stopped: wrappers around everything it does to the world.

Each announces, by a name made of the step and the promise it calls on, the moment before and the
moment after: ``resolve._finish_applied: finish, before commit``. Nothing of this is in the program
itself; the wrappers stand where it takes its database, its transport and its courier.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from kace_bridge.model.message import Delivery, Outcome
from kace_bridge.notify.deliver import Courier
from kace_bridge.notify.dispatch import Delivers
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.transport import BODY_CAP, CookieJar, Sends
from kace_bridge.state.database import Connection, Database

Reach = Callable[[str], None]
"""Told the name of a point when it is reached; may kill, raise, or let others go first."""
COMMITTING = "before commit"
"""How the names of points inside a transaction end."""


class Gone(BaseException):
    """The process that would do this is dead."""


class WatchedDatabase:
    """A database whose every transaction announces its end; ``depth`` tells whether one is open.

    Once ``gone``, no further one is begun: whoever is dead cleans nothing up.
    """

    def __init__(self, inner: Database, reach: Reach) -> None:
        self.inner = inner
        self.depth = 0
        self.gone = False
        self._reach = reach

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        name = self._begin()
        with self._counted(), self.inner.transaction() as c:
            yield c
            self._reach(f"{name}, {COMMITTING}")
        self._reach(f"{name}, {'joined' if self.depth else 'committed'}")

    @contextmanager
    def together(self) -> Iterator[None]:
        name = self._begin()
        with self._counted(), self.inner.together():
            yield
            self._reach(f"{name}, {COMMITTING}")
        self._reach(f"{name}, committed")

    def _begin(self) -> str:
        if self.gone:
            raise Gone
        return _step()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


def _step() -> str:
    """The step that wants a transaction, and what of the store it calls on for it."""
    frame: FrameType | None = sys._getframe(1)
    method = ""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        name = frame.f_code.co_name
        if module.startswith("kace_bridge.state"):
            method = name
        elif module != __name__ and module not in {"contextlib", "tests.crash.ablations"}:
            break
        frame = frame.f_back
    if frame is None or not frame.f_globals.get("__name__", "").startswith("kace_bridge."):
        return f"store: {method}"
    module = frame.f_globals["__name__"].rsplit(".", 1)[1]
    return f"{module}.{frame.f_code.co_name}: {method}"


class WatchedTransport:
    """A transport that announces each request: before it is sent, and once it is answered."""

    def __init__(self, inner: Sends, reach: Reach) -> None:
        self.inner = inner
        self._reach = reach

    @property
    def server_time(self) -> datetime | None:
        return self.inner.server_time

    @property
    def requests_made(self) -> int:
        return self.inner.requests_made

    def send(
        self,
        request: Request,
        jar: CookieJar,
        *,
        send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:
        name = kind_of(request)
        self._reach(f"{name}: before it is sent")
        reply = self.inner.send(request, jar, send_by=send_by, cap=cap)
        self._reach(f"{name}: answered")
        return reply

    def close(self) -> None:
        self.inner.close()


def kind_of(request: Request) -> str:
    """What *request* is about, whatever the ticket: the names of points are the same each run."""
    query = dict(request.query)
    parts = [part for part in request.path.split("/") if part and not part.isdigit()]
    what = parts[-1]
    if what == "tickets":
        if request.path.rsplit("/", 1)[1].isdigit():
            what = "ticket"
        elif "id in" in query.get("filtering", "") or "id eq" in query.get("filtering", ""):
            what = "tickets by number"
        else:
            what = "page of tickets"
    return f"{request.method} {what}"


class WatchedCourier:
    """A courier that announces each message: before it leaves, and once it has left."""

    def __init__(self, reach: Reach, inner: Delivers | None = None) -> None:
        self._courier = Courier()
        self.inner: Delivers = inner or self._courier
        self._reach = reach

    def deliver(self, delivery: Delivery, *, private: bool = False) -> Outcome:
        self._reach("delivery: before it leaves")
        outcome = self.inner.deliver(delivery, private=private)
        self._reach("delivery: has left")
        return outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._courier.__exit__(kind, error, trace)


def watch_files(reach: Reach, folder: Path) -> None:
    """Announce what this process is about to do to files below *folder*, for the rest of its life.

    By the interpreter's audit events, which come before the deed.
    """
    root = str(folder)
    names = {
        "tempfile.mkstemp": "about to be made",
        "os.rename": "about to get its name",
        "sqlite3.connect": "about to be opened",
        "fcntl.flock": "about to be locked",
        "os.mkdir": "folder about to be made",
    }

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event in names and (event == "fcntl.flock" or root in str(arguments[0])):
            reach(f"file: {names[event]}")

    sys.addaudithook(hear)
