"""The page of templates."""

from html.parser import HTMLParser

from kace_bridge.config.templates import load_templates
from kace_bridge.notify.gallery import gallery
from kace_bridge.rules.template import Rendered, Templates


def test_every_template_is_on_the_page() -> None:
    """With its subject, as text and as HTML."""
    samples = Templates(load_templates(None)).samples()
    page = gallery(samples)
    assert [name for name in samples if f'id="{name}"' not in page] == []
    closing = "[TICK:41] Ticket #41 has been closed."
    telling = [name for name, words in samples.items() if words.subject == closing]
    assert "closed" in telling
    assert page.count(closing) == len(telling)


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    """It can be mailed around and opened anywhere."""
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)

    evil = "<script src=//e.example></script><img src=//e.example>"
    Reader().feed(gallery({"x": Rendered(evil, evil, evil), "<i>": Rendered(evil, evil)}))
    assert not tags & {"script", "img", "link", "iframe", "i"}
