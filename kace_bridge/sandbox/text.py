"""Small text matters: tags and entities."""

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")


def strip_tags(html: str) -> str:
    """The text without tags, entities resolved; block ends become line breaks."""
    if "<" not in html and "&" not in html:
        return html
    broken = re.sub(r"(?i)<br\s*/?>|</(p|div|li|tr)>", "\n", html)
    return unescape(_TAG.sub("", broken)).strip()
