"""All templates on one page, rendered on sample data, for people to look at."""

from collections.abc import Mapping
from html import escape
from typing import Protocol

from kace_bridge.model.text import PAGE_POLICY
from kace_bridge.notify.markup import clean_html, text_to_html
from kace_bridge.notify.wrap import wrapped


class Words(Protocol):
    """A rendered template."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


_SAMPLE_LINK = "https://kace.example.org/adminui/ticket.php?ID=41"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
{policy}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Messages</title>
<style>
body {{ font-family: sans-serif; line-height: 1.4; margin: 0 auto; max-width: 80em; padding: 1em }}
nav {{ columns: 4 10em; margin: 1em 0 }}
nav a {{ display: block }}
section {{ border-top: 1px solid #8888; padding: 0.5em 0 1.5em }}
.both {{ display: grid; gap: 1.5em }}
.both {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 35em), 1fr)) }}
.both > * {{ border: 1px solid #8886; border-radius: 4px; margin: 0; min-width: 0; padding: 1em }}
.mail {{ font-size: 15px; line-height: 1.45; overflow-wrap: anywhere }}
.mail > :first-child {{ margin-top: 0 }}
pre {{ font-size: 12px; overflow-wrap: anywhere; white-space: pre-wrap }}
</style></head><body>
<h1>Messages</h1>
<p>{count} templates on sample data: the text part beside the HTML part.</p>
<nav>{contents}</nav>
{sections}
</body></html>
"""
_ENTRY = '<a href="#{name}">{name}</a>'
_SECTION = """<section id="{name}">
<h2>{name}</h2>
<p><strong>{subject}</strong></p>
<div class="both"><pre>{text}</pre><div class="mail">{html}</div></div>
</section>"""


def gallery(templates: Mapping[str, Words], link: str = _SAMPLE_LINK) -> str:
    """One self-contained page showing each of *templates* (see ``Templates.samples``).

    *link* is the address of the sample's ticket, shown as the link it is in a mail.
    """
    # Translations (de/closed) come after the templates they translate, language by language.
    names = sorted(templates, key=lambda name: name.rpartition("/")[::2])
    contents = "".join(_ENTRY.format(name=escape(name)) for name in names)
    sections = (
        _SECTION.format(
            name=escape(name),
            subject=escape(words.subject),
            text=escape(wrapped(words.text)),
            html=_inner(_html(words, link)),
        )
        for name, words in ((name, templates[name]) for name in names)
    )
    return _PAGE.format(
        policy=PAGE_POLICY, count=len(templates), contents=contents, sections="\n".join(sections)
    )


def _html(words: Words, link: str) -> str:
    """As a mail has it: only addresses of tickets are links."""
    if words.html:
        return clean_html(words.html)
    start, equals, _ = link.rpartition("=")
    tickets = [word for word in words.text.split() if link and word.startswith(start + equals)]
    return text_to_html(words.text, tickets)


def _inner(page: str) -> str:
    return page.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]
