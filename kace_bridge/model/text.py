"""Text from tickets is hostile: these functions make it plain before anyone shows it."""

import re
import unicodedata

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff{_BIDI}\ud800-\udfff]")
_MOST_MARKS = 30
"""Stream-safe text has no longer run of combining marks (Unicode annex 15). Sorting them takes
quadratic time, so a hostile ticket could otherwise stop the engine: 128,000 marks take 16 s."""
_BLANKS = re.compile(r"[ \t\xa0]+")
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#a-zA-Z]")

PAGE_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
"""For the pages we write: whatever a ticket's text got into one, nothing runs and nothing loads."""


def html_to_text(markup: str) -> str:
    """The words of *markup*, tags and scripts removed, entities resolved, blank runs folded.

    Plain text passes unchanged apart from the folding; a lone ``<`` is kept.
    Source: contract section 8, Q5 and Q6 (summary, comment and resolution may be HTML).
    """
    if _MARKUP.search(markup):
        # Imported where there is markup: most texts have none, and start-up is a promise.
        from kace_bridge.model.markup import MarkupReader

        reader = MarkupReader()
        # The parser raises on an unfinished declaration such as "<![foo".
        reader.feed(markup.replace("<![", "&lt;!["))
        reader.close()
        markup = "".join(reader.parts)
    lines = (_BLANKS.sub(" ", line).strip() for line in markup.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain_text(markup: str) -> str:
    """The words of *markup*, cleaned: `html_to_text` of `clean_text`.

    A text that needs neither is told by tests that cost a fraction of doing both: many
    tickets' texts are of that kind.
    """
    if (
        markup.isascii() and "<" not in markup and "&" not in markup and "  " not in markup
        and markup.isprintable()
    ):  # fmt: skip
        return markup.strip()
    return html_to_text(clean_text(markup))


def clean_text(text: str) -> str:
    """*text* without control characters, direction marks and lone surrogates; newlines stay."""
    if text.isascii():
        if text.isprintable():
            return text
        return _UNSAFE.sub("", text.replace("\r\n", "\n"))
    return _UNSAFE.sub("", unicodedata.normalize("NFC", cut_marks(text.replace("\r\n", "\n"))))


def cut_marks(text: str) -> str:
    """*text* with no more than 30 combining marks in a row, safe to normalize."""
    if text.isascii():
        return text
    marks = "".join(re.escape(char) for char in set(text) if unicodedata.category(char)[0] == "M")
    return re.sub(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+", r"\1", text) if marks else text


def clean_line(text: str, limit: int = 200) -> str:
    """*text* on one line, cleaned, cut to *limit* characters with an ellipsis."""
    # Most texts are ASCII, on a few lines. Of a long one the beginning is enough, if it fills
    # the limit.
    head = text[: 2 * limit].replace("\n", " ")
    if head.isascii() and head.isprintable():
        line = " ".join(head.split()) if "  " in head else head.strip()
        if len(line) <= limit and len(head) < len(text):
            line = _as_line(text)
    else:
        line = _as_line(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _as_line(text: str) -> str:
    return " ".join(clean_text(re.sub(r"[\r\n\t\v\f\x85\u2028\u2029]+", " ", text)).split())
