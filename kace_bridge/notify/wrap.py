"""The text part of a mail in lines that every mail program and terminal shows whole. Pure."""

import re
import textwrap

WIDTH = 76
_LEAD = re.compile(r"(?P<quote>>[> ]*)|(?P<entry>- |  )")


def wrapped(text: str) -> str:
    """*text* with no line over `WIDTH` characters that has a blank to break it at.

    A quotation stays one on every line, an entry of a list keeps its indent; a word that is too
    long, such as an address, stays whole.
    """
    return "\n".join(_wrapped(line) for line in text.split("\n"))


def _wrapped(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    lead = _LEAD.match(line)
    first = lead[0] if lead else ""
    rest = first if lead and lead["quote"] else " " * len(first)
    lines = textwrap.wrap(
        line[len(first):], WIDTH, initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False, expand_tabs=False,
        replace_whitespace=False,
    )  # fmt: skip
    return "\n".join(lines) or line
