"""One-time codes. Source: RFC 6238 with SHA-1, 30 seconds, 6 digits."""

import base64
import hmac
from datetime import datetime

STEP_S = 30
DIGITS = 6


def totp_code(seed: str, moment: datetime) -> str:
    """The code a set-up with base32 *seed* shows at *moment*."""
    return _code(seed, int(moment.timestamp()) // STEP_S)


def accepts_code(seed: str, code: str, moment: datetime) -> bool:
    """Is it the code of now, or of one step before or after?"""
    step = int(moment.timestamp()) // STEP_S
    return any(hmac.compare_digest(_code(seed, step + drift), code) for drift in (0, -1, 1))


def _code(seed: str, counter: int) -> str:
    text = seed.replace(" ", "").upper()
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    digest = hmac.new(key, counter.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)
