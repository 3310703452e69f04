"""The made-up appliance behind a socket, in a process of its own: ``served(100_000, 20)``.

Threads, keep-alive, gzip for whoever accepts it. The pages are made (and packed) before the
first request is timed, so the server costs little beside the reader.
"""

import argparse
import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

from benchmarks.workload.appliance import Appliance

ENOUGH = 1_000
"""Bytes from which a body is packed."""


@contextmanager
def served(tickets: int, latency_ms: float, *, history: bool = False) -> Iterator[str]:
    """The URL of an appliance with so many *tickets*, stopped at the end."""
    command = [
        sys.executable, "-m", "benchmarks.workload.served", str(tickets), str(latency_ms),
        *(["--history"] if history else []),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.communicate(timeout=20)


class _Server:
    def __init__(self, desk: Appliance, latency: float) -> None:
        self.desk = desk
        self.latency = latency
        self.packed: dict[bytes, bytes] = {}

    def talk(self, connection: socket.socket) -> None:
        """Answer on one connection until the other side closes it."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting = b""
        with connection:
            while True:
                while b"\r\n\r\n" not in waiting:
                    received = connection.recv(65536)
                    if not received:
                        return
                    waiting += received
                head, waiting = waiting.split(b"\r\n\r\n", 1)
                length = _length(head)
                while len(waiting) < length:
                    waiting += connection.recv(65536)
                body, waiting = waiting[:length], waiting[length:]
                connection.sendall(self.reply(head.decode("latin-1"), body))

    def reply(self, head: str, body: bytes) -> bytes:
        """The whole reply, after the latency; that of a login is none."""
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        status, headers, content = self.desk.answer(method, url.path, query, body)
        accepted = [line for line in head.lower().split("\r\n") if line.startswith("accept-enc")]
        if len(content) >= ENOUGH and any("gzip" in line for line in accepted):
            content = self.pack(content)
            headers = {**headers, "content-encoding": "gzip"}
        if url.path.startswith("/api/"):
            time.sleep(self.latency)
        lines = [f"HTTP/1.1 {status} OK", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def pack(self, content: bytes) -> bytes:
        """Kept: the same page is asked for in every round."""
        if content not in self.packed:
            self.packed[content] = gzip.compress(content, 6)
        return self.packed[content]


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tickets", type=int)
    parser.add_argument("latency_ms", type=float)
    parser.add_argument("--history", action="store_true")
    given = parser.parse_args()
    server = _Server(Appliance(given.tickets, given.history), given.latency_ms / 1000)
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listening.getsockname()[1], flush=True)

    def accept() -> None:
        while True:
            threading.Thread(target=server.talk, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
