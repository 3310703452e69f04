"""All templates on one page, rendered on sample data, for people to look at."""

from collections.abc import Mapping
from html import escape
from typing import Protocol

from kace_bridge.notify.markup import clean_html, text_to_html


class Words(Protocol):
    """A rendered template."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Messages</title>
<style>
body {{ font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222 }}
section {{ border-top: 1px solid #ccc; padding: 1em 0 }}
.both {{ display: grid; grid-template-columns: 1fr 1fr; gap: 2em }}
pre {{ white-space: pre-wrap; background: #f6f6f6; padding: 1em; margin: 0 }}
</style></head><body>
<h1>Messages</h1>
<p>{count} templates on sample data; left the text part, right the HTML part.</p>
{sections}
</body></html>
"""
_SECTION = """<section id="{name}">
<h2>{name}</h2>
<p><strong>{subject}</strong></p>
<div class="both"><pre>{text}</pre><div>{html}</div></div>
</section>"""


def gallery(templates: Mapping[str, Words], link: str = "") -> str:
    """One self-contained page showing each of *templates* (see ``Templates.samples``)."""
    sections = (
        _SECTION.format(
            name=escape(name),
            subject=escape(words.subject),
            text=escape(words.text),
            html=_inner(clean_html(words.html) if words.html else text_to_html(words.text, [link])),
        )
        for name, words in sorted(templates.items())
    )
    return _PAGE.format(count=len(templates), sections="\n".join(sections))


def _inner(page: str) -> str:
    return page.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]
