"""Mail header values in ASCII, folded here.

The standard library's folding has let text change the structure of a header more than once
(CVE-2024-6923, CVE-2026-1299) and changes between releases; a repeat must be the same bytes.
"""

import base64
import re

_PLAIN = re.compile(r"[\x20-\x7e]*")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/?^_`{|}~-]*")
_WIDTH = 76
# 39 bytes are 52 characters of base64; with its frame and "Reply-To: " a line stays below 76.
_CHUNK = 39


def subject(tag: str, words: str) -> str:
    """A subject: *tag* (plain ASCII, kept readable for filters; may be empty), then *words* (one
    clean line)."""
    tags = [tag] if tag else []
    if _PLAIN.fullmatch(words) and "=?" not in words:
        return _fold([*tags, *(words.split(" ") if words else ())], len("Subject: "))
    return "\r\n ".join([*tags, *_encoded_words(words)])


def phrase(name: str) -> str:
    """*name* (one clean line) as the words before an address."""
    if _ATOMS.fullmatch(name) and "=?" not in name:
        return name
    if _PLAIN.fullmatch(name) and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "\r\n ".join(_encoded_words(name))


def _fold(words: list[str], used: int) -> str:
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if line and used + len(longer) > _WIDTH:
            lines.append(line)
            line, used = word, 1
        else:
            line = longer
    return "\r\n ".join([*lines, line])


def _encoded_words(text: str) -> list[str]:
    words: list[str] = []
    chunk = b""
    for character in text:
        encoded = character.encode("utf-8")
        if len(chunk) + len(encoded) > _CHUNK:
            words.append(_encoded(chunk))
            chunk = b""
        chunk += encoded
    return [*words, _encoded(chunk)]


def _encoded(chunk: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?="
