"""What a network exception means, in words safe to show.

The exceptions' own texts name the whole URL and their objects hold the request, so nothing of
them is passed on but their kind and, where there is one, the system's reason.
"""

import ssl
from collections.abc import Iterator
from typing import Literal

import requests
import urllib3.exceptions

Kind = Literal["timeout", "lost"]

_NOT_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
)


def certainly_not_sent(error: BaseException) -> bool:
    """Whether the exception alone proves that no connection ever stood."""
    return any(isinstance(link, _NOT_SENT) for link in _chain(error))


def describe(error: BaseException) -> tuple[Kind, str]:
    """Kind and safe words for *error*."""
    links = list(_chain(error))
    for link in links:
        if isinstance(link, ssl.SSLCertVerificationError):
            return "lost", (
                f"its certificate is not trusted ({link.verify_message or 'verification failed'}), "
                "set KACE_CA_BUNDLE"
            )
    for test, words in _WORDS:
        if any(isinstance(link, test) for link in links):
            timed_out = test in _TIMEOUTS
            return ("timeout" if timed_out else "lost"), words
    return "lost", "the connection failed"


_TIMEOUTS = (
    urllib3.exceptions.ReadTimeoutError,
    requests.exceptions.ReadTimeout,
    TimeoutError,
)
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (urllib3.exceptions.NameResolutionError, "its name is not known"),
    (ConnectionRefusedError, "connection refused"),
    (urllib3.exceptions.ConnectTimeoutError, "no connection in time"),
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.InvalidURL, "the URL cannot be used"),
    (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
    (requests.exceptions.ReadTimeout, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (ssl.SSLError, "no TLS 1.2 connection could be made"),
    (requests.exceptions.SSLError, "no TLS 1.2 connection could be made"),
    (urllib3.exceptions.IncompleteRead, "the answer was cut short"),
    (urllib3.exceptions.DecodeError, "the answer cannot be decompressed"),
    (requests.exceptions.ContentDecodingError, "the answer cannot be decompressed"),
    (ConnectionResetError, "the connection was reset"),
    (BrokenPipeError, "the connection was closed"),
    (urllib3.exceptions.ProtocolError, "the connection was closed without an answer"),
    (OSError, "the connection failed"),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """*error*, what it wraps as an argument or a reason, and what caused it; each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]
        waiting += [item for item in inner if isinstance(item, BaseException)]
