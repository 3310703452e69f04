"""The HTML part: escaped, plain, and nothing to fetch."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.notify.markup import clean_html, text_to_html

ATTACKS = (
    "<script>alert(1)</script>", "<SCRIPT SRC=//e.example/x></SCRIPT>", "<img src=x onerror=a()>",
    "<svg onload=a()><g/></svg>", "<iframe src=javascript:a()>", "<a href='javascript:a()'>x</a>",
    "<a href=' javascript:a()'>x</a>", "<a href='data:text/html,x'>x</a>", "<p onclick=a()>x</p>",
    "<p style='background:url(//e.example/x)'>x</p>", "<p style='x:expression(a())'>x</p>",
    "<link rel=stylesheet href=//e.example>", "<style>@import '//e.example'</style>",
    "<base href=//e.example>", "<form action=//e.example><input></form>",
    "<meta http-equiv=refresh>",
    "<object data=//e.example></object>", "<embed src=//e.example>", "<video poster=//e.example>",
    "<math><mi xlink:href=javascript:a()>", "<table background=//e.example><tr><td>x", "<![foo",
    "<![CDATA[<img src=x>]]>", "<!--<img src=x>-->", "<!DOCTYPE x [<!ENTITY e SYSTEM 'f'>]>",
    "<p/onclick=a()>", "<<p>img src=x>", "<p title='<img src=x>'>", "&lt;img src=x&gt;",
    "<?php x ?>",
)  # fmt: skip
_ALLOWED = re.compile(
    r'</?(?:a|b|blockquote|br|div|em|h[123]|hr|i|li|ol|p|pre|span|strong|table|td|th|tr|u|ul)'
    r'(?: (?:href="(?:https?://|mailto:)[^"<>]*"|style="[^"<>(]*"))*>'
)  # fmt: skip


def inside(page: str) -> str:
    return page.partition("<body")[2].partition(">")[2].rpartition("</body>")[0]


def harmless(page: str) -> bool:
    return not re.search("[<>]", _ALLOWED.sub("", inside(page)))


@pytest.mark.catalogue("S14")
@pytest.mark.parametrize("markup", ATTACKS)
def test_nothing_active_or_remote_survives(markup: str) -> None:
    """As a template's HTML and as ticket text."""
    assert harmless(clean_html(f"<p>{markup}</p>"))
    assert harmless(text_to_html(markup, ["https://kace/41"]))


@pytest.mark.catalogue("S14")
@given(st.text(), st.text(alphabet="<>/=\"' a!-[]ibpimgstyle&;:", max_size=60))
def test_any_markup_comes_out_harmless(text: str, markup: str) -> None:
    """Only listed tags, with listed attributes."""
    assert harmless(clean_html(text + markup))
    assert harmless(text_to_html(text + markup))


def test_plain_formatting_stays() -> None:
    """What a kind mail needs is allowed, and left open tags are closed."""
    markup = '<h1>Hi</h1><p style="color: #333">a<br>b <a href="https://k/1">c</a><ul><li>d'
    assert inside(clean_html(markup)).strip() == (
        '<h1>Hi</h1><p style="color: #333">a<br>b <a href="https://k/1">c</a>'
        "<ul><li>d</li></ul></p>"
    )


def test_the_text_becomes_paragraphs_lists_and_quotations() -> None:
    """One look is enough to tell what the desk says from what the ticket says."""
    text = "Hello\nyou\n\n> quoted <b>\n>\n> more\n- one\n- two\n\nSee: https://k/41\n"
    page = inside(text_to_html(text, ["https://k/41"]))
    assert "<p>Hello<br>\nyou</p>" in page
    assert re.search(r"<blockquote[^>]*>quoted &lt;b&gt;<br>\n<br>\nmore</blockquote>", page)
    assert "<ul><li>one</li><li>two</li></ul>" in page
    assert '<p>See: <a href="https://k/41">https://k/41</a></p>' in page


@pytest.mark.parametrize("link", ["javascript:a()", "", "https://k/\n41", "k", 'https://k"x'])
def test_a_link_that_is_none_is_not_made(link: str) -> None:
    """The address of a ticket is a web address, safely quoted."""
    page = inside(text_to_html(f"See: {link}", [link]))
    assert harmless(page)
    assert "javascript:a()" not in re.sub(r">[^<]*<", "", page)
