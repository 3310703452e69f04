"""Post to chat services: apprise knows their forms, its requests go the way of our webhooks.

So they are bound by the same rules: checked public addresses, certificates, no redirect, ten
seconds and 64 KiB in all, and a wait that the other side asks for is heard.
"""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from types import ModuleType
from typing import Any

import requests

from kace_bridge.model.message import ChatPost, HttpRequest, Outcome
from kace_bridge.model.text import clean_line
from kace_bridge.notify.chat_service import NoService, service_at, silent
from kace_bridge.notify.chat_text import fitted
from kace_bridge.notify.compose import LONGEST_SUBJECT
from kace_bridge.notify.outcome import Timeouts, dead, refused_for_now, without
from kace_bridge.notify.secret import Secret
from kace_bridge.notify.web import Answer, Resolver, exchange, judge, resolve

_FOR_REQUEST = ("params", "data", "json", "headers", "auth", "files", "cookies")
_LONGEST_SAYING = 80
_LINE_ENDS = re.compile(r"\n+")
_SEPARATORS = re.compile(r"[/?&=]")
_one_at_a_time = threading.Lock()


def send_chat(
    chat: ChatPost, timeouts: Timeouts, *, private: bool, resolver: Resolver = resolve
) -> Outcome:
    """Hand *chat* to its service; sent where the service says so, not where HTTP does."""
    try:
        service = service_at(chat.service)
    except NoService as fault:
        return dead(str(fault))
    wire = _Wire(timeouts, private, resolver)
    service.request_rate_per_sec = 0
    with silent(), _carried_by(wire):
        taken = service.notify(**_fitting(chat, service), overflow="truncate")
    return Outcome("sent") if taken else wire.fault()


def _fitting(chat: ChatPost, service: Any) -> dict[str, str]:
    """What *chat* says, in the length and form that *service* takes."""
    most, longest = int(service.body_maxlen), int(service.title_maxlen)
    if longest <= 0:
        # Such a service gets the title as the first line of the text.
        longest = LONGEST_SUBJECT
        most -= len(chat.title) + len("\r\n")
    form, text, gap = "text", chat.text, "\n"
    if service.notify_format == "markdown":
        # Its reader joins lines. The text is disarmed already; escapes would break addresses.
        form, gap = "markdown", "\n\n"
        text = _LINE_ENDS.sub(gap, text)
    body = fitted(text, chat.link, most, gap)
    return {"title": fitted(chat.title, "", longest, " "), "body": body, "body_format": form}


class _Wire:
    """Stands in for the library by which apprise speaks HTTP."""

    codes = requests.codes
    auth = requests.auth
    exceptions = requests.exceptions
    RequestException = requests.RequestException
    ConnectionError = requests.ConnectionError
    HTTPError = requests.HTTPError
    Timeout = requests.Timeout
    TooManyRedirects = requests.TooManyRedirects

    def __init__(self, timeouts: Timeouts, private: bool, resolver: Resolver) -> None:
        self._timeouts = timeouts
        self._private = private
        self._resolver = resolver
        self._url = ""
        self._last: Answer | Outcome | None = None

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Carry one request. Certificates are always verified, redirects never followed."""
        known = {name: options[name] for name in _FOR_REQUEST if name in options}
        ready = requests.Request(method.upper(), url, **known).prepare()
        body = ready.body or b""
        whole = body.encode() if isinstance(body, str) else bytes(body)
        headers = {k: v for k, v in ready.headers.items() if k.lower() != "content-length"}
        self._url = ready.url or ""
        self._last = exchange(
            HttpRequest(Secret(self._url), headers, whole, ready.method or method),
            self._timeouts, private=self._private, resolver=self._resolver,
        )  # fmt: skip
        if isinstance(self._last, Outcome):
            raise requests.ConnectionError(self._last.reason)
        return _response(self._last)

    def get(self, url: str, params: Any = None, **options: Any) -> requests.Response:
        return self.request("GET", url, params=params, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        return self.request("POST", url, data=data, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> requests.Response:
        return self.request("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> requests.Response:
        return self.request("DELETE", url, **options)

    def fault(self) -> Outcome:
        """Why nothing was taken, judged by the last answer."""
        if self._last is None:
            return dead("apprise made no request of this message; check the channel's service")
        if isinstance(self._last, Outcome):
            return self._last
        judged = judge(self._last)
        if judged.kind != "sent":
            return judged
        # A fault told with HTTP 200. Which ones pass is known to each service alone: try again.
        said = without(self._last.body.decode("utf-8", "replace"), _SEPARATORS.split(self._url))
        said = clean_line(said, _LONGEST_SAYING)
        return refused_for_now(f"HTTP {self._last.status}, but the service says: {said}")


def _response(answer: Answer) -> requests.Response:
    made = requests.Response()
    made.status_code, made.reason = answer.status, answer.reason
    made.headers.update(answer.headers)
    made.raw = BytesIO(answer.body)
    return made


@contextmanager
def _carried_by(wire: _Wire) -> Iterator[None]:
    """Let every loaded service speak through *wire* instead of by itself."""
    with _one_at_a_time:
        theirs = [module for name, module in list(sys.modules.items()) if _speaks(name, module)]
        for module in theirs:
            vars(module)["requests"] = wire
        try:
            yield
        finally:
            for module in theirs:
                vars(module)["requests"] = requests


def _speaks(name: str, module: ModuleType | None) -> bool:
    return name.startswith("apprise.") and vars(module).get("requests") is requests
