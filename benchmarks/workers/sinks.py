"""Where messages arrive: an SMTP and a web server that note every copy they were given.

A copy counts as soon as all of it is here, whatever is answered then: servers that take a message
and lose their answer are what repeats come from.
"""

import json
import random
import socket
import threading
import time
from contextlib import suppress
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Notes:
    """Lines of JSON in a file, one per event, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")
        self.entries: list[dict[str, Any]] = []

    def add(self, **entry: Any) -> None:
        with self._lock:
            self.entries.append(entry)
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def close(self) -> None:
        self._file.close()


class Mailbox:
    """A mail server; *trouble* is the share of mails it refuses for now, or takes and goes."""

    def __init__(self, notes: Notes, trouble: float, seed: int) -> None:
        self.notes = notes
        self.trouble = trouble
        self._chance = random.Random(seed)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802
        fate = self._chance.random()
        if fate < self.trouble / 2:
            return "451 4.7.1 greylisted, try again later"
        mail = message_from_bytes(envelope.content, policy=default)
        self.notes.add(
            at=time.time(), id=str(mail["Message-ID"]), to=envelope.rcpt_tos[0],
            subject=str(mail["Subject"]), content=envelope.content.decode("latin-1"),
        )  # fmt: skip
        if fate < self.trouble:
            server.transport.close()
        return "250 taken"

    def start(self) -> str:
        """Its URL."""
        self._controller.start()
        return f"smtp://127.0.0.1:{self._port}?tls=none"

    def stop(self) -> None:
        with suppress(Exception):
            self._controller.stop()


class Hooks:
    """A web server for webhooks, as unreliable."""

    def __init__(self, notes: Notes, trouble: float, seed: int) -> None:
        chance = random.Random(seed)
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with lock:
                    fate = chance.random()
                if fate < trouble / 2:
                    self.send_response(503)
                    self.end_headers()
                    return
                notes.add(at=time.time(), id=self.headers["webhook-id"],
                          body=body.decode("utf-8"))  # fmt: skip
                if fate < trouble:
                    self.connection.close()
                    return
                self.send_response(204)
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]

    def start(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
