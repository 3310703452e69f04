"""Text that no chat program takes for markup. Pure."""

import re

_NOTHING = "\u200b"
_ARMED = re.compile(
    r"""
      (?<=<)(?=\S)                                  # <!channel>, <@U1>, <url|words>, <at>, <img>
    | (?<=@)(?=(?:all|channel|everyone|here)\b)     # rooms are called in the middle of words, too
    | (?<!\w@)(?<=@)(?=\w)                          # @jdoe, but not jdoe@example.org
    | (?<=\])(?=[(\[:])                             # [words](url), ![](image), [words][1], [1]: url
    """,
    re.IGNORECASE | re.VERBOSE,
)


def disarm(text: str) -> str:
    """*text* with an invisible blank inside of whatever calls people, hides an address behind
    words or loads an image, in any chat program.

    Not the escapes of each service: which one reads it is known to the service alone, and an
    escape that is not understood is shown. Taking out the blanks (U+200B) gives *text* again.
    """
    return _ARMED.sub(_NOTHING, text)


def fitted(text: str, link: str, most: int, gap: str = "\n") -> str:
    """*text* in at most *most* characters; where it is cut, *link* follows after *gap*."""
    if len(text) <= most:
        return text
    end = f"{gap}\u2026{gap}{link}" if link else f"{gap}\u2026"
    room = most - len(end)
    return text[:room].rstrip() + end if room > 0 else text[:most]
