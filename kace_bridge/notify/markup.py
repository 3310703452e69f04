"""The HTML part of a message: made from its text, or a template's own with a short list of tags.

Nothing is ever fetched by looking at a mail of ours: no images, no styles by reference.
"""

import re
from collections.abc import Collection
from html import escape
from html.parser import HTMLParser
from itertools import groupby

_PAGE = (
    '<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
    '<meta name="color-scheme" content="light dark"></head>\n'
    '<body style="font-family: sans-serif; font-size: 15px; line-height: 1.45; max-width: 45em">\n'
    "{}\n</body></html>\n"
)
_QUOTE = '<blockquote style="margin: 0 0 1em; padding-left: 1em; border-left: 3px solid #bbb">'
_BREAK = "<br>\n"
_TAGS = frozenset(
    {"a", "b", "blockquote", "br", "div", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p"}
    | {"pre", "span", "strong", "table", "td", "th", "tr", "u", "ul"}
)
_VOID = frozenset({"br", "hr"})
_SKIPPED = frozenset({"head", "iframe", "object", "script", "style", "svg", "template", "title"})
_WORDS = re.compile(r"(\s+)")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)[\x21-\x7e]+", re.IGNORECASE)
_SAFE_STYLE = re.compile(r"(?:\s*[a-z-]+\s*:\s*[\w\s#%.,-]+;?)*\s*")


def text_to_html(text: str, links: Collection[str] = ()) -> str:
    """*text* as a small page: paragraphs, lists, quotations; all of it escaped.

    Lines after ``> `` become a quotation, lines after ``- `` a list; two blanks go on with an
    entry. Only the addresses *links* become links, and only outside of quotations: ticket text
    cannot place one.
    """
    known = {link for link in links if _SAFE_LINK.fullmatch(link)}
    blocks = [
        _block(kind, list(lines), known) for kind, lines in groupby(text.split("\n"), _kind) if kind
    ]
    return _PAGE.format("\n".join(blocks))


def clean_html(markup: str) -> str:
    """*markup* reduced to plain formatting and http(s) or mail links, as a small page."""
    reader = _Cleaner()
    # A marked section is no HTML, and the standard parser refuses unknown ones loudly.
    reader.feed(markup.replace("<![", "&lt;!["))
    reader.close()
    while reader.open:
        reader.parts.append(f"</{reader.open.pop()}>")
    return _PAGE.format("".join(reader.parts).strip())


def _kind(line: str) -> str:
    if line.startswith(">"):
        return "quote"
    if line.startswith(("- ", "  ")) and line.strip():
        return "list"
    return "text" if line.strip() else ""


def _block(kind: str, lines: list[str], links: Collection[str]) -> str:
    if kind == "quote":
        inner = (escape(line[1:].removeprefix(" ")) for line in lines)
        return f"{_QUOTE}{_BREAK.join(inner)}</blockquote>"
    if kind == "list":
        return f"<ul>{''.join(f'<li>{entry}</li>' for entry in _entries(lines, links))}</ul>"
    return f"<p>{_BREAK.join(_linked(line, links) for line in lines)}</p>"


def _entries(lines: list[str], links: Collection[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        shown = _linked(line[2:], links)
        if line.startswith("- ") or not found:
            found.append(shown)
        else:
            found[-1] += _BREAK + shown
    return found


def _linked(line: str, links: Collection[str]) -> str:
    return "".join(_word(word, links) for word in _WORDS.split(line))


def _word(word: str, links: Collection[str]) -> str:
    shown = escape(word)
    return f'<a href="{shown}">{shown}</a>' if word in links else shown


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipping += 1
        elif tag in _TAGS and not self.skipping:
            self.parts.append(f"<{tag}{_attributes(tag, attrs)}>")
            if tag not in _VOID:
                self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self.skipping = max(self.skipping - 1, 0)
        elif tag in self.open and not self.skipping:
            while (last := self.open.pop()) != tag:
                self.parts.append(f"</{last}>")
            self.parts.append(f"</{tag}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(escape(data))


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    kept: dict[str, str] = {}
    for name, value in attrs:
        linked = tag == "a" and name == "href" and _SAFE_LINK.fullmatch(value or "")
        styled = name == "style" and _SAFE_STYLE.fullmatch((value or "").lower())
        if (linked or styled) and value:
            kept.setdefault(name, value)
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
