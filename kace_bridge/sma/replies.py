"""What a reply means: data, a refusal, a lost session, or nothing that can be trusted.

Pure. Sources: contract sections 2.5 (error form, errors in a 200), 3.5 (envelope), 8 Q7, Q27, Q33.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from kace_bridge.errors import (
    KaceBridgeError,
    NotFound,
    OutcomeUnknown,
    Refused,
    RetryLater,
    Stumbled,
    UnexpectedReply,
)
from kace_bridge.model.people import to_int
from kace_bridge.model.text import clean_line
from kace_bridge.sma.exchange import Reply, Request, parse_http_date

Mask = Callable[[str], str]
Row = Mapping[str, Any]
_LOST = re.compile(r"token|authenticated|session", re.IGNORECASE)
_ADVICE = {
    400: "check the values sent (status, priority, category and impact ids belong to one queue)",
    403: "check that the account may write in the service desk and owns tickets of the queue",
    405: "the appliance does not offer this call",
    409: "the ticket changed meanwhile; read it again",
}


class TooLarge(UnexpectedReply):
    """The answer is larger than the cap; asking for fewer rows may help."""


def read_error(reply: Reply) -> str | None:
    """The appliance's own words in an error body, whatever the status; None for no error."""
    data = reply.data
    if not isinstance(data, Mapping):
        return None
    fields = lower_keys(data)
    code, text = fields.get("errorcode"), fields.get("errordescription", "")
    if to_int(code) in (None, 0) and code in (None, "", 0, "0") and not text:
        return None
    return clean_line(str(text or f"error {code}"))


def is_session_lost(reply: Reply) -> bool:
    """Whether the request was turned away before any effect because the session is not good.

    A 401, an error body in a 200 that speaks of the token, or a 403 that speaks of CSRF.
    """
    if reply.status == 401:
        return True
    if reply.status not in (200, 403):
        return False
    text = read_error(reply) or ""
    return bool(_LOST.search(text)) if reply.status == 200 else "csrf" in text.lower()


def is_code_wanted(reply: Reply) -> bool:
    """Whether the account still owes its two-factor code (contract section 2.3)."""
    return reply.status == 401 and "fully authenticated" in (read_error(reply) or "").lower()


def read_object(request: Request, reply: Reply, mask: Mask = str) -> Row:
    """The JSON object of a good *reply*, keys lower-case at the top; raises what it is otherwise.

    Raises Refused or NotFound (the appliance declined), RetryLater (429; 5xx of a read),
    OutcomeUnknown (a write whose answer proves nothing), UnexpectedReply (the same of a read).
    """
    require_success(request, reply, mask)
    if reply.status == 204:
        return {}
    data = reply.data
    if not isinstance(data, Mapping):
        raise untrusted(request, f"answered {_describe_body(reply)} instead of a JSON object")
    fields = lower_keys(data)
    text = read_error(reply)
    if text is not None:
        raise Refused(f"{request.name} was refused: {mask(text)}", status=reply.status)
    result = fields.get("result")
    if request.writes and isinstance(result, str) and result.lower() != "success":
        raise Refused(
            f"{request.name} was refused: result {mask(clean_line(result))}", status=reply.status
        )
    return fields


def require_success(request: Request, reply: Reply, mask: Mask = str) -> None:
    """Pass a 2xx; raise for every other status what the caller should do about it."""
    status = reply.status
    if 200 <= status < 300:
        return
    said = f": {mask(text)}" if (text := read_error(reply)) else ""
    if status == 429:
        wait = read_retry_after(reply)
        raise RetryLater(f"{request.name}: the appliance asks to slow down", retry_after=wait)
    if status >= 500 or status == 408:
        message = f"{request.name} failed with status {status}{said}"
        if request.writes:
            raise OutcomeUnknown(f"{message}; it may have been carried out all the same")
        wait = read_retry_after(reply)
        kind = Stumbled if status == 500 else RetryLater
        raise kind(f"{message}; the appliance may be starting up", retry_after=wait)
    if 300 <= status < 400 or status < 200:
        target = mask(clean_line(reply.headers.get("location", "elsewhere").partition("?")[0]))
        raise untrusted(request, f"was sent on to {target}; use the appliance's final URL")
    if status in (404, 410):
        raise NotFound(f"{request.name}: no such thing, or hidden from this account", status=status)
    advice = f"; {_ADVICE[status]}" if status in _ADVICE else ""
    raise Refused(f"{request.name} was refused ({status}){said}{advice}", status=status)


def untrusted(request: Request, what: str) -> KaceBridgeError:
    """The error for an answer that proves nothing: of a write the outcome is unknown."""
    if request.writes:
        return OutcomeUnknown(f"{request.name} {what}; it may have been carried out all the same")
    return UnexpectedReply(f"{request.name} {what}; is there a proxy before the appliance?")


def read_rows(request: Request, fields: Row, plural: str) -> tuple[list[Row], int | None]:
    """The rows of an envelope and its Count (total matching), None where it has none.

    Raises UnexpectedReply where the list is missing: that must never read as "no rows".
    """
    rows = fields.get(plural.lower())
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise untrusted(request, f"answered without a list of {plural}")
    return rows, to_int(fields.get("count"))


def read_retry_after(reply: Reply) -> float | None:
    """Seconds asked for by Retry-After (seconds or date); None where absent or not readable."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    until, now = parse_http_date(text), reply.date
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def lower_keys(record: Row) -> Row:
    """*record* with lower-case keys: their casing differs by module (contract section 8, Q7)."""
    return {str(key).lower(): value for key, value in record.items()}


def _describe_body(reply: Reply) -> str:
    if not reply.body:
        return "nothing"
    kind = reply.headers.get("content-type", "").lower()
    if "html" in kind or reply.body.lstrip()[:1] == b"<":
        return "an HTML page"
    return "cut or broken JSON" if "json" in kind else "something"
