"""Mount a sandbox appliance into ``responses``: the same object that is served over HTTP."""

import re
from urllib.parse import urlsplit

import requests
import responses

from kace_bridge.sandbox import Appliance, Request

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


def mount(
    rsps: responses.RequestsMock, app: Appliance, url: str = "https://kace.example.org"
) -> None:
    """Answer every request below *url* from *app*.

    A dropped connection, a cut body and an answer later than the caller's timeout raise what
    ``requests`` raises for them; nothing ever waits.
    """

    def answer(prepared: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(prepared.url or "")
        body = prepared.body or b""
        request = Request(
            prepared.method or "GET",
            parts.path,
            parts.query,
            dict(prepared.headers),
            body.encode() if isinstance(body, str) else body,
        )
        reply = app.handle(request)
        timeout = getattr(prepared, "req_kwargs", {}).get("timeout")
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and reply.delay_s > patience:
            raise requests.exceptions.ReadTimeout(f"read timeout={patience}", request=prepared)
        if reply.drop:
            raise requests.exceptions.ConnectionError("Connection aborted.", request=prepared)
        if reply.truncate is not None and reply.truncate < len(reply.body):
            raise requests.exceptions.ChunkedEncodingError("IncompleteRead", request=prepared)
        return reply.status, reply.headers, reply.body

    pattern = re.compile(re.escape(url.rstrip("/")) + "/.*")
    for method in METHODS:
        rsps.add_callback(method, pattern, callback=answer, content_type=None)
