"""One request to the appliance and its reply, free of sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kace_bridge.sma.secret import Secret

Header = str | Secret
_LARGE = 1 << 16
"""Bytes from which a quicker reader is worth being loaded."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. ``body`` is JSON-able data in which a Secret stands for its text.

    ``shrinkable``: a time-out or an over-large answer is the caller's to answer by asking for
    less, so it is not repeated as it stands.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, Header] = field(default_factory=dict, repr=False)
    body: object = field(default=None, repr=False)
    shrinkable: bool = False

    @property
    def name(self) -> str:
        """Method and path: how messages and logs name a request; never the query."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether a lost answer leaves in doubt if the appliance changed."""
        return self.method != "GET" and not self.path.startswith("/ams/")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Header names are lower-case; ``cookies`` is the jar after this reply."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    _decoded: list[object] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def data(self) -> object:
        """The body as JSON, decoded once however many look at it; None where it is none."""
        if not self._decoded:
            try:
                self._decoded.append(_decode(self.body))
            except (ValueError, RecursionError):
                self._decoded.append(None)
        return self._decoded[0]

    @property
    def date(self) -> datetime | None:
        """The appliance's own clock: the Date header, aware."""
        return parse_http_date(self.headers.get("date", ""))


def _decode(body: bytes) -> object:
    if len(body) < _LARGE:
        return json.loads(body)
    from kace_bridge.model.quick_json import read_json

    return read_json(body)


def parse_http_date(text: str) -> datetime | None:
    """The instant an HTTP date names, aware; None for anything else."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
