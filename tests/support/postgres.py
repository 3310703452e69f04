"""A PostgreSQL server of the tests' own: in a temporary folder, on loopback and a socket."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

OPTIONS = {"fsync": "on", "shared_buffers": "32MB", "max_connections": "60", "jit": "off"}
_PLACES = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Server:
    """A running server; every store is a schema of its one database."""

    folder: Path
    port: int
    password: str
    process: "subprocess.Popen[bytes]"

    def url(self, schema: str = "") -> str:
        """A store's URL through the socket; *schema* may be made up."""
        schema = schema or f"t_{secrets.token_hex(6)}"
        return (
            f"postgresql://postgres@/postgres?host={self.folder}&port={self.port}&schema={schema}"
        )

    def tcp_url(self, schema: str = "", port: int = 0, password: str = "") -> str:
        """The same over TCP, perhaps through a proxy at *port*."""
        schema = schema or f"t_{secrets.token_hex(6)}"
        login = f"postgres:{password or self.password}"
        return f"postgresql://{login}@127.0.0.1:{port or self.port}/postgres?schema={schema}"

    def run(self, sql: str, url: str = "") -> list[tuple[Any, ...]]:
        """Whatever *sql* gives, in the schema of *url*: for tests that meddle."""
        import psycopg

        schema = url.rpartition("schema=")[2]
        conninfo = f"host={self.folder} port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(conninfo, autocommit=True) as raw:
            # References are not checked: whoever meddles does not ask.
            raw.execute("SET session_replication_role = replica")
            if schema:
                raw.execute(f'SET search_path TO "{schema}"')  # type: ignore[call-overload]
            found = raw.execute(sql)  # type: ignore[call-overload]
            return list(found.fetchall()) if found.description else []


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed (pip install kace-bridge[postgres])"
    if os.name != "posix":
        return "the server is started the POSIX way"
    return "" if _programs() else "PostgreSQL is not installed (apt-get install postgresql)"


def require() -> None:
    """Skip the test where there can be no server, with the reason; in CI fail it."""
    if why := missing():
        (pytest.fail if os.environ.get("KACE_BRIDGE_TEST_POSTGRES") else pytest.skip)(why)


def _programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps them out of PATH."""
    found = sorted(Path(_PLACES).glob("*/bin/initdb")) if Path(_PLACES).is_dir() else []
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


@contextmanager
def serve(**options: str) -> Iterator[Server]:
    """Run a server until the block is left; *options* as in postgresql.conf."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="kb-pg-", dir=place))
    try:
        password = secrets.token_hex(8)
        _init(folder, password)
        server = _start(folder, password, OPTIONS | options)
        try:
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_other() -> dict[str, Any]:
    """The server refuses root: then it runs as postgres, or as nobody."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _init(folder: Path, password: str) -> None:
    other = _as_other()
    secret = folder / "password"
    secret.write_text(password)
    if other:
        os.chown(secret, other["user"], other["group"])
        os.chown(folder, other["user"], other["group"])
    command = [
        str(_bin() / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256",
        f"--pwfile={secret}",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=100, **other)


def _bin() -> Path:
    found = _programs()
    assert found is not None
    return found


def _start(folder: Path, password: str, options: dict[str, str]) -> Server:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [f"--{name}={value}" for name, value in options.items()]
    command = [
        str(_bin() / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-p", str(port),
        "-h", "127.0.0.1", *settings,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **_as_other())
    server = Server(folder, port, password, process)
    _wait(server)
    return server


def _wait(server: Server) -> None:
    import psycopg

    until = time.monotonic() + 60
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if server.process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)  # "fast": clients are cut off
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(30)
