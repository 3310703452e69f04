"""Connections that know whether a request has begun to leave this machine.

For a write that is the difference between "surely not sent" and "outcome unknown", so it is
noted at the last possible point: inside the connection, just before the first byte is written.
"""

import ssl
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry

from kace_bridge.clock import Clock


class TooLateToSend(Exception):
    """The send deadline passed before the first byte was written."""


class Ward:
    """What is known about one request on its way; ``send_by`` in ``clock.monotonic()`` seconds."""

    __slots__ = ("clock", "connecting", "send_by", "written")

    def __init__(self, clock: Clock, send_by: float | None) -> None:
        self.clock = clock
        self.send_by = send_by
        self.connecting = False
        self.written = False

    @property
    def surely_not_sent(self) -> bool:
        """A connection was tried for and not one byte of the request was written."""
        return self.connecting and not self.written

    def check_deadline(self) -> None:
        if self.send_by is not None and self.clock.monotonic() >= self.send_by:
            raise TooLateToSend

    def before_write(self) -> None:
        if not self.written:
            self.connecting = True
            self.check_deadline()
            self.written = True


WARD: ContextVar[Ward | None] = ContextVar("kace_bridge_ward", default=None)
"""The request this thread is sending."""


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        _note_connecting()
        super().connect()

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _note_write()
        super().send(data)


class _TlsConnection(HTTPSConnection):
    insecure = False

    def connect(self) -> None:
        _note_connecting()
        super().connect()
        if self.insecure:
            # Said loudly once when the client was made; urllib3 would warn on every request.
            self.is_verified = True

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _note_write()
        super().send(data)


class _UnverifiedConnection(_TlsConnection):
    insecure = True


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _UnverifiedPool(HTTPSConnectionPool):
    ConnectionCls = _UnverifiedConnection


class Adapter(HTTPAdapter):
    """requests' adapter on these connections: TLS 1.2 or later, no repeats of its own."""

    def __init__(
        self, *, tls: bool = True, insecure: bool = False, ca_bundle: str | None = None
    ) -> None:
        self._tls = tls
        self._insecure = insecure
        self._ca_bundle = ca_bundle
        super().__init__(max_retries=Retry(0, read=False))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._tls:
            kwargs["ssl_context"] = _trust(self._ca_bundle, self._insecure)
        super().init_poolmanager(*args, **kwargs)
        tls = _UnverifiedPool if self._insecure else _TlsPool
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": tls}

    def close(self) -> None:
        """Close every connection now: a pool that some error still refers to would keep its own."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 -- it cannot be iterated otherwise
            pools[key].close()
        super().close()


@cache
def _trust(ca_bundle: str | None, insecure: bool) -> ssl.SSLContext:
    """Kept, because reading the machine's authorities takes longer than all else at the start."""
    folder = ca_bundle is not None and Path(ca_bundle).is_dir()
    context = ssl.create_default_context(
        cafile=None if folder else ca_bundle, capath=ca_bundle if folder else None
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if insecure:
        context.check_hostname = False
    return context


def _note_connecting() -> None:
    ward = WARD.get()
    if ward is not None:
        ward.connecting = True


def _note_write() -> None:
    ward = WARD.get()
    if ward is not None:
        ward.before_write()
