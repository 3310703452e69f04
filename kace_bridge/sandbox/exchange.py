"""One request and its reply, free of sockets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived. *path* may be percent-encoded; *query* is raw, without the question mark."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The header's value whatever its case, empty when absent."""
        wanted = name.lower()
        return next((v for k, v in self.headers.items() if k.lower() == wanted), "")

    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.header("cookie").split(";"))
        return {name: value.strip('"') for name, _, value in pairs if name}


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer.

    *delay_s* is to be waited outside any lock; *drop* closes the connection unanswered;
    *truncate* sends that many bytes of the body under the whole body's Content-Length.
    """

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    delay_s: float = 0.0
    drop: bool = False
    truncate: int | None = None

    def json(self) -> Any:
        return json.loads(self.body)


class ApiError(Exception):
    """An answer that is not a success; becomes the errorCode/errorDescription body."""

    def __init__(self, status: int, description: str, code: int = -1) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.code = code
        self.headers: list[tuple[str, str]] = []


def answer_json(value: object, status: int = 200) -> Reply:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, [("Content-Type", "application/json; charset=utf-8")], body)


def answer_error(error: ApiError, status: int | None = None) -> Reply:
    reply = answer_json(
        {"errorCode": error.code, "errorDescription": error.description}, status or error.status
    )
    reply.headers.extend(error.headers)
    return reply


def answer_html(title: str, status: int, text: str = "") -> Reply:
    page = text or f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(status, [("Content-Type", "text/html; charset=utf-8")], page.encode())
