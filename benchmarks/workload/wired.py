"""A client whose transport is the made-up appliance itself: no socket, no waiting."""

from datetime import datetime

from benchmarks.workload.appliance import Appliance
from kace_bridge.sma import Sma
from kace_bridge.sma.exchange import Reply, Request
from kace_bridge.sma.transport import BODY_CAP, CookieJar, encode_body


class Wire:
    """What a session needs of a transport, answered from memory."""

    def __init__(self, desk: Appliance) -> None:
        self.desk = desk
        self.server_time: datetime | None = None
        self.requests_made = 0

    def send(
        self, request: Request, jar: CookieJar, *, send_by: float | None = None,
        cap: int = BODY_CAP,
    ) -> Reply:  # fmt: skip
        """The reply, as the network would have brought it."""
        del jar, send_by, cap
        self.requests_made += 1
        body = encode_body(request.body) or b""
        status, headers, content = self.desk.answer(
            request.method, request.path, dict(request.query), body
        )
        self.server_time = self.desk.now
        return Reply(
            status, {**headers, "date": f"{self.desk.now:%a, %d %b %Y %H:%M:%S GMT}"}, content
        )

    def close(self) -> None:
        """Nothing is open."""


def wired(desk: Appliance) -> Sma:
    """A client of *desk*."""
    return Sma(
        "http://127.0.0.1", username="svc", password="measured", timezone="UTC",
        name_authors=False, transport=Wire(desk),
    )  # fmt: skip
