"""Time-based one-time passwords.  Source: RFC 6238 and RFC 4226, SHA-1, 6 digits, 30 seconds."""

import base64
import binascii
import hmac
from datetime import datetime

from kace_bridge.sma.secret import Secret

STEP_S = 30


def decode_seed(seed: Secret) -> bytes:
    """The key of a base32 *seed* as set-up pages show it: blanks and small letters are fine.

    Raises ValueError, without showing the seed, where it is not base32.
    """
    text = "".join(seed.reveal().replace("-", "").split()).upper().rstrip("=")
    problem = not text
    key = b""
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        problem = True
    if problem or not key:
        raise ValueError("the two-factor seed is not base32 text")
    return key


def one_time_code(seed: Secret, at: datetime) -> Secret:
    """The six digits valid at the instant *at*."""
    step = int(at.timestamp()) // STEP_S
    digest = hmac.digest(decode_seed(seed), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return Secret(f"{number % 1_000_000:06d}")
