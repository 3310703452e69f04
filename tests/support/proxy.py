"""A TCP proxy on loopback that breaks the link at a word, before or after the other side has it."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Proxy:
    """Passes everything on to ``127.0.0.1:target`` until told to cut."""

    def __init__(self, target: int) -> None:
        self.cuts = 0
        self._target = target
        self._word = b""
        self._deliver = self._close = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        _close(self._listener)
        for pair in self._pairs:
            for one in pair:
                _close(one)
        for thread in self._threads:
            thread.join(10)

    def cut_at(self, word: bytes, *, deliver: bool, close: bool = False) -> None:
        """Break the link at the next *word* from the client, once.

        *deliver*: the other side still gets it, only the answer is lost. *close*: nobody is let
        through afterwards.
        """
        self._word, self._deliver, self._close = word, deliver, close

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._pairs.append((client, server))
                for one, other, asks in ((client, server, True), (server, client, False)):
                    thread = threading.Thread(
                        target=self._pass_on, args=(one, other, asks), daemon=True
                    )
                    self._threads.append(thread)
                    thread.start()

    def _pass_on(self, one: socket.socket, other: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if asks and self._word and self._word in data:
                    self._cut(one, other, data)
                    return
                other.sendall(data)
        _close(one)
        _close(other)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self._word = b""
        self.cuts += 1
        if self._close:
            _close(self._listener)
        _close(client)
        if self._deliver:
            server.sendall(data)
            server.shutdown(socket.SHUT_WR)  # read to the end, then closed by its own thread
        else:
            _close(server)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
